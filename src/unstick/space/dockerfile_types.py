"""What reading a Dockerfile gives."""

from __future__ import annotations

from unstick.record import NamedTuple
from unstick.space.types import Place


class Word(NamedTuple):
    """One argument: its text with quotes as written (shell form) or decoded (exec form), and its place."""

    text: str
    place: Place


class Flag(NamedTuple):
    """`--name=value` before an instruction's arguments."""

    name: str
    value: str
    place: Place


class Heredoc(NamedTuple):
    """A here-document: the marker's word, its body, whether variables are expanded, where the body stands."""

    name: str
    body: str
    expand: bool
    place: Place


class Instruction(NamedTuple):
    """One instruction with its continuation lines joined.

    `keyword` is upper case. `form` is 'exec' when the arguments are a JSON list, else 'shell'. `text` is what
    follows the flags, continuation lines joined and comments gone; `words` are its blank-separated words
    (exec form: the list). `place` spans the whole instruction, here-documents included; `last_line` is its
    last line.
    """

    keyword: str
    text: str
    words: tuple[Word, ...]
    flags: tuple[Flag, ...]
    heredocs: tuple[Heredoc, ...]
    form: str
    place: Place
    last_line: int
    marks: tuple[tuple[int, int], ...] = ()

    def offset_of(self, index: int) -> int:
        """The offset in the file of a character of `text`."""
        found = self.marks[0] if self.marks else (0, self.place.start)
        for mark in self.marks:
            if mark[0] > index:
                break
            found = mark
        return found[1] + index - found[0]

    def flag(self, name: str) -> str | None:
        """The value of a flag, or None."""
        return next((f.value for f in self.flags if f.name == name), None)

    def word_texts(self) -> tuple[str, ...]:
        """The texts of the words."""
        return tuple(w.text for w in self.words)


class Stage(NamedTuple):
    """One build stage. `base` is the image or stage as written, `instructions` what follows its FROM."""

    number: int
    name: str
    base: str
    origin: Instruction
    instructions: tuple[Instruction, ...]


class SyntaxProblem(NamedTuple):
    """Why the Docker engine refuses the file. `certain` is False for what it takes but what cannot be
    meant.
    """

    message: str
    place: Place
    certain: bool = True
    remedy: str = ""
