"""Writing a repair: each file atomically, never outside the Space."""

from __future__ import annotations

import os
import tempfile

from unstick.errors import UnreadableError
from unstick.record import TYPE_CHECKING
from unstick.space.text_file import encode

if TYPE_CHECKING:
    from unstick.repair.fix import Fix
    from unstick.space import Space


def write(space: Space, fix: Fix) -> tuple[str, ...]:
    """Write the changed files of a Space on disk and give their paths.

    A file is replaced as a whole by a finished one beside it, keeping its mode, so that it is never half
    written. Raises UnreadableError when a file changed since it was read or cannot be written.
    """
    written = []
    for change in fix.changes:
        path = _inside(space, change.path)
        before = None if change.before is None else encode(change.before, change.encoding)
        _replace(path, before, encode(change.after, change.encoding))
        written.append(change.path)
    return tuple(written)


def _inside(space: Space, path: str) -> str:
    """The real path of a file of the Space; raises when it leads out of it."""
    root = os.path.realpath(space.root)
    real = os.path.realpath(os.path.join(root, space.tree.resolve(path) or path))
    if os.path.commonpath([root, real]) != root:
        raise UnreadableError("leads out of the Space and is left alone", where=path)
    return real


def _replace(path: str, before: bytes | None, after: bytes) -> None:
    try:
        if before is not None:
            with open(path, "rb") as file:
                if file.read(len(before) + 1) != before:
                    raise UnreadableError(
                        "changed while it was being repaired", where=path, todo="Run it again."
                    )
        elif os.path.lexists(path):
            raise UnreadableError("appeared while it was being repaired", where=path, todo="Run it again.")
        mode = os.stat(path).st_mode & 0o7777 if before is not None else 0o644
        handle, name = tempfile.mkstemp(prefix=".unstick-", dir=os.path.dirname(path))
        try:
            with open(handle, "wb") as file:
                file.write(after)
            os.chmod(name, mode)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableError(f"cannot be written ({reason})", where=path) from error
