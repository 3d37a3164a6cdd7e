"""Splitting shell text into simple commands and words, with their places in the text.

Not a shell: quotes, continuation lines and comments are honoured; `&&`, `||`, `;`, `|`, `&`, brackets and
line ends
separate commands. Variables stay as written.
"""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import NamedTuple

LIMIT = 200_000
_PIECE = lazy(
    r"(?P<blank>(?:[ \t]|\\\r?\n)+)|(?P<comment>(?<![^\s;&|(])#[^\n]*)|(?P<stop>&&|\|\||;;|[;|&()\n]|\r\n)"
    r"|(?P<word>(?:\\(?:[^\n]|$)|'[^']*'?|\"(?:\\.|[^\"\\])*\"?|\$\([^()]*\)|\$\{[^}]*\}|[^\s;|&()'\"\\])+)|(?P<other>.)",
    re.DOTALL,
)
_PREFIXES = {
    "sudo",
    "exec",
    "env",
    "command",
    "nice",
    "nohup",
    "time",
    "then",
    "do",
    "else",
    "if",
    "!",
    "{",
    "while",
    "until",
}


class Command(NamedTuple):
    """One simple command: its words without quotes, and offset of its beginning and end in the text.
    `offsets` are
    those of the words; `follows` is the separator before it ('||' marks a fallback, '|' a pipe)."""

    words: tuple[str, ...]
    offsets: tuple[int, ...]
    start: int
    end: int
    follows: str = ""


def split(text: str) -> list[Command]:
    """The simple commands of `text`; assignments and words such as `exec`, `then`, `sudo` before a
    command are dropped."""
    out: list[Command] = []
    words: list[str] = []
    offsets: list[int] = []
    end = 0
    follows = ""
    for piece in _PIECE.finditer(text[:LIMIT]):
        if piece.lastgroup == "word":
            words.append(unquote(piece["word"]))
            offsets.append(piece.start())
            end = piece.end()
        elif piece.lastgroup == "stop":
            _add(out, words, offsets, end, follows)
            words, offsets, follows = [], [], piece["stop"].strip() or "\n"
    _add(out, words, offsets, end, follows)
    return out


def unquote(word: str) -> str:
    """A word without its quotes and without the backslashes that protect single characters."""
    if not ("'" in word or '"' in word or "\\" in word):
        return word
    return re.sub(
        r"'([^']*)'?|\"((?:\\.|[^\"\\])*)\"?|\\(.?)",
        lambda m: (
            m[1] if m[1] is not None else re.sub(r"\\([\"\\$`])", r"\1", m[2]) if m[2] is not None else m[3]
        ),
        word,
        flags=re.DOTALL,
    )


def _add(out: list[Command], words: list[str], offsets: list[int], end: int, follows: str) -> None:
    first = 0
    while first < len(words) and (
        words[first] in _PREFIXES or re.match(r"[A-Za-z_][A-Za-z0-9_]*=", words[first])
    ):
        first += 1
    if first < len(words):
        out.append(Command(tuple(words[first:]), tuple(offsets[first:]), offsets[first], end, follows))
