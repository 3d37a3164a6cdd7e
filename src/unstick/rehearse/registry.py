"""Who made what: scratch folders, containers and namespaces carry their owner in their name.

So a rehearsal that was killed leaves nothing that the next one does not find: what belongs to a process that
is not there any more is removed. The owner is a process id with the time at which that process began, as the
kernel counts it, because process ids come back.
"""

from __future__ import annotations

import os

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LABEL = "unstick.rehearsal"
"""The label of containers; its value is the owner."""


def owner() -> str:
    """This process, as the name of an owner."""
    pid = os.getpid()
    return f"{pid}-{_began(pid)}"


def alive(name: str) -> bool:
    """Whether the owner of this name still runs."""
    pid, _, began = name.partition("-")
    return pid.isdigit() and began.isdigit() and _began(int(pid)) == int(began)


def top() -> str:
    """The folder that all scratch folders are in."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(cache, "unstick", "rehearsals")


def scratch(what: str) -> str:
    """A new folder of this process. Whoever makes it removes it; `sweep` does when that did not happen."""
    import tempfile

    os.makedirs(top(), exist_ok=True)
    return tempfile.mkdtemp(prefix=f"{owner()}-{what}-", dir=top())


def remove(folder: str) -> None:
    """Delete a scratch folder, whatever rights its files have."""

    import shutil

    def again(function: Callable[[str], object], path: str, _: object) -> None:
        try:
            os.chmod(os.path.dirname(path), 0o700)
            os.chmod(path, 0o700)
            function(path)
        except OSError:
            pass

    shutil.rmtree(folder, onerror=again)


def dead(names: Iterable[str]) -> list[str]:
    """Those names that begin with an owner who is gone."""
    out = []
    for name in names:
        parts = name.split("-")
        if len(parts) >= 2 and parts[0].isdigit() and parts[1].isdigit() and not alive("-".join(parts[:2])):
            out.append(name)
    return out


def sweep() -> int:
    """Remove the scratch folders of owners who are gone; gives how many there were."""
    try:
        names = dead(os.listdir(top()))
    except OSError:
        return 0
    for name in names:
        remove(os.path.join(top(), name))
    return len(names)


def _began(pid: int) -> int:
    """When a process began, in clock ticks since the machine did; 0 when there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0
