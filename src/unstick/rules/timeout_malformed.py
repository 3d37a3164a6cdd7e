"""A start-up timeout that cannot be read.

What it finds: a startup_duration_timeout that is no whole number with s, m, h or d after it.

Why it matters: the grammar is not documented beyond "1h" and "30m"; what cannot be read is refused or
leaves the 30 minutes that are the default.

Example:

    startup_duration_timeout: 60 minutes

Instead:

    startup_duration_timeout: 60m

Repair safety: safe where number and unit are clear; a bare number is not.

Source: Hub docs spaces-config-reference (examples); huggingface_hub 2.4 cli (durations of the same form).
"""

from __future__ import annotations

import re

from unstick.contract.timeouts import seconds
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules._block import is_placeholder, raw_value, replace_value
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C120",
    title="The start-up timeout cannot be read",
    severity="warning",
    confidence=0.8,
    needs=("field:startup_duration_timeout",),
    causes=(("slow-start", 1.5), ("readme-config", 2.0)),
)
FIXABLE = True

_LONG = lazy(r"(\d{1,6})\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|hr|h|days?|d)", re.IGNORECASE)
_MIXED = lazy(r"(\d{1,4})\s*h(?:ours?)?\s*(\d{1,4})\s*m(?:in(?:ute)?s?)?", re.IGNORECASE)


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the value."""
    field = space.field("startup_duration_timeout")
    if field is None or space.readme.conflicts or is_placeholder(space, field):
        return
    if not field.items and seconds(field.text) is not None:
        return
    meant = normal(field.text.strip())
    seen = raw_value(space, field).strip()
    yield RULE.finding(
        field.value,
        f"startup_duration_timeout is {seen or 'empty'}; it takes a whole number with s, m, h or d, as 30m",
        f"Write `startup_duration_timeout: {meant or '1h'}`.",
        edits=replace_value(space, field, meant, safe=True) if meant else (),
    )


def normal(text: str) -> str:
    """A duration in the documented form, or '' when it is not clear what was meant."""
    if found := _LONG.fullmatch(text):
        short = f"{int(found[1])}{found[2][0].lower()}"
        return short if seconds(short) else ""
    if found := _MIXED.fullmatch(text):
        return f"{int(found[1]) * 60 + int(found[2])}m"
    return ""
