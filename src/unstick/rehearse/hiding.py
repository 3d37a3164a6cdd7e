"""Takes the secrets that a call was given out of what its Space writes."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HIDDEN = "***"
LEAST = 4
"""A secret of fewer characters is not looked for: it may be a part of any word."""


def hiding(values: Iterable[str]) -> Callable[[str], str]:
    """What takes these values, and what looks like a secret, out of a text."""
    from unstick.redact import redact

    written = sorted(_written(values), key=len, reverse=True)

    def clean(text: str) -> str:
        for value in written:
            if value in text:
                text = text.replace(value, HIDDEN)
        return redact(text)

    return clean


def _written(values: Iterable[str]) -> set[str]:
    """How secrets may be written in a log: as they are, line by line, as in an address, as in JSON."""
    import json
    from urllib.parse import quote, quote_plus

    pieces = [piece for value in values for piece in (value, *map(str.strip, value.splitlines()))]
    forms = {form for piece in pieces for form in (
        piece, quote(piece, safe=""), quote(piece), quote_plus(piece), json.dumps(piece)[1:-1],
        json.dumps(piece, ensure_ascii=False)[1:-1],
    )}  # fmt: skip
    return {form for form in forms if len(form) >= LEAST}
