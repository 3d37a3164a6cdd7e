"""The plain data that reading a Space gives: places, edits, text files.

Everything is a `NamedTuple`: frozen, cheap to import (dataclasses and msgspec cost 15 and 23 ms at
start-up, a third of what `unstick check` may take as a whole).
"""

from __future__ import annotations

from unstick.record import NamedTuple


class Place(NamedTuple):
    """Where something stands. Lines and columns count from 1; 0 means that it is not known.

    `path` is relative to the Space's root, with forward slashes. `start` and `end` are character
    offsets into the file's text (-1: not known).
    """

    path: str
    line: int = 0
    column: int = 0
    start: int = -1
    end: int = -1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


class Edit(NamedTuple):
    """Replace the characters `start` to `end` of the file `path` by `text`: data, never a write.

    Offsets count characters of the file's text as decoded (a byte order mark counts as one
    character, CRLF as two), so everything outside the span stays byte for byte.
    A file that does not exist yet is created by an edit with `start == end == 0`.
    """

    path: str
    start: int
    end: int
    text: str
    safe: bool = True
    title: str = ""


class Finding(NamedTuple):
    """What one rule found at one place.

    `message` says what is wrong with the value seen and the values allowed, `remedy` what to do.
    `severity` is error, warning or advice; `confidence` a probability between 0 and 1 that an expert
    would agree; `data` carries values for the diagnosis (for instance the ports that disagree).
    """

    rule: str
    code: str
    place: Place
    message: str
    remedy: str = ""
    severity: str = "error"
    confidence: float = 0.9
    edits: tuple[Edit, ...] = ()
    related: tuple[Place, ...] = ()
    data: tuple[tuple[str, str], ...] = ()
