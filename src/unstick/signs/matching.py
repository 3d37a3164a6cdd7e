"""Many patterns over one text, in linear time and without compiling what cannot match.

Compiling a few hundred patterns costs 33 ms, longer than a whole diagnosis of a description may take.
So each pattern carries, worked out at build time, the literals of which at least one must occur in any
text it matches. A pattern is compiled only when one of its literals is in the text.

Patterns are RE2 syntax, ignore case unless told otherwise, and are written in ASCII or any Unicode.
"""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
    from typing import Any

_compiled: dict[tuple[str, bool], Any] = {}
_SENTENCE_END = lazy(r"[.!?][ \t\n\r\f]")
_BETWEEN_WORDS = str.maketrans(dict.fromkeys("\t\n\r\f\"'`*(", " "))


def required_literals(pattern: str) -> tuple[str, ...] | None:
    """The lower-case strings of which at least one occurs in the lower-cased text of every match.

    None when no such strings of two or more characters can be derived: the pattern is then always a
    candidate. Meant for build time: it imports Python's own pattern parser.
    """
    from unstick.signs.literals import derive

    return derive(pattern)


def candidates(text_lower: str, table: Sequence[Sequence[str] | None]) -> list[int]:
    """The indices of the patterns that may match, given the lower-cased text and each pattern's literals."""
    found = []
    for index, literals in enumerate(table):
        if literals is None:
            found.append(index)
            continue
        for literal in literals:
            if literal in text_lower:
                found.append(index)
                break
    return found


def plain(text: str) -> str:
    """The lower-cased text with each run of what may stand between two words of a phrase as one space."""
    return " ".join(f".{text.lower()}.".translate(_BETWEEN_WORDS).split())[1:-1]


def phrases(text: str, table: Sequence[Sequence[Sequence[str]]], across: Container[int] = ()) -> list[int]:
    """The indices of the phrases that may be in a text: those with a literal of each of their sets in one
    of its sentences, or anywhere in it for those in `across`.

    The literals are those of `unstick.signs.phrases.literals`.
    """
    whole = plain(text)
    sentences = [plain(sentence) for sentence in _SENTENCE_END.split(text)]
    return [
        index
        for index, sets in enumerate(table)
        if _all_in(whole, sets) and (index in across or any(_all_in(part, sets) for part in sentences))
    ]


def _all_in(text: str, sets: Sequence[Sequence[str]]) -> bool:
    for literals in sets:
        for literal in literals:
            if literal in text:
                break
        else:
            return False
    return True


def compile(pattern: str, *, ignore_case: bool = True) -> Any:
    """The compiled RE2 pattern; each is compiled once a process.

    Raises ValueError for what is not RE2 syntax (look-around, back-references).
    """
    key = (pattern, ignore_case)
    compiled = _compiled.get(key)
    if compiled is None:
        import re2

        options = re2.Options()
        options.case_sensitive = not ignore_case
        options.log_errors = False
        try:
            compiled = re2.compile(pattern, options)
        except re2.error as error:
            raise ValueError(f"not an RE2 pattern: {pattern!r}: {error}") from error
        _compiled[key] = compiled
    return compiled


class Matcher:
    """A fixed list of patterns to look for in texts of a person's size (up to some hundred kilobytes).

    `patterns` are the patterns, `literals` for each what `required_literals` gave (worked out here when
    not handed over, which is slow: hand it over on any path that a person waits for).
    """

    def __init__(
        self,
        patterns: Sequence[str],
        literals: Sequence[Sequence[str] | None] | None = None,
        *,
        ignore_case: bool = True,
    ) -> None:
        self.patterns = patterns
        self.literals = [required_literals(pattern) for pattern in patterns] if literals is None else literals
        self.ignore_case = ignore_case

    def matches(self, text: str) -> Iterator[tuple[int, Any]]:
        """The index and the first match of every pattern that matches, in the order of the patterns."""
        for index in candidates(text.lower(), self.literals):
            match = compile(self.patterns[index], ignore_case=self.ignore_case).search(text)
            if match is not None:
                yield index, match
