"""What a worker tells its hub: one JSON object a line, log lines in batches and never faster than can be read."""

from __future__ import annotations

import contextlib
import json
import threading
import time

from unstick.record import TYPE_CHECKING
from unstick.redact.lines import ByLine

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO, Any

BURST, RATE = 5000, 400
"""So many lines at once, and so many each second after that; what is more is counted, not kept. An app that
writes without end is to cost neither the hub its processor nor the disk its room."""

PAUSE = 0.05
"""Seconds for which lines are collected."""

LONGEST = 16 * 1024
"""A line is cut at so many characters."""


class Outlet:
    """The pipe to the hub. `clean` takes secrets out of a text."""

    def __init__(self, pipe: IO[bytes], clean: Callable[[str], str]) -> None:
        self._pipe, self._clean = pipe, clean
        self._by_line: dict[str, ByLine] = {}
        self._writing = threading.Lock()
        self._collecting = threading.Lock()
        self._lines: list[tuple[str, float, str]] = []
        self._left = float(BURST)
        self._filled = time.monotonic()
        self._dropped: dict[str, int] = {}
        self._wake = threading.Event()
        threading.Thread(target=self._flush_now_and_then, daemon=True).start()

    def say(self, event: str, **values: Any) -> None:
        """Send one message, after the lines that came before it. A `message` is cleaned as lines are."""
        if "message" in values:
            values["message"] = self._clean(str(values["message"]))
        with self._writing:
            self._flush()
            self._write({"event": event, **values})

    def log(self, kind: str, text: str) -> None:
        """A line of the build or the run log."""
        with self._collecting:
            now = time.monotonic()
            self._left = min(float(BURST), self._left + (now - self._filled) * RATE)
            self._filled = now
            if self._left < 1:
                self._dropped[kind] = self._dropped.get(kind, 0) + 1
                return
            self._left -= 1
            missed = self._dropped.pop(kind, 0)
            if missed:
                self._lines.append((kind, time.time(), f"[{missed} lines left out]"))
            self._lines.append((kind, time.time(), text))
        self._wake.set()

    def _flush_now_and_then(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            with self._writing:
                self._flush()
            time.sleep(PAUSE)

    def _flush(self) -> None:
        with self._collecting:
            lines, self._lines = self._lines, []
        if lines:
            cleaned = [(kind, at, self._line(kind, text)) for kind, at, text in lines]
            self._write({"event": "lines", "lines": cleaned})

    def _line(self, kind: str, text: str) -> str:
        return self._by_line.setdefault(kind, ByLine(self._clean))(text)[:LONGEST]

    def _write(self, message: dict[str, Any]) -> None:
        # A hub that is gone reads nothing: the end of its pipe to the worker tells that.
        with contextlib.suppress(OSError, ValueError):
            self._pipe.write(json.dumps(message).encode() + b"\n")
            self._pipe.flush()
