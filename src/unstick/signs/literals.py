"""Which literal strings a pattern cannot match without. Used at build time only."""

from __future__ import annotations

import re._constants as kinds  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from typing import Any

from unstick.record import NamedTuple

MOST = 80
"""How many alternative literals one pattern may need; more would cost as much as matching."""

SPELLINGS = 6
"""How many spellings of one run of characters are told apart before it is cut there."""

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
    `required`: strings of which one must occur in a match, or None."""

    exact: frozenset[str] | None
    required: frozenset[str] | None


_ANYTHING = _Needs(None, None)
_NOTHING = _Needs(frozenset({""}), None)


def derive(pattern: str) -> tuple[str, ...] | None:
    """The required literals of a pattern, lower-cased and sorted, or None when there are none of use.

    A literal that contains another one of the set is left out: the shorter one covers it.
    """
    needs = _sequence(parser.parse(pattern))
    best = _better(needs.exact, needs.required)
    if best is None or not best or min(map(len, best)) < 2:
        return None
    return tuple(sorted(word for word in best if not any(o != word and o in word for o in best)))


def _rate(words: frozenset[str] | None) -> float:
    if words is None or not words or len(words) > MOST:
        return -1.0
    shortest = min(2 if word.strip(" :.") in COMMON else len(word) for word in words)
    return min(shortest, LONG_ENOUGH) - 0.1 * len(words) if shortest else -1.0


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    best = one if _rate(one) >= _rate(other) else other
    return best if _rate(best) > -1.0 or (best and len(best) <= MOST and min(map(len, best))) else None


def _sequence(nodes: Any) -> _Needs:
    """Nodes one after the other: neighbouring exact nodes grow together, the best run is what is required."""
    run: frozenset[str] = frozenset({""})
    best: frozenset[str] | None = None
    whole = True
    for node in nodes:
        needs = _node(node)
        if needs.exact is not None and len(run) * len(needs.exact) <= SPELLINGS:
            run = frozenset(left + right for left in run for right in needs.exact)
            continue
        whole = False
        best = _better(_better(best, run), needs.required)
        if needs.exact is not None and len(needs.exact) <= SPELLINGS:
            run = needs.exact
        else:
            run = frozenset({""})
    return _Needs(run if whole else None, best if whole else _better(best, run))


def _alternatives(branches: list[_Needs]) -> _Needs:
    exact: frozenset[str] | None = frozenset()
    required: frozenset[str] | None = frozenset()
    for branch in branches:
        exact = None if exact is None or branch.exact is None else exact | branch.exact
        own = _better(branch.exact, branch.required)
        required = None if required is None or own is None else required | own
    if exact is not None and len(exact) > MOST:
        exact = None
    return _Needs(exact, required if required and len(required) <= MOST else None)


def _node(node: Any) -> _Needs:
    kind, value = node
    if kind is kinds.LITERAL:
        return _Needs(frozenset({chr(value).lower()}), None)
    if kind is kinds.IN:
        return _characters(value)
    if kind is kinds.SUBPATTERN:
        return _sequence(value[3])
    if kind is kinds.BRANCH:
        return _alternatives([_sequence(branch) for branch in value[1]])
    if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT):
        return _repeated(*value)
    return _NOTHING if kind is kinds.AT else _ANYTHING


def _characters(members: Any) -> _Needs:
    """A character class counts as exact when it lists at most six plain characters."""
    letters = set()
    for kind, value in members:
        if kind is not kinds.LITERAL:
            return _ANYTHING
        letters.add(chr(value).lower())
    return _Needs(frozenset(letters), None) if len(letters) <= 6 else _ANYTHING


def _repeated(least: int, most: int, nodes: Any) -> _Needs:
    inner = _sequence(nodes)
    if least == most == 1:
        return inner
    if least == 0:
        if most == 1 and inner.exact is not None:
            return _Needs(inner.exact | {""}, None)
        return _ANYTHING
    return _Needs(None, _better(inner.exact, inner.required))
