"""Which file of the Space a Python module name means."""

from __future__ import annotations

import posixpath

from unstick.space.files import Tree


def find_module(tree: Tree, dotted: str, folders: tuple[str, ...]) -> str:
    """The path of a module or package, searched below `folders`; an empty string when it is none of the
    Space's.
    """
    relative = dotted.replace(".", "/")
    for folder in folders:
        base = posixpath.join(folder, relative) if folder else relative
        for path in (f"{base}.py", f"{base}/__init__.py"):
            if tree.is_file(path):
                return path
    return ""


def absolute_name(module_file: str, level: int, name: str) -> str:
    """The path-like base of a relative import: folder of the module, `level - 1` steps up, then the name."""
    folder = posixpath.dirname(module_file)
    for _ in range(level - 1):
        folder = posixpath.dirname(folder)
    return posixpath.join(folder, name.replace(".", "/")).strip("/")
