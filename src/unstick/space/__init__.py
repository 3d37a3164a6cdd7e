"""Reading a repository: parsed once, raw text beside the parse, places of everything.

What is named here is imported when first asked for: a description is diagnosed without a repository.
"""

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.space.files import Tree
    from unstick.space.space import Space
    from unstick.space.types import Edit, Finding, Place

__all__ = ["Edit", "Finding", "Place", "Space", "Tree"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = {"Space": "space", "Tree": "files"}.get(name, "types")
    return getattr(import_module(f"{__name__}.{module}"), name)
