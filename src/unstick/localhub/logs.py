"""The logs of Spaces: one file for each, appended to, followed, bounded, without secrets."""

from __future__ import annotations

import json
import os
import threading
import time

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

KINDS = ("build", "run")
MOST = 8 * 1024 * 1024
"""Bytes that one log may have; then its older half goes."""


class Entry(NamedTuple):
    """One line of a log: `at` seconds since 1970, `text` without its newline, redacted."""

    at: float
    text: str


class Logs:
    """All logs of a hub. Appending wakes those who follow.

    A place in a log counts every byte that was written to it since the hub started, so that one who follows
    neither misses nor repeats a line when the log begins anew or its older half goes.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._listeners: dict[tuple[int, str], list[Callable[[], None]]] = {}
        self._gone: dict[tuple[int, str], int] = {}

    def append(self, repo: int, kind: str, text: str, at: float | None = None) -> None:
        """Add a line. It has to be redacted already."""
        line = json.dumps([time.time() if at is None else at, text]) + "\n"
        path = self._path(repo, kind)
        with self._lock:
            with open(path, "a", encoding="utf-8") as file:
                file.write(line)
                size = file.tell()
            if size > MOST:
                self._replace(repo, kind, MOST // 2)
            listeners = tuple(self._listeners.get((repo, kind), ()))
        for listener in listeners:
            listener()

    def clear(self, repo: int, kind: str) -> None:
        """Begin the log anew: a new build, a new start. Those who follow see the new one from its start."""
        with self._lock:
            self._replace(repo, kind, None)
            listeners = tuple(self._listeners.get((repo, kind), ()))
        for listener in listeners:
            listener()

    def remove(self, repo: int) -> None:
        """Delete the logs of a Space."""
        for kind in KINDS:
            if os.path.exists(self._path(repo, kind)):
                os.unlink(self._path(repo, kind))
            self._gone.pop((repo, kind), None)

    def read(self, repo: int, kind: str, place: int = 0, most: int = 0) -> tuple[list[Entry], int]:
        """The lines from a place on (0: all that there are), and the place for the next call; no more than
        about `most` bytes of them unless it is 0."""
        with self._lock:
            gone = self._gone.get((repo, kind), 0)
            try:
                file = open(self._path(repo, kind), "rb")  # noqa: SIM115
            except FileNotFoundError:
                return [], gone
        with file:
            start = max(0, place - gone)
            file.seek(start)
            data = file.read(most) + file.readline() if most else file.read()
        whole = data[: data.rfind(b"\n") + 1]
        entries = [_entry(line) for line in whole.split(b"\n")]
        return [entry for entry in entries if entry is not None], gone + start + len(whole)

    def last(self, repo: int, kind: str, lines: int) -> int:
        """The place from which `read` gives the last so many lines."""
        with self._lock:
            gone = self._gone.get((repo, kind), 0)
            try:
                file = open(self._path(repo, kind), "rb")  # noqa: SIM115
            except FileNotFoundError:
                return gone
        with file:
            ends = [0]
            ends += [end for end, line in _ends(file) if line]
        return gone + ends[max(0, len(ends) - 1 - lines)]

    def listen(self, repo: int, kind: str, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each new line, in the thread that wrote it; gives the way to stop that."""
        with self._lock:
            self._listeners.setdefault((repo, kind), []).append(listener)

        def stop() -> None:
            with self._lock:
                self._listeners[(repo, kind)].remove(listener)
                if not self._listeners[(repo, kind)]:
                    del self._listeners[(repo, kind)]

        return stop

    def _path(self, repo: int, kind: str) -> str:
        if kind not in KINDS:
            raise ValueError(kind)
        return os.path.join(self._folder, f"{repo}-{kind}.jsonl")

    def _replace(self, repo: int, kind: str, keep_from: int | None) -> None:
        """Put a new file in the log's place, with its lines from an offset on or without any: who reads the
        old one right now reads on in it."""
        path = self._path(repo, kind)
        rest, size = b"", 0
        if os.path.exists(path):
            with open(path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                if keep_from is not None:
                    file.seek(keep_from)
                    file.readline()
                    rest = file.read()
        with open(path + ".new", "wb") as file:
            file.write(rest)
        os.replace(path + ".new", path)
        self._gone[(repo, kind)] = self._gone.get((repo, kind), 0) + size - len(rest)


def _entry(line: bytes) -> Entry | None:
    """One line of the file; None for the empty one at its end, and for one that a killed hub left torn."""
    try:
        at, text = json.loads(line)
        return Entry(float(at), str(text))
    except (ValueError, TypeError):
        return None


def _ends(file: IO[bytes]) -> Iterator[tuple[int, bool]]:
    """Where each line ends, and whether it is whole."""
    end = 0
    for line in file:
        end += len(line)
        yield end, line.endswith(b"\n")
