"""Words of others, fit to be shown."""

from __future__ import annotations

from unstick.redact import redact
from unstick.text import one_line, shorten

MOST = 300


def quoted(text: str, most: int = MOST) -> str:
    """As `in_a_line`, of a text that may be very long."""
    return in_a_line(text[: 8 * most], most)


def in_a_line(text: str, most: int) -> str:
    """One line of at most `most` columns, without control characters and secrets. Cut last: half of a token is
    not known for one."""
    return shorten(redact(one_line(text)), most)
