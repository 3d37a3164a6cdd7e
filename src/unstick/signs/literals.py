"""Which literal strings a pattern cannot match without. Used at build time only."""

from __future__ import annotations

import re._constants as kinds  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any


MOST = 80
"""How many alternative literals one pattern may need; more would cost as much as matching."""

SPELLINGS = 6
"""How many spellings of one run of characters are told apart before it is cut there."""

MORE_SPELLINGS = 32
"""The same where a pattern is tried against all of its sets, and few candidates matter most."""

LONG_ENOUGH = 12
"""Beyond this length a longer literal is no rarer in practice."""

COMMON = frozenset(
    (
        "error",
        "errors",
        "exception",
        "fail",
        "failed",
        "failure",
        "page",
        "service",
        "server",
        "started",
        "running",
        "worker",
        "module",
        "http",
        "https",
        "file",
        "python",
        "docker",
        "space",
        "build",
        "model",
        "port",
        "not found",
        "not",
        "has no",
        "missing",
        "with",
        "this",
        "from",
        "that",
        "timeout",
        "timed out",
        "install",
        "found",
        "log",
    )
)
"""Words that are in most logs and descriptions: hardly better than none."""


class _Needs(NamedTuple):
    """`exact`: all strings the node can match, or None when they are too many to list.
    `required`: sets of strings; one of each must occur in a match."""

    exact: frozenset[str] | None
    required: tuple[frozenset[str], ...] = ()

    @property
    def all(self) -> tuple[frozenset[str], ...]:
        """The sets of which one string must occur, those of the whole first."""
        return self.required if self.exact is None else (self.exact, *self.required)


_ANYTHING = _Needs(None)
_NOTHING = _Needs(frozenset({""}))


def derive(pattern: str) -> tuple[str, ...] | None:
    """The required literals of a pattern, lower-cased and sorted, or None when there are none of use.

    A literal that contains another one of the set is left out: the shorter one covers it.
    """
    best = _best(_sequence(parser.parse(pattern)).all)
    return _shortest(best) if best and min(map(len, best)) >= 2 else None


def clauses(pattern: str, most: int = 3) -> tuple[tuple[str, ...], ...]:
    """Up to `most` such sets, the most telling first: of each one literal must occur."""
    sets = _sequence(parser.parse(pattern), MORE_SPELLINGS).all
    usable = list(dict.fromkeys(words for words in sets if len(words) <= MOST and min(map(len, words)) >= 2))
    telling = [words for words in usable if not any(_follows(words, other) for other in usable)]
    return tuple(_shortest(words) for words in sorted(telling, key=_rate, reverse=True)[:most])


def _follows(words: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a text with one of the other words always has one of these, too."""
    return words != other and all(any(word in longer for word in words) for longer in other)


def _shortest(words: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(word for word in words if not any(o != word and o in word for o in words)))


def _rate(words: frozenset[str] | None) -> float:
    if words is None or not words or len(words) > MOST:
        return -1.0
    shortest = min(2 if word.strip(" :.") in COMMON else len(word) for word in words)
    return min(shortest, LONG_ENOUGH) - 0.1 * len(words) if shortest else -1.0


def _best(sets: Iterable[frozenset[str]]) -> frozenset[str] | None:
    return max((words for words in sets if _rate(words) > -1.0), key=_rate, default=None)


def _sequence(nodes: Any, spellings: int = SPELLINGS) -> _Needs:
    """Nodes one after the other: neighbouring exact nodes grow together to runs."""
    run: frozenset[str] = frozenset({""})
    required: list[frozenset[str]] = []
    whole = True
    for node in nodes:
        needs = _node(node, spellings)
        if needs.exact is not None and len(run) * len(needs.exact) <= spellings:
            run = frozenset(left + right for left in run for right in needs.exact)
            continue
        whole = False
        required += (run, *needs.required)
        if needs.exact is not None and len(needs.exact) <= spellings:
            run = needs.exact
        else:
            required += [needs.exact] if needs.exact is not None else []
            run = frozenset({""})
    if whole:
        return _Needs(run, tuple(required))
    return _Needs(None, tuple(words for words in (*required, run) if min(map(len, words)) > 0))


def _alternatives(branches: list[_Needs]) -> _Needs:
    exact: frozenset[str] | None = frozenset()
    required: frozenset[str] | None = frozenset()
    for branch in branches:
        exact = None if exact is None or branch.exact is None else exact | branch.exact
        own = _best(branch.all)
        required = None if required is None or own is None else required | own
    if exact is not None and len(exact) > MOST:
        exact = None
    return _Needs(exact, (required,) if required and len(required) <= MOST else ())


def _node(node: Any, spellings: int) -> _Needs:
    kind, value = node
    if kind is kinds.LITERAL:
        return _Needs(frozenset({chr(value).lower()}))
    if kind is kinds.IN:
        return _characters(value)
    if kind is kinds.SUBPATTERN:
        return _sequence(value[3], spellings)
    if kind is kinds.BRANCH:
        return _alternatives([_sequence(branch, spellings) for branch in value[1]])
    if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT):
        least, most, repeated = value
        return _repeated(least, most, _sequence(repeated, spellings))
    return _NOTHING if kind is kinds.AT else _ANYTHING


def _characters(members: Any) -> _Needs:
    """A character class counts as exact when it lists at most six plain characters."""
    letters = set()
    for kind, value in members:
        if kind is not kinds.LITERAL:
            return _ANYTHING
        letters.add(chr(value).lower())
    return _Needs(frozenset(letters)) if len(letters) <= 6 else _ANYTHING


def _repeated(least: int, most: int, inner: _Needs) -> _Needs:
    if least == most == 1:
        return inner
    if least == 0:
        if most == 1 and inner.exact is not None:
            return _Needs(inner.exact | {""})
        return _ANYTHING
    return _Needs(None, inner.all)
