"""What a Space does with ZeroGPU, and what the platform gives a Space that uses it."""

from __future__ import annotations

import ast

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.modules import modules
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Space

FLAVOURS = ("zero-a10g", "zero-gpu", "zerogpu")

PYTHONS = ("3.10", "3.12")
"""The Python releases of ZeroGPU (Hub docs spaces-zerogpu: 3.10.13 and 3.12.12; build log, 2026: 3.12.12)."""

TORCH = "torch<=2.13.0"
"""What the platform adds to the pip command of a ZeroGPU Space (build log of September 2026)."""


class Use(NamedTuple):
    """`imported` is where `spaces` is first imported, `decorated` where functions carry @spaces.GPU with
    when their file is
    loaded, `asked` where the block asks for ZeroGPU hardware, `loaded` whether a decoration is passed while the
    app is loaded."""

    imported: tuple[str, Place] | None
    decorated: tuple[tuple[Place, str], ...]
    asked: Place | None
    loaded: bool = False


def use(space: Space) -> Use:
    """How the Space uses ZeroGPU, read once."""
    known = space.__dict__.get("_zerogpu")
    if known is None:
        known = space.__dict__["_zerogpu"] = _read(space)
    return known


def wanted(space: Space) -> bool:
    """Whether this is a ZeroGPU Space: gradio, and a @spaces.GPU function or the hardware in the block says so.

    A function that decorates another when it is called, if `spaces` is there, is for any hardware.
    """
    if space.sdk != "gradio":
        return False
    found = use(space)
    return found.asked is not None or found.loaded


def brings_torch(space: Space) -> bool:
    """Whether the block asks for ZeroGPU, so that the platform adds torch to what it installs."""
    return space.sdk == "gradio" and _asked(space) is not None


def _asked(space: Space) -> Place | None:
    field = space.field("suggested_hardware")
    return field.value if field is not None and field.text.strip().lower() in FLAVOURS else None


def _read(space: Space) -> Use:
    asked = _asked(space)
    imported: tuple[str, Place] | None = None
    decorated: list[tuple[Place, str]] = []
    loaded = False
    for path, when in modules(space).files.items():
        source = space.python(path)
        if source is None or source.tree is None or "spaces" not in source.text:
            continue
        names = {"spaces"}
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name == "spaces":
                        names.add(alias.asname or "spaces")
                        imported = imported or (path, source.place(node))
            elif isinstance(node, ast.ImportFrom) and node.module == "spaces" and not node.level:
                names.update(alias.asname or alias.name for alias in node.names)
                imported = imported or (path, source.place(node))
        for node in ast.walk(source.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if any(_is_gpu(d, names) for d in node.decorator_list):
                    decorated.append((source.place(node), when))
                    loaded = loaded or when == "start"
            elif isinstance(node, ast.Call) and _is_gpu(node.func, names):
                decorated.append((source.place(node), when))
        if when == "start":
            loaded = loaded or any(
                isinstance(node, ast.Call) and _is_gpu(node.func, names) for node in _outside(source.tree)
            )
    return Use(imported, tuple(decorated), asked, loaded)


def _outside(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes of a module that do not lie in a function."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            todo += ast.iter_child_nodes(node)


def _is_gpu(node: ast.expr, names: set[str]) -> bool:
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr == "GPU" and isinstance(node.value, ast.Name) and node.value.id in names
    return isinstance(node, ast.Name) and node.id == "GPU" and "GPU" in names
