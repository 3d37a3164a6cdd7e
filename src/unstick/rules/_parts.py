"""Whether the app uses one of the classes that a known pair of versions breaks."""

from __future__ import annotations

import ast

from unstick.record import TYPE_CHECKING
from unstick.space.modules import modules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Space


def used(space: Space, package: str, names: frozenset[str]) -> bool:
    """Whether a file that is loaded makes one of the package's classes and does something with it.

    A component that only stands there (`gr.Image("logo.png")` alone) takes no part in an event. Gradio's
    `Interface` takes the names in lower case too, and `ChatInterface` a text box with files when it is
    multimodal; the Chatbot inside it is no part of its API.
    """
    shortcuts = frozenset(name.lower() for name in names)
    for path, when in modules(space).files.items():
        source = space.python(path)
        if source is None or source.tree is None or when == "optional":
            continue
        known = _known(source.tree, package)
        if any(_takes(node, names, shortcuts) for node in _values(source.tree) if _root(node.func) in known):
            return True
    return False


def _known(tree: ast.Module, package: str) -> set[str]:
    """The names under which a file has the package or something out of it."""
    out: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            out.update((a.asname or package) for a in node.names if a.name.partition(".")[0] == package)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == package:
            out.update(a.asname or a.name for a in node.names)
    return out


def _root(node: ast.expr) -> str:
    """`gr` of `gr.components.Image`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return getattr(node, "id", "")


def _values(tree: ast.Module) -> Iterator[ast.Call]:
    """Every call whose value goes somewhere, the `launch` of an interface made in passing included."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Call):
            yield node
        for child in ast.iter_child_nodes(node):
            if isinstance(node, ast.Expr) and isinstance(child, ast.Call) and _name(child) not in _INTERFACES:
                todo += ast.iter_child_nodes(child)
            elif isinstance(child, ast.keyword) and child.arg == "chatbot":
                continue
            else:
                todo.append(child)


_INTERFACES = frozenset(("Interface", "ChatInterface"))


def _takes(call: ast.Call, names: frozenset[str], shortcuts: frozenset[str]) -> bool:
    name = _name(call)
    if name in names:
        return True
    if name == "Interface":
        return any(
            isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in shortcuts
            for argument in (*call.args, *(k.value for k in call.keywords if k.arg in ("inputs", "outputs")))
            for node in (argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else (argument,))
        )
    return name == "ChatInterface" and any(
        k.arg == "multimodal" and isinstance(k.value, ast.Constant) and k.value.value is True
        for k in call.keywords
    )


def _name(call: ast.Call) -> str:
    """`Image` of `gr.Image(…)` and of `Image(…)`, not of `PIL.Image.open(…)`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
