"""Whether a starting app still does something: its log, its processor time, its reading and writing."""

from __future__ import annotations

import os
import time

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BUSY, WORKING = 0.02, 0.3
"""Shares of one core: above the first a process does something, above the second it works. Most servers that
wait stay below 0.005; Gradio's takes up to 0.1."""

MOVED, LOADING = 256 * 1024, 4 * 1024 * 1024
"""Bytes a second, read and written together: the same for files and connections."""


class Liveness:
    """Looks at processes now and then. `quiet` is how long none of them did anything, `idle` how long none did
    more than a server that waits, in seconds."""

    def __init__(self) -> None:
        self.moved_at = self.worked_at = self.computed_at = time.monotonic()
        self._seen = time.monotonic()
        self._ticks: dict[int, int] = {}
        self._bytes: dict[int, int] = {}

    def look(self, pids: Iterable[int], last_line: float) -> None:
        """Take the state of the processes now; `last_line` is the moment of the last log line."""
        now = time.monotonic()
        passed = max(now - self._seen, 1e-3)
        pids = list(pids)
        ticks = {pid: _ticks(pid) for pid in pids}
        sizes = {pid: _bytes(pid) for pid in pids}
        spent = sum(max(0, ticks[pid] - self._ticks.get(pid, 0)) for pid in pids)
        moved = sum(max(0, sizes[pid] - self._bytes.get(pid, 0)) for pid in pids)
        share, rate = spent / os.sysconf("SC_CLK_TCK") / passed, moved / passed
        if share > BUSY or rate > MOVED:
            self.moved_at = now
        if share > WORKING or rate > LOADING:
            self.worked_at = self.computed_at = now
        self.moved_at = max(self.moved_at, last_line)
        self.worked_at = max(self.worked_at, last_line)
        self._ticks, self._bytes, self._seen = ticks, sizes, now

    @property
    def quiet(self) -> float:
        """Seconds since anything moved."""
        return time.monotonic() - self.moved_at

    @property
    def talking(self) -> float:
        """Seconds since any of them worked, log lines not counted."""
        return time.monotonic() - self.computed_at

    @property
    def idle(self) -> float:
        """Seconds since any of them worked."""
        return time.monotonic() - self.worked_at


def _ticks(pid: int) -> int:
    """Processor time of a process in clock ticks, its ended children included; 0 where it cannot be read."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return sum(int(value) for value in fields[11:15])
    except (OSError, ValueError, IndexError):
        return 0


def _bytes(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/io", encoding="ascii", errors="replace") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith(("rchar", "wchar")))
    except (OSError, ValueError, IndexError):
        return 0
