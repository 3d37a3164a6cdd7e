"""The logs of Spaces: one file for each, appended to, followed, bounded, without secrets."""

from __future__ import annotations

import json
import os
import threading
import time

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ("build", "run")
MOST = 8 * 1024 * 1024
"""Bytes that one log may have; then its older half goes."""


class Entry(NamedTuple):
    """One line of a log: `at` seconds since 1970, `text` without its newline, redacted."""

    at: float
    text: str


class Logs:
    """All logs of a hub. Appending wakes those who follow."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._listeners: dict[tuple[int, str], list[Callable[[], None]]] = {}

    def append(self, repo: int, kind: str, text: str, at: float | None = None) -> None:
        """Add a line. It has to be redacted already."""
        line = json.dumps([time.time() if at is None else at, text]) + "\n"
        path = self._path(repo, kind)
        with self._lock:
            with open(path, "a", encoding="utf-8") as file:
                file.write(line)
                size = file.tell()
            if size > MOST:
                self._halve(path)
            listeners = tuple(self._listeners.get((repo, kind), ()))
        for listener in listeners:
            listener()

    def clear(self, repo: int, kind: str) -> None:
        """Begin the log anew: a new build, a new start. Those who follow see the new one from its start."""
        with self._lock:
            with open(self._path(repo, kind), "w", encoding="utf-8"):
                pass
            listeners = tuple(self._listeners.get((repo, kind), ()))
        for listener in listeners:
            listener()

    def remove(self, repo: int) -> None:
        """Delete the logs of a Space."""
        for kind in KINDS:
            if os.path.exists(self._path(repo, kind)):
                os.unlink(self._path(repo, kind))

    def read(self, repo: int, kind: str, offset: int = 0) -> tuple[list[Entry], int]:
        """The lines from a place in the file on (0: all), and the place for the next call. A place beyond the
        end means that the log began anew: then it is read from its start."""
        path = self._path(repo, kind)
        try:
            with open(path, "rb") as file:
                if os.fstat(file.fileno()).st_size < offset:
                    offset = 0
                file.seek(offset)
                data = file.read()
        except FileNotFoundError:
            return [], 0
        whole = data[: data.rfind(b"\n") + 1]
        return [Entry(*json.loads(line)) for line in whole.splitlines()], offset + len(whole)

    def listen(self, repo: int, kind: str, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each new line, in the thread that wrote it; gives the way to stop that."""
        with self._lock:
            self._listeners.setdefault((repo, kind), []).append(listener)

        def stop() -> None:
            with self._lock:
                self._listeners[(repo, kind)].remove(listener)

        return stop

    def _path(self, repo: int, kind: str) -> str:
        if kind not in KINDS:
            raise ValueError(kind)
        return os.path.join(self._folder, f"{repo}-{kind}.jsonl")

    @staticmethod
    def _halve(path: str) -> None:
        with open(path, "rb") as file:
            file.seek(MOST // 2)
            file.readline()
            rest = file.read()
        with open(path + ".new", "wb") as file:
            file.write(rest)
        os.replace(path + ".new", path)
