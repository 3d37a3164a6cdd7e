"""An emoji field that holds no emoji.

What it finds: a name or shortcode (:robot:, rocket), letters, a country's flag (two regional letters), or
no value.

Why it matters: the Hub refuses the push.

Example:

    emoji: ":robot:"

Instead:

    emoji: 🤖

Repair safety: safe for names of well-known emoji, unsafe (🚀) for the rest.

Source: Hub docs spaces-config-reference ("emoji characters allowed"); people's repairs of refused pushes.
The exact test is not documented.
"""

from __future__ import annotations

from unstick.contract.emoji import NAMES, is_emoji, is_flag
from unstick.record import TYPE_CHECKING
from unstick.rules._block import is_placeholder, replace_value
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C110",
    title="The emoji field holds no emoji",
    confidence=0.93,
    needs=("field:emoji",),
    causes=(("readme-config", 4.5),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the value."""
    field = space.field("emoji")
    if field is None or space.readme.conflicts or is_placeholder(space, field):
        return
    text = field.text.strip()
    flag = is_flag(text)
    if text and not flag and not field.items and is_emoji(text):
        return
    name = text.strip(":").lower().replace("-", "_").replace(" ", "_")
    emoji = NAMES.get(name, "")
    if flag:
        seen = f"{text!r} is a country's flag, which is no single emoji character"
    else:
        seen = f"{text!r} is no emoji character" if text else "has no value"
    yield RULE.finding(
        field.value,
        f"emoji {seen}; the Hub takes emoji characters only",
        f"Write `emoji: {emoji or '🚀'}`.",
        severity="warning" if flag else "",
        confidence=0.6 if flag else -1,
        edits=replace_value(space, field, emoji or "🚀", safe=bool(emoji)),
    )
