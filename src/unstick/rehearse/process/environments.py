"""Environments kept from one rehearsal to the next, by what goes into them."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import time

from unstick.record import TYPE_CHECKING
from unstick.rehearse import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEPT = 24
"""So many environments are kept; the one not used for longest goes first."""

DAY = 24 * 3600
"""Unpinned requirements resolve anew after so long, in seconds."""


def top() -> str:
    """The folder that they are in."""
    return os.path.join(os.path.dirname(registry.top()), "environments")


def key(parts: object) -> str:
    """The name of the environment that these inputs make today."""
    text = json.dumps([parts, int(time.time() // DAY)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def kept(name: str, make: Callable[[str], None]) -> tuple[str, bool]:
    """The folder of an environment, made by `make` when it is not there; and whether it was.

    Half of one is never seen: it is made under another name, and a lock keeps two from making the same.
    """
    folder = os.path.join(top(), name)
    os.makedirs(top(), exist_ok=True)
    with _locked(folder + ".lock"):
        done = os.path.join(folder, ".unstick-complete")
        if os.path.exists(done):
            os.utime(done)
            return folder, True
        registry.remove(folder)
        try:
            make(folder)
        except BaseException:
            registry.remove(folder)
            raise
        with open(done, "w", encoding="ascii"):
            pass
    _trim()
    return folder, False


@contextlib.contextmanager
def _locked(path: str) -> Iterator[None]:
    with open(path, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _trim() -> None:
    rows = []
    for name in os.listdir(top()):
        with contextlib.suppress(OSError):
            rows.append((os.stat(os.path.join(top(), name, ".unstick-complete")).st_mtime, name))
    for _, name in sorted(rows)[:-KEPT]:
        registry.remove(os.path.join(top(), name))
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(top(), name + ".lock"))
