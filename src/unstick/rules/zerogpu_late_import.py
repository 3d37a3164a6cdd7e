"""CUDA is touched before `spaces` is imported.

What it finds: in the entry file of a ZeroGPU Space an import that initialises CUDA, or a call of
torch.cuda, above the import
of `spaces`.

Why it matters: 'CUDA has been initialized before importing the spaces package', and the start ends.

Example:

    import torch
    torch.cuda.init()
    import spaces

Instead:

    import spaces
    import torch

Repair safety: no edit: moving an import may change what runs before it.

Source: the package `spaces` 0.51.3.
"""

from __future__ import annotations

import ast

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.zerogpu import use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A182",
    title="CUDA before the import of spaces",
    severity="error",
    confidence=0.85,
    needs=("python", "sdk:gradio"),
    causes=(("zerogpu-usage", 5.0),),
)

HARMLESS = {"is_available", "device_count", "empty_cache", "is_bf16_supported"}
"""Calls of torch.cuda that do not initialise it, or answer without it."""


def check(space: Space) -> Iterator[Finding]:
    """One finding, at the first call that initialises CUDA."""
    found = use(space)
    if found.imported is None or not found.decorated:
        return
    path, place = found.imported
    source = space.python(path)
    if source is None or source.tree is None:
        return
    for statement in source.tree.body:
        if statement.lineno >= place.line or isinstance(
            statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        ):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and _initialises(node):
                yield RULE.finding(
                    source.place(node),
                    f"{ast.unparse(node.func)}() initialises CUDA above the import of spaces in line "
                    f"{place.line}",
                    "Import spaces first.",
                    related=(place,),
                )
                return


def _initialises(node: ast.Call) -> bool:
    name = ast.unparse(node.func)
    if name.startswith("torch.cuda."):
        return name.rpartition(".")[2] not in HARMLESS
    if name.endswith(".cuda"):
        return True
    return name.endswith(".to") and any(
        isinstance(a, ast.Constant) and str(a.value).startswith("cuda") for a in node.args
    )
