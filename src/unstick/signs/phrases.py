"""The small language in which the words of a description are written down. Used at build time only.

A phrase is a regular expression in RE2's syntax in which
- a space stands for any white space, quotes or emphasis between two words;
- ` .. ` stands for up to seventy characters of the same sentence, `.{0,N}?` for up to N of them;
- `<name>` stands for one of the alternatives given for that name in macros.toml.
A phrase that begins or ends with a letter or digit of ASCII begins or ends at a word's boundary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

GAP = r"(?:[^.!?\n]|\.[^\s]){0,70}?"
"""Within one sentence: a full stop ends it unless something follows at once (app.py, 0.0.0.0)."""

BETWEEN = r"[\s\"'`*(]+"
PERHAPS = r"[\s\"'`*(-]"
"""Between two words, and where there may be nothing or a hyphen between them."""

_REACH = re.compile(r"\.\{0,(\d+)\}\?")
_GAP = re.compile(r"\(\?:\[\^\.!\?\\n\]\|\\\.\[\^\\s\]\)\{0,\d+\}\??")
_DOT_IN_NAME = re.compile(r"\\\.(?=[A-Za-z0-9])")
_ANY_STOP = re.compile(r"\[\^|\\[SWD.?]|\.|!|\[[^\]]*\?")
_MACRO = re.compile(r"<([a-z_]+)>")


def expand(phrase: str, macros: Mapping[str, str]) -> str:
    """The RE2 pattern of a phrase. Raises KeyError for a macro that does not exist."""
    text = _MACRO.sub(lambda match: f"(?:{macros[match.group(1)]})", phrase)
    text = _REACH.sub(r"(?:[^.!?\\n]|\\.[^\\s]){0,\1}?", text)
    text = text.replace(" .. ", "\0")
    text = _spaces(text).replace("\0", rf"\b{GAP}\b")
    before = r"\b" if phrase.isascii() and _opens_with_word(phrase) else ""
    after = r"\b" if phrase.isascii() and _ends_with_word(phrase) else ""
    return f"{before}(?:{text}){after}"


def literals(pattern: str) -> tuple[tuple[str, ...], ...]:
    """Sets of literals for the pattern of a phrase: of each one must occur in a text, made plain as
    `unstick.signs.matching.plain` does, that the phrase is in."""
    from unstick.signs.literals import clauses
    from unstick.signs.matching import plain

    spaced = pattern.replace(BETWEEN, " ").replace(PERHAPS, "[ -]")
    return tuple(tuple(sorted({plain(word) for word in words})) for words in clauses(spaced))


def crosses_sentences(pattern: str) -> bool:
    """Whether the pattern of a phrase might match the end of a sentence: a stop and the space after it."""
    return _ANY_STOP.search(_DOT_IN_NAME.sub("", _GAP.sub("", pattern))) is not None


def _opens_with_word(phrase: str) -> bool:
    return _is_word(phrase.removeprefix("(?:")[:1]) or phrase[:1] == "<" or phrase.startswith("(?:<")


def _ends_with_word(phrase: str) -> bool:
    last = phrase.rstrip("?")
    if last.endswith("\\)"):
        return False
    return _is_word(last.rstrip(")")[-1:]) or last[-1:] == ">" or last.endswith(">)")


def _is_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _spaces(text: str) -> str:
    """Replace single spaces outside character classes; a `?` after a space makes it optional."""
    out = []
    in_class = False
    escaped = False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character == " ":
            optional = text[position + 1 : position + 2] == "?"
            out.append(PERHAPS if optional else BETWEEN)
            continue
        out.append(character)
    return "".join(out)
