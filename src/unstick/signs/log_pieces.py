"""Reading a log of any size: one linear pass over pieces, then a closer look at a few of them."""

from __future__ import annotations

import os
import stat
from typing import Any, BinaryIO

from unstick.errors import UnreadableError
from unstick.signs.log_lines import Lines, applies, clean
from unstick.signs.log_state import reading
from unstick.signs.logs import LogReading
from unstick.signs.signatures._table import FALLBACKS, KINDS, PATTERNS

PIECE = 262_144
LONGEST_REST = 65_536
SET_MEMORY = 128 << 20
"""What RE2 may use for the automaton of all patterns; it grows with what the text needs."""

NOTES = frozenset(index for index, kind in enumerate(KINDS) if kind == "noise")
_sets: list[Any] = []


def _set() -> Any:
    """All signatures as one automaton, compiled once a process."""
    if not _sets:
        import re2

        options = re2.Options()
        options.case_sensitive = False
        options.max_mem = SET_MEMORY
        options.log_errors = False
        made = re2.Set.SearchSet(options)
        for pattern in PATTERNS:
            made.Add(pattern)
        made.Compile()
        _sets.append(made)
    return _sets[0]


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
    with open(handle, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UnreadableError("the log is not a regular file", where=name, reference="log-unreadable")
        return read_pieces(file, where)


def read_pieces(file: BinaryIO, where: str) -> LogReading:
    """The reading of a seekable binary file."""
    usable = applies(where)
    places: list[tuple[int, int, int]] = []
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    seen: list[tuple[int, ...]] = []
    offset, line = 0, 1
    while data := _piece(file, offset):
        found = tuple(index for index in _set().Match(clean(data)) if usable[index])
        for index in found:
            first.setdefault(index, len(places))
            last[index] = len(places)
        seen.append(found)
        places.append((offset, len(data), line))
        offset += len(data)
        line += data.count(b"\n")
    if not places:
        return reading([Lines(b"")], where)
    wanted: dict[int, set[int]] = {len(places) - 1: set(seen[-1])}
    for numbers in (first, last):
        for index, number in numbers.items():
            wanted.setdefault(number, set()).add(index)
    pieces = []
    for number in sorted(wanted):
        start, length, begin = places[number]
        file.seek(start)
        lines = Lines(file.read(length), begin)
        lines.match(_needed(wanted[number], set(seen[number])))
        pieces.append(lines)
    return reading(pieces, where)


def _needed(wanted: set[int], seen: set[int]) -> list[int]:
    """A fall-back can only be judged beside all others, an error only beside the notes that may mute it."""
    if any(FALLBACKS[index] for index in wanted):
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
