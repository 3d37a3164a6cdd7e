"""Whether a program looks for a volume before it uses it, and takes another folder where there is none."""

from __future__ import annotations

import ast

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unstick.space import Space
    from unstick.space.image import Image

LOOKS = frozenset(("isdir", "exists", "access", "is_dir", "ismount", "is_mount"))


def looked_for(space: Space, image: Image, path: str) -> bool:
    """Whether `path` lies on a volume (`/data` of `/data/app.db`) that the image itself lacks and that the
    program asks about first: `"/data" if os.path.isdir("/data") else "/tmp"` and the like."""
    from unstick.space.modules import modules

    top = "/" + path.split("/")[1] if path.startswith("/") else ""
    if len(top) < 2 or image.exists(top) is True:
        return False
    for name in modules(space).files:
        source = space.python(name)
        if source is not None and source.tree is not None and top in source.text and _asks(source.tree, top):
            return True
    return False


def _asks(tree: ast.Module, top: str) -> bool:
    nodes = list(ast.walk(tree))
    held = {
        target.id
        for node in nodes
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value and _speaks(node.value, top, set())
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    return any(_falls_back(node, top, held) for node in nodes)


def _falls_back(node: ast.AST, top: str, held: set[str]) -> bool:
    if isinstance(node, ast.IfExp):
        return _look(node.test, top, held)
    if isinstance(node, ast.If):
        return _look(node.test, top, held) and _chooses(node.body + node.orelse, held)
    if isinstance(node, ast.Try):
        caught = (statement for handler in node.handlers for statement in handler.body)
        return any(_speaks(s, top, held) for s in node.body) and _chooses(list(caught), held)
    return False


def _look(test: ast.expr, top: str, held: set[str]) -> bool:
    """Whether a condition asks if the volume is there or may be written."""
    return any(
        (getattr(call.func, "attr", "") or getattr(call.func, "id", "")) in LOOKS and _speaks(call, top, held)
        for call in ast.walk(test)
        if isinstance(call, ast.Call)
    )


def _speaks(node: ast.AST, top: str, held: set[str]) -> bool:
    """Whether the volume's path, or a name that holds it, stands below a node."""
    return any(
        (isinstance(n, ast.Constant) and isinstance(n.value, str) and f"{n.value}/".startswith(f"{top}/"))
        or (isinstance(n, ast.Name) and n.id in held)
        for n in ast.walk(node)
    )


def _chooses(body: Sequence[ast.stmt], held: set[str]) -> bool:
    """Whether a branch sets the name that holds the path, or gives a path back."""
    return any(
        (isinstance(node, ast.Return) and node.value is not None) or bool(held & _set(node))
        for statement in body
        for node in ast.walk(statement)
    )


def _set(node: ast.AST) -> set[str]:
    return {t.id for t in node.targets if isinstance(t, ast.Name)} if isinstance(node, ast.Assign) else set()
