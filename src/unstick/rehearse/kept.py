"""Which of the files that an app wrote a restart loses, and a person would miss."""

from __future__ import annotations

import os

from unstick.record import TYPE_CHECKING
from unstick.rehearse.types import Written

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDERS = ("/tmp", "/var/tmp", "/run", "/var/run", "/proc", "/sys", "/dev", "/var/log", "/var/cache", "/data")
"""Places whose content nobody expects to keep, and the one that is kept."""

PARTS = frozenset((
    "__pycache__", ".cache", ".config", ".local", ".npm", ".streamlit", ".gradio", "node_modules", ".matplotlib",
    "flagged", ".nv", ".ipython", ".jupyter",
))  # fmt: skip
SUFFIXES = (".pyc", ".pid", ".lock", ".sock", "-wal", "-shm", "-journal")
MOST = 200


def lost(paths: Iterable[str], layer: str = "") -> tuple[Written, ...]:
    """The files among `paths` (as the app sees them) that count; `layer` is where they lie on this machine,
    for their sizes. Folders are left out."""
    out = []
    for path in sorted(set(paths)):
        if not _counts(path):
            continue
        size = _size(os.path.join(layer, path.lstrip("/"))) if layer else 0
        if size is not None:
            out.append(Written(path, size))
    return tuple(out[:MOST])


def _counts(path: str) -> bool:
    return not (
        any(path == folder or path.startswith(folder + "/") for folder in FOLDERS)
        or PARTS.intersection(path.split("/"))
        or path.endswith(SUFFIXES)
    )


def _size(path: str) -> int | None:
    """The size of a file, None for what is no file or was removed."""
    import stat

    try:
        found = os.lstat(path)
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else None
