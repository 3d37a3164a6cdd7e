"""README.md: where its YAML block is, and what it says."""

from __future__ import annotations

import itertools
import re
from functools import cached_property

from unstick.patterns import lazy
from unstick.space.lines import Lines
from unstick.space.text_file import TextFile
from unstick.space.types import Place
from unstick.space.yaml_fast import read_flat
from unstick.space.yaml_full import Block, YamlError
from unstick.space.yaml_scalars import Field

MAX_BLOCK = 64 * 1024
_DASHES = lazy(r"^\ufeff?---[ \t]*\r?$", re.MULTILINE)
_KNOWN_KEY = lazy(
    r"^(title|emoji|colorFrom|colorTo|sdk|sdk_version|app_file|app_port|pinned|license|short_description|python_version):",
    re.MULTILINE,
)
_CONFLICT = lazy(r"^(?:<{7}|={7}|>{7})(?: .*)?\r?$", re.MULTILINE)
_FAR = 20_000


class Readme:
    """The README of a Space.

    `state` says where the block is:
    'missing' (no file), 'none' (no block anywhere), 'top' (where the Hub reads it), 'before' (something
    stands above it: text, blank lines, a code fence, a byte order mark), 'unclosed' (no second line of
    dashes), 'bare' (fields without any lines of dashes). Only in state 'top' does the Hub see the fields;
    they are read in the other states too, as what was meant. `start` and `end` are the span of the YAML text
    itself, `open` and `close` the places of the dashes.
    """

    def __init__(self, file: TextFile | None, *, bare: bool = False) -> None:
        self.file = file
        self.path = file.path if file else "README.md"
        self.text = file.text if file else ""
        self.lines = Lines(self.text, self.path)
        self.open: Place | None = None
        self.close: Place | None = None
        self.start = self.end = 0
        self.state = "missing" if file is None else self._find()
        if bare and self.state in ("bare", "none"):
            # An excerpt that quotes the block without its dashes: taken as the block itself.
            self.state, self.start, self.end = "top", 0, len(self.text)

    def _find(self) -> str:
        marks = list(_DASHES.finditer(self.text, 0, min(len(self.text), 4 * MAX_BLOCK)))
        head = self.text[:1] == "\ufeff"
        if marks and marks[0].start() == 0:
            state = "before" if head else "top"
            return self._enclosed(marks[0], marks[1] if len(marks) > 1 else None, state)
        for first, second in itertools.pairwise(marks):
            inner = self.text[first.end() : second.start()]
            if first.start() < _FAR and len(inner) < 4000 and len(set(_KNOWN_KEY.findall(inner))) >= 2:
                return self._enclosed(first, second, "before")
        found = list(_KNOWN_KEY.finditer(self.text, 0, min(len(self.text), MAX_BLOCK)))
        if len({m.group(1) for m in found}) >= 3 or (
            len(found) > 1 and any(m.group(1) == "sdk" for m in found)
        ):
            return self._without_dashes(found[0].start(), marks)
        return "none"

    def _enclosed(self, first: re.Match[str], second: re.Match[str] | None, state: str) -> str:
        self.open = self.lines.place(first.start(), first.end())
        self.start = min(first.end() + 1, len(self.text))
        if second is None:
            self.end = self._end_of_fields(self.start)
            return "unclosed"
        self.close = self.lines.place(second.start(), second.end())
        self.end = max(second.start(), self.start)
        return state

    def _without_dashes(self, first: int, marks: list[re.Match[str]]) -> str:
        self.start = first
        later = [m for m in marks if m.start() > first]
        self.end = min(self._end_of_fields(first), later[0].start() if later else len(self.text))
        return "bare"

    def _end_of_fields(self, start: int) -> int:
        """Where the lines that look like fields end, from `start` on."""
        at = start
        for row in self.text[start : start + MAX_BLOCK].splitlines(keepends=True):
            word = row.strip()
            if not (re.match(r"[A-Za-z_][\w-]*:(\s|$)", row) or (row[:1] in (" ", "-") and word.strip("-"))):
                break
            at += len(row)
        return at

    @cached_property
    def block(self) -> Block:
        """The fields, duplicates and the error of the block; empty where there is none."""
        if self.state in ("missing", "none"):
            return Block()
        line = self.lines.position(self.start)[0]
        if self.end - self.start > MAX_BLOCK:
            return Block(error=YamlError("is larger than 64 KB", self.lines.place(self.start, self.end)))
        text = self.text[self.start : self.end]
        fields = read_flat(text, self.start, line, self.path)
        if fields is not None:
            return Block(fields)
        from unstick.space.yaml_full import read_full

        return read_full(text, self.start, line, self.path)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields in order, the first of each name."""
        return self.block.fields

    @property
    def error(self) -> YamlError | None:
        """Why the block is not valid YAML, or None."""
        return self.block.error

    @property
    def duplicates(self) -> tuple[Field, ...]:
        """Fields that came a second time."""
        return self.block.duplicates

    @property
    def usable(self) -> bool:
        """Whether the Hub reads these fields: the block is at the top, closed, valid and has an sdk."""
        return self.state == "top" and self.error is None and self.field("sdk") is not None

    def field(self, name: str) -> Field | None:
        """One field by its name."""
        return next((f for f in self.fields if f.name == name), None)

    @cached_property
    def conflicts(self) -> tuple[Place, ...]:
        """The lines of a merge conflict; empty unless both an opening and a closing marker are there."""
        rows = list(_CONFLICT.finditer(self.text))
        if not {"<", ">"} <= {m.group()[0] for m in rows}:
            return ()
        return tuple(self.lines.place(m.start(), m.end()) for m in rows)

    def insert_field(self, line: str) -> tuple[int, str]:
        """Offset and text that put one more `key: value` line at the end of a block at the top."""
        newline = "\r\n" if "\r\n" in self.text[: self.end + 2] else "\n"
        end = self.end
        lead = "" if end == 0 or self.text[end - 1] == "\n" else newline
        return end, f"{lead}{line}{newline}"
