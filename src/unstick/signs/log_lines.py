"""The lines of a log, or of a piece of one, and where the signatures occur in them."""

from __future__ import annotations

from bisect import bisect_right

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.signs.matching import candidates, compile
from unstick.signs.signatures._table import KINDS, LITERALS, PATTERNS, SIGNS, WHERES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

WIDTH = 200
PROSE = frozenset(("log-error-line", "log-http-404", "log-note"))
TERMINAL = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[@-Z\\^_])"


class Occurrence(NamedTuple):
    """A signature (by index) on a line (from 1); `start` and `end` are byte offsets in the piece."""

    signature: int
    line: int
    start: int
    end: int
    groups: tuple[tuple[str, str], ...]


def applies(where: str) -> tuple[bool, ...]:
    """For each signature whether it means here what it says. People's prose loads, starts and fails all the
    time, so that in a description only the definite messages count."""
    if where == "description":
        return tuple(
            kind != "progress" and sign not in PROSE for kind, sign in zip(KINDS, SIGNS, strict=True)
        )
    excluded = {"build": "run", "run": "build"}.get(where, "")
    return tuple(meant != excluded for meant in WHERES)


def clean(data: bytes) -> bytes:
    """The bytes without terminal sequences and carriage returns. Keeps the number of lines."""
    if b"\x1b" in data:
        data = compile(TERMINAL).sub(b"", data)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b" ")
    return data


class Lines:
    """A piece of a log that begins at a line's start. `first` is the number of its first line.

    `last` is the last line that is not blank, as (number, bytes after the last carriage return), or None.
    """

    def __init__(self, data: bytes, first: int = 1) -> None:
        self.raw = data
        self.data = clean(data)
        self.first = first
        self.occurrences: list[Occurrence] = []
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """The byte offsets at which lines start."""
        if self._starts is None:
            starts, position, data = [0], self.data.find(b"\n"), self.data
            while position >= 0:
                starts.append(position + 1)
                position = data.find(b"\n", position + 1)
            self._starts = starts
        return self._starts

    def line_of(self, offset: int) -> int:
        """The number of the line that holds a byte offset."""
        return self.first + bisect_right(self.starts, offset) - 1

    def content(self, line: int) -> bytes:
        """The bytes of a line."""
        index = line - self.first
        end = self.starts[index + 1] - 1 if index + 1 < len(self.starts) else len(self.data)
        return self.data[self.starts[index] : end]

    def match_candidates(self, where: str) -> None:
        """Find the occurrences of all signatures whose literals occur."""
        usable = applies(where)
        wrapped = where == "description"
        text = self.data.decode("utf-8", "replace").lower()
        found = candidates(text.replace("\n", " ") if wrapped else text, LITERALS)
        self.match([index for index in found if usable[index]], wrapped=wrapped)

    def match(self, indices: Iterable[int], *, wrapped: bool = False) -> None:
        """Find the occurrences of these signatures; `wrapped`: also such as run over the end of a line."""
        flat = self.data.replace(b"\n", b" ") if wrapped else b""
        for index in indices:
            compiled = compile(PATTERNS[index])
            found = self._occurrences(index, compiled, self.data)
            if not found and wrapped:
                found = self._occurrences(index, compiled, flat)
            self.occurrences += found

    def _occurrences(self, index: int, compiled: Any, data: bytes) -> list[Occurrence]:
        found: list[Occurrence] = []
        for match in compiled.finditer(data):
            line = self.line_of(match.start())
            if found and found[-1].line == line:
                continue
            groups = tuple(
                (name, value.decode("utf-8", "replace")[:WIDTH])
                for name, value in match.groupdict().items()
                if value
            )
            found.append(Occurrence(index, line, match.start(), match.end(), groups))
        return found

    def quote(self, occurrence: Occurrence) -> str:
        """The part of the line around a match, at most `WIDTH` characters, without control characters."""
        start = self.starts[occurrence.line - self.first]
        line = self.content(occurrence.line)
        begin = occurrence.start - start
        if len(line) > WIDTH:
            cut = max(0, min(begin - WIDTH // 4, len(line) - WIDTH))
            line = line[cut : cut + WIDTH]
        return plain(line)

    def last(self, skipped: frozenset[int] | set[int]) -> tuple[int, str] | None:
        """Number and text of the last line that is neither blank nor among `skipped`."""
        for index in range(len(self.starts) - 1, -1, -1):
            number = self.first + index
            text = plain(self.content(number)[-4 * WIDTH :])
            if text and number not in skipped:
                return number, text[-WIDTH:]
        return None


def plain(data: bytes) -> str:
    """The text of some bytes on one line, stripped, control characters left out."""
    text = data.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in text).strip()
