"""Keeps what happens during a rehearsal: the timeline and both logs, redacted, and tells a listener."""

from __future__ import annotations

import threading
import time
from collections import deque

from unstick.record import TYPE_CHECKING
from unstick.redact.lines import ByLine
from unstick.rehearse.hiding import hiding
from unstick.rehearse.types import Event, Line

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD, TAIL = 2_000, 8_000
"""So many first and last lines of each log are kept; what is between them is counted."""

LONGEST = 16 * 1024
"""A line is cut at so many characters."""


class Listener:
    """Is told what happens, from any thread. This one does nothing."""

    def event(self, event: Event) -> None:
        """A new line of the timeline."""

    def line(self, log: str, line: Line) -> None:
        """A line of the 'build' or the 'run' log."""


class _Log:
    """The first and the last lines of a log."""

    def __init__(self) -> None:
        self.head: list[Line] = []
        self.tail: deque[Line] = deque(maxlen=TAIL)
        self.left_out = 0

    def add(self, line: Line) -> None:
        if len(self.head) < HEAD:
            self.head.append(line)
            return
        self.left_out += len(self.tail) == TAIL
        self.tail.append(line)

    def lines(self) -> tuple[Line, ...]:
        gap = [Line(self.tail[0].at, f"[{self.left_out} lines left out]")] if self.left_out else []
        return (*self.head, *gap, *self.tail)


class Recording:
    """The clock, the timeline and the logs of one rehearsal. `hidden` are values that are never shown."""

    def __init__(self, listener: Listener | None = None, hidden: Iterable[str] = ()) -> None:
        self.began = time.monotonic()
        self.listener = listener or Listener()
        self.clean = hiding(hidden)
        self.events: list[Event] = []
        self.logs = {"build": _Log(), "run": _Log()}
        self._by_line = {name: ByLine(self.clean) for name in self.logs}
        self.last_line = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began

    def since(self, moment: float) -> float:
        """A moment of `time.monotonic()` as seconds since the beginning."""
        return moment - self.began

    def event(self, kind: str, text: str, at: float | None = None) -> None:
        """Add a line to the timeline."""
        event = Event(self.now() if at is None else at, kind, self.clean(text))
        with self._lock:
            self.events.append(event)
        self.listener.event(event)

    def line(self, log: str, text: str) -> None:
        """Add a line to a log."""
        with self._lock:
            line = Line(self.now(), self._by_line[log](text[: 2 * LONGEST])[:LONGEST])
            self.logs[log].add(line)
            self.last_line = line.at
        self.listener.line(log, line)

    def log(self, name: str) -> tuple[Line, ...]:
        """The lines of one log so far."""
        with self._lock:
            return self.logs[name].lines()

    def timeline(self) -> tuple[Event, ...]:
        """The events so far, in order of time."""
        with self._lock:
            return tuple(sorted(self.events, key=lambda event: event.at))
