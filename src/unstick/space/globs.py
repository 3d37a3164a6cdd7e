"""Wildcards of .gitignore, .dockerignore and COPY sources, matched without backtracking blow-up."""

from __future__ import annotations

from functools import lru_cache

SPECIAL = frozenset("*?[\\")


def has_wildcard(pattern: str) -> bool:
    """Whether the pattern is more than a plain name."""
    return any(c in "*?[" for c in pattern)


@lru_cache(maxsize=512)
def _tokens(pattern: str) -> tuple[tuple[str, str], ...]:
    """One segment's pattern as tokens: ('*', ''), ('?', ''), ('=', char), ('[', set text)."""
    out: list[tuple[str, str]] = []
    i, n = 0, len(pattern)
    while i < n:
        c = pattern[i]
        if c == "*":
            if not out or out[-1][0] != "*":
                out.append(("*", ""))
        elif c == "?":
            out.append(("?", ""))
        elif c == "\\" and i + 1 < n:
            i += 1
            out.append(("=", pattern[i]))
        elif c == "[" and (end := pattern.find("]", i + 2)) > 0:
            out.append(("[", pattern[i + 1 : end]))
            i = end
        else:
            out.append(("=", c))
        i += 1
    return tuple(out)


def _in_set(char: str, body: str) -> bool:
    negated = body[:1] in ("!", "^")
    body = body[1:] if negated else body
    found, i = False, 0
    while i < len(body):
        if i + 2 < len(body) and body[i + 1] == "-":
            found = found or body[i] <= char <= body[i + 2]
            i += 3
        else:
            found = found or body[i] == char
            i += 1
    return found != negated


def _fits(token: tuple[str, str], char: str) -> bool:
    kind, value = token
    if kind == "=":
        return value == char
    return kind == "?" or _in_set(char, value)


def match_segment(pattern: str, name: str) -> bool:
    """Whether one path segment fits one segment of a pattern; time is at most length times length."""
    if not SPECIAL.intersection(pattern):
        return pattern == name
    tokens = _tokens(pattern)
    i = j = 0
    star, mark = -1, 0
    while j < len(name):
        if i < len(tokens) and tokens[i][0] == "*":
            star, mark = i, j
            i += 1
        elif i < len(tokens) and _fits(tokens[i], name[j]):
            i, j = i + 1, j + 1
        elif star >= 0:
            mark += 1
            i, j = star + 1, mark
        else:
            return False
    while i < len(tokens) and tokens[i][0] == "*":
        i += 1
    return i == len(tokens)


def match_path(pattern: str, path: str) -> bool:
    """Whether a whole path fits a pattern: `*` and `?` stay inside a segment, `**` is any number of
    segments.
    """
    want, have = pattern.split("/"), path.split("/")
    if "**" not in want:
        return len(want) == len(have) and all(map(match_segment, want, have))
    reached = {0}
    for part in want:
        if part == "**":
            reached = set(range(min(reached), len(have) + 1))
        else:
            reached = {i + 1 for i in reached if i < len(have) and match_segment(part, have[i])}
        if not reached:
            return False
    return len(have) in reached
