"""The processes below a process."""

from __future__ import annotations

import os

PAGE = os.sysconf("SC_PAGE_SIZE")


def of(pid: int) -> list[tuple[int, str]]:
    """Every process below `pid` with its command line, parents before children."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            parent = _parent(int(name))
            if parent:
                children.setdefault(parent, []).append(int(name))
    out: list[tuple[int, str]] = []
    todo = [pid]
    while todo:
        found = sorted(children.pop(todo.pop(0), ()))
        out += [(child, words(child)) for child in found]
        todo += found
    return out


def memory(pid: int) -> int:
    """Resident memory of a process in bytes."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE
    except (OSError, ValueError, IndexError):
        return 0


def _parent(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def words(pid: int) -> str:
    """The command line of a process, '' where there is none to be seen."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read(4096).replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""
