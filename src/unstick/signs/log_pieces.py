"""Reading a log of any size: one linear pass over pieces, then a closer look at a few of them."""

from __future__ import annotations

import os
import stat

from unstick.errors import UnreadableError
from unstick.record import TYPE_CHECKING
from unstick.signs.log_lines import Lines, applies, clean
from unstick.signs.log_state import reading
from unstick.signs.logs import LogReading
from unstick.signs.matching import compile
from unstick.signs.signatures._table import FALLBACKS, GENERAL, KINDS, LITERALS, PATTERNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, BinaryIO

PIECE = 262_144
LONGEST_REST = 65_536
SET_MEMORY = 128 << 20
"""What RE2 may use for one automaton; it grows with what the text needs."""

ONE_BY_ONE = 30
"""So many doubtful signatures of a piece are tried one by one; more go together."""

NOTES = frozenset(index for index, kind in enumerate(KINDS) if kind == "noise")
_sets: dict[str, Any] = {}


def _set(name: str) -> Any:
    """All signatures as one automaton, compiled once a process: `literals` only says which may match, but its
    automaton stays small on any text; `patterns` is exact, and slow where many gaps (`.{0,80}`) are open."""
    if name not in _sets:
        import re2

        options = re2.Options()
        options.case_sensitive = False
        options.max_mem = SET_MEMORY
        options.log_errors = False
        if name == "literals":
            options.encoding = re2.Options.Encoding.LATIN1
        made = re2.Set.SearchSet(options)
        for pattern, literals in zip(PATTERNS, LITERALS, strict=True):
            rough = literals and name == "literals"
            made.Add("|".join(map(re2.escape, literals or ())) if rough else pattern)
        made.Compile()
        _sets[name] = made
    return _sets[name]


class _Seen:
    """Where in the pieces the signatures occur: the first piece of each, and all in which it may."""

    def __init__(self, where: str) -> None:
        self.usable = applies(where)
        self.first: dict[int, int] = {}
        self.perhaps: list[tuple[int, ...]] = []

    def add(self, data: bytes) -> None:
        """Look at the next piece."""
        number = len(self.perhaps)
        found = tuple(index for index in _set("literals").Match(data) or () if self.usable[index])
        self.perhaps.append(found)
        doubtful = [index for index in found if index not in self.first]
        if len(doubtful) > ONE_BY_ONE:
            certain = _set("patterns").Match(data) or ()
            doubtful = [index for index in doubtful if index in certain]
        else:
            doubtful = [index for index in doubtful if compile(PATTERNS[index]).search(data)]
        self.first.update((index, number) for index in doubtful)

    def last(self, data_of: Callable[[int], bytes]) -> dict[int, int]:
        """The last piece of each signature that occurs, found from the end."""
        missing = set(self.first)
        last: dict[int, int] = {}
        for number in range(len(self.perhaps) - 1, -1, -1):
            if not missing:
                break
            doubtful = missing.intersection(self.perhaps[number])
            if not doubtful:
                continue
            data = data_of(number)
            if len(doubtful) > ONE_BY_ONE:
                doubtful &= set(_set("patterns").Match(data) or ())
            else:
                doubtful = {index for index in doubtful if compile(PATTERNS[index]).search(data)}
            last.update((index, number) for index in doubtful)
            missing -= doubtful
        return last


def read_path(path: str | os.PathLike[str], where: str) -> LogReading:
    """The reading of a regular file; links are not followed, pipes and devices not opened."""
    name = os.fspath(path)
    flags = os.O_RDONLY
    for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
        flags |= getattr(os, flag, 0)
    try:
        handle = os.open(name, flags)
    except (OSError, ValueError) as error:
        what = f"the log cannot be read ({error.strerror if isinstance(error, OSError) else error})"
        raise UnreadableError(what, where=name, reference="log-unreadable") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UnreadableError("the log is not a regular file", where=name, reference="log-unreadable")
    with open(handle, "rb", buffering=0) as file:
        return read_pieces(file, where)


def read_pieces(file: BinaryIO, where: str) -> LogReading:
    """The reading of a seekable binary file."""
    places: list[tuple[int, int, int]] = []
    seen = _Seen(where)
    offset, line = 0, 1
    while data := _piece(file, offset):
        seen.add(clean(data))
        places.append((offset, len(data), line))
        offset += len(data)
        line += data.count(b"\n")
    if not places:
        return reading([Lines(b"")], where)

    def data_of(number: int) -> bytes:
        file.seek(places[number][0])
        return file.read(places[number][1])

    wanted: dict[int, set[int]] = {len(places) - 1: set()}
    for numbers in (seen.first, seen.last(lambda number: clean(data_of(number)))):
        for index, number in numbers.items():
            wanted.setdefault(number, set()).add(index)

    def pieces() -> Iterator[Lines]:
        for number in sorted(wanted):
            lines = Lines(data_of(number), places[number][2])
            lines.match(_needed(wanted[number], set(seen.perhaps[number])))
            yield lines

    return reading(pieces(), where)


def _needed(wanted: set[int], seen: set[int]) -> list[int]:
    """What yields to others can only be judged beside all of them, the rest beside the notes."""
    if any(FALLBACKS[index] or GENERAL[index] for index in wanted):
        return sorted(seen)
    return sorted(wanted | (seen & NOTES))


def _piece(file: BinaryIO, offset: int) -> bytes:
    """The next bytes, up to a line's end unless the line is very long."""
    file.seek(offset)
    data = file.read(PIECE)
    if len(data) < PIECE or data.endswith(b"\n"):
        return data
    rest = file.read(LONGEST_REST)
    end = rest.find(b"\n")
    return data + (rest[: end + 1] if end >= 0 else rest)
