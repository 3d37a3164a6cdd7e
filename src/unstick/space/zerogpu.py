"""What a Space does with ZeroGPU, and what the platform gives a Space that uses it."""

from __future__ import annotations

import ast

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.modules import modules
from unstick.space.types import Place

if TYPE_CHECKING:
    from unstick.space import Space

FLAVOURS = ("zero-a10g", "zero-gpu", "zerogpu")

PYTHONS = ("3.10", "3.12")
"""The Python releases of ZeroGPU (Hub docs spaces-zerogpu: 3.10.13 and 3.12.12; build log, 2026: 3.12.12)."""

TORCH = "torch<=2.13.0"
"""What the platform adds to the pip command of a ZeroGPU Space (build log of September 2026)."""


class Use(NamedTuple):
    """`imported` is where `spaces` is first imported, `decorated` where functions carry @spaces.GPU with
    when their file is
    loaded, `asked` where the block asks for ZeroGPU hardware."""

    imported: tuple[str, Place] | None
    decorated: tuple[tuple[Place, str], ...]
    asked: Place | None


def use(space: Space) -> Use:
    """How the Space uses ZeroGPU, read once."""
    known = space.__dict__.get("_zerogpu")
    if known is None:
        known = space.__dict__["_zerogpu"] = _read(space)
    return known


def wanted(space: Space) -> bool:
    """Whether this is a ZeroGPU Space: gradio, with a @spaces.GPU function or with the hardware in the block."""
    if space.sdk != "gradio":
        return False
    found = use(space)
    return found.asked is not None or bool(found.decorated)


def _read(space: Space) -> Use:
    field = space.field("suggested_hardware")
    asked = field.value if field is not None and field.text.strip().lower() in FLAVOURS else None
    imported: tuple[str, Place] | None = None
    decorated: list[tuple[Place, str]] = []
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
            elif isinstance(node, ast.Call) and _is_gpu(node.func, names):
                decorated.append((source.place(node), when))
    return Use(imported, tuple(decorated), asked)


def _is_gpu(node: ast.expr, names: set[str]) -> bool:
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr == "GPU" and isinstance(node.value, ast.Name) and node.value.id in names
    return isinstance(node, ast.Name) and node.id == "GPU" and "GPU" in names
