"""A short_description of more than 60 characters.

What it finds: the length that the Hub counts above 60.

Why it matters: the Hub refuses the push: "short_description" length must be less than or equal to 60
characters long.

Example:

    short_description: An assistant for everything that one could ever want to ask an assistant

Instead:

    short_description: An assistant for everything

Repair safety: unsafe, words are lost: it is cut after the last whole word that fits.

Source: the validator's own answer.
"""

from __future__ import annotations

from unstick.contract.readme import field as contract_field
from unstick.record import TYPE_CHECKING
from unstick.rules._block import quoted, replace_value
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C112",
    title="short_description is too long",
    confidence=0.97,
    needs=("field:short_description",),
    causes=(("readme-config", 4.0),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the value."""
    field, rule = space.field("short_description"), contract_field("short_description")
    if field is None or rule is None or field.items or space.readme.conflicts:
        return
    length = units(field.text)
    if length <= rule.maximum:
        return
    short = shortened(field.text, rule.maximum)
    yield RULE.finding(
        field.value,
        f"short_description is {length} characters long; the Hub takes at most {rule.maximum}",
        "Shorten it.",
        edits=replace_value(space, field, quoted(short), safe=False) if short else (),
    )


def units(text: str) -> int:
    """The length as JavaScript counts it: characters beyond the basic plane count twice."""
    return sum(2 if ord(c) > 0xFFFF else 1 for c in text)


def shortened(text: str, limit: int) -> str:
    """The text up to the last whole word that fits, without what cannot end a sentence."""
    out = ""
    for word in text.split():
        longer = f"{out} {word}" if out else word
        if units(longer) > limit:
            break
        out = longer
    while out.rpartition(" ")[2].lower().strip(",;:-–—&") in (
        "",
        "and",
        "or",
        "with",
        "for",
        "the",
        "a",
        "of",
        "to",
        "in",
    ):
        if " " not in out:
            break
        out = out.rpartition(" ")[0]
    return out.rstrip(" ,;:-–—&")
