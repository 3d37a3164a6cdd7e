"""The JSON lists of a Dockerfile, those only meant as such, and lines joined by continuations."""

from __future__ import annotations

import re
from bisect import bisect_right

from unstick.patterns import lazy
from unstick.space.dockerfile_types import Instruction


class Pieces:
    """Joined lines that remember where each came from."""

    __slots__ = ("marks", "parts", "size")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.marks: list[tuple[int, int]] = []
        self.size = 0

    def add(self, text: str, at: int) -> None:
        """Append text that stands at the offset `at` of the file."""
        self.marks.append((self.size, at))
        self.parts.append(text)
        self.size += len(text)

    @property
    def text(self) -> str:
        """All pieces as one."""
        return "".join(self.parts)

    def marks_from(self, index: int) -> list[tuple[int, int]]:
        """The marks that count from `index` on."""
        first = max((i for i, m in enumerate(self.marks) if m[0] <= index), default=0)
        return self.marks[first:]

    def source(self, index: int) -> int:
        """Offset in the file of one character of the joined text."""
        logical, at = self.marks[max(bisect_right(self.marks, (index, 1 << 60)) - 1, 0)]
        return at + index - logical


_QUOTED = lazy(r"\[\s*(?:['\"“”‘’][^'\"“”‘’\n]*['\"“”‘’]\s*,\s*)*['\"“”‘’][^'\"“”‘’\n]*['\"“”‘’]\s*,?\s*\]")
_STRING = lazy(r"\s*(\"(?:[^\"\\\x00-\x1f]|\\.)*\")\s*([,\]])")


def json_list(text: str) -> list[tuple[str, int, int]] | None:
    """The strings of a JSON list with their spans (quotes left out), or None when it is not one."""
    out: list[tuple[str, int, int]] = []
    at = 1
    if re.fullmatch(r"\[\s*\]", text):
        return out
    while match := _STRING.match(text, at):
        word = match.group(1)[1:-1]
        if "\\" in word:
            import json

            try:
                word = json.loads(match.group(1))
            except ValueError:
                return None
        out.append((word, match.start(1) + 1, match.end(1) - 1))
        at = match.end()
        if match.group(2) == "]":
            return out if not text[at:].strip() else None
    return None


def shell_word(step: Instruction) -> str:
    """A word of a start command's list that only a shell would understand; '' when there is none."""
    words = step.word_texts()
    if step.keyword not in ("CMD", "ENTRYPOINT", "RUN") or not words:
        return ""
    if re.match(r"[A-Za-z_]\w*=", words[0]):
        return words[0].partition("=")[0][:40] + "="
    if words[0].rsplit("/", 1)[-1] in ("cd", "export", "source"):
        return words[0]
    return next((w for w in words if w in ("&&", "||", ";", "|", "&")), "")


def meant_as_list(keyword: str, text: str) -> bool:
    """Whether shell text is a list in wrong quotes, or for a start command one that is not well formed."""
    if not text.startswith("["):
        return False
    return _QUOTED.fullmatch(text) is not None or (
        keyword in ("CMD", "ENTRYPOINT") and text[:2] in ('["', "['", "[“", "[‘")
    )


def unclosed_quote(text: str) -> bool:
    """Whether a quote is opened and not closed again."""
    quote = ""
    skip = False
    for char in text:
        if skip:
            skip = False
        elif char == "\\" and quote != "'":
            skip = True
        elif char == quote:
            quote = ""
        elif not quote and char in "\"'":
            quote = char
    return bool(quote)
