"""A colour that the Hub does not know.

What it finds: colorFrom or colorTo with another value than red, yellow, green, blue, indigo, purple, pink,
gray.

Why it matters: the Hub refuses the push ("colorTo" must be one of [...]), so nothing is deployed.

Example:

    colorTo: cyan

Instead:

    colorTo: blue

Repair safety: safe when the value is one of those or a colour with an obvious neighbour in the list (grey,
orange, cyan), since colours are only seen on the card; unsafe for words that are no colour.

Source: Hub docs spaces-config-reference; the validator's own answer.
"""

from __future__ import annotations

from unstick.contract.readme import COLORS
from unstick.record import TYPE_CHECKING
from unstick.rules._block import is_placeholder, replace_value
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C109",
    title="Colour that the Hub does not know",
    confidence=0.97,
    needs=("field:colorFrom|colorTo",),
    causes=(("readme-config", 5.0),),
)
FIXABLE = True

NEIGHBOURS = {
    "grey": "gray", "silver": "gray", "slate": "gray", "zinc": "gray", "stone": "gray", "neutral": "gray",
    "black": "gray", "white": "gray", "orange": "yellow", "amber": "yellow", "gold": "yellow",
    "brown": "yellow", "beige": "yellow", "lime": "green", "emerald": "green", "olive": "green",
    "mint": "green", "teal": "green", "turquoise": "blue", "cyan": "blue", "aqua": "blue", "sky": "blue",
    "skyblue": "blue", "lightblue": "blue", "darkblue": "blue", "navy": "blue", "azure": "blue",
    "violet": "purple", "lavender": "purple", "magenta": "pink", "fuchsia": "pink", "rose": "pink",
    "crimson": "red", "maroon": "red", "coral": "red", "salmon": "red", "scarlet": "red",
}  # fmt: skip


def check(space: Space) -> Iterator[Finding]:
    """One finding for each of the two fields with a value outside the list."""
    for name in ("colorFrom", "colorTo"):
        field = space.field(name)
        if field is None or (field.tag == "str" and field.text in COLORS) or is_placeholder(space, field):
            continue
        word = field.text.strip().lower().replace("-", "").replace(" ", "")
        near = word if word in COLORS else NEIGHBOURS.get(word, "")
        seen = f"is {field.text!r}" if field.text else "has no value"
        yield RULE.finding(
            field.value,
            f"{name} {seen}; the Hub takes only {', '.join(COLORS)}",
            f"Write `{name}: {near or 'gray'}`.",
            edits=replace_value(space, field, near or "gray", safe=bool(near)),
        )
