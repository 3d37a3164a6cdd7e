"""A quote of an app's own words, fit to be shown."""

from __future__ import annotations

from unstick.redact import redact
from unstick.text import one_line, shorten

MOST = 300


def quoted(text: str, most: int = MOST) -> str:
    """One line of at most `most` columns, without control characters and secrets."""
    return shorten(redact(one_line(text[: 8 * most])), most)
