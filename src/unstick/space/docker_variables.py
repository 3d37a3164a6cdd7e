"""Variables in a Dockerfile: ENV assignments and `$NAME`, `${NAME:-default}` in values."""

from __future__ import annotations

import re
from collections.abc import Mapping

from unstick.patterns import lazy
from unstick.space.dockerfile_types import Instruction
from unstick.space.types import Place

_PAIR = lazy(r"([^\s=\"']+)=")
_VARIABLE = lazy(r"\\?\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])([^{}]*))?\})")


def trim_quotes(text: str) -> str:
    """A word without its surrounding quotes and without backslashes before blanks and quotes."""
    out: list[str] = []
    quote = ""
    i = 0
    while i < len(text):
        char = text[i]
        if char == "\\" and quote != "'" and i + 1 < len(text) and (not quote or text[i + 1] in '"\\$'):
            i += 1
            out.append(text[i] if text[i] != "$" else "\\$")
        elif char == quote:
            quote = ""
        elif not quote and char in "\"'":
            quote = char
        else:
            out.append(char)
        i += 1
    return "".join(out)


def assignments(step: Instruction) -> list[tuple[str, str, Place]]:
    """Name, value (quotes gone, variables not filled in) and place of the value of each pair of an ENV or
    LABEL line.
    """
    words = step.words
    if not words or len(step.text) > 200_000:
        return []
    if "=" not in words[0].text:
        if len(words) < 2:
            return []
        value = step.text[len(words[0].text) :].strip()
        place = words[1].place._replace(end=words[-1].place.end)
        return [(words[0].text, trim_quotes(value) if len(words) == 2 else value, place)]
    out = []
    for word in words:
        match = _PAIR.match(word.text)
        if match is None:
            return []
        place = word.place
        at = match.end()
        place = Place(place.path, place.line, place.column + at, place.start + at, place.end)
        out.append((match.group(1), trim_quotes(word.text[at:]), place))
    return out


def expand(text: str, known: Mapping[str, str]) -> str:
    """Fill in variables as the Docker engine does; one that is not known becomes empty."""
    if "$" not in text:
        return text
    for _ in range(3):
        changed = _VARIABLE.sub(lambda m: _value(m, known), text[:20_000])
        if changed == text or "${" not in changed:
            return changed
        text = changed
    return text


def _value(match: re.Match[str], known: Mapping[str, str]) -> str:
    if match.group().startswith("\\"):
        return match.group()[1:]
    name = match.group(1) or match.group(2)
    operator, word = match.group(3) or "", match.group(4) or ""
    value = known.get(name)
    if operator.endswith("-"):
        return word if value is None or (operator == ":-" and not value) else value
    if operator.endswith("+"):
        return "" if value is None or (operator == ":+" and not value) else word
    return value or ""
