"""A template's placeholder left in the block.

What it finds: {{title}}, <your title>, YOUR_NAME and the like in fields that take any text. Placeholders in
fields with fixed values are bad-value's and sdk-unknown's.

Why it matters: {{…}} is no text for YAML but a map, and the rest shows up on the Space's card or names a
file that is not there.

Example:

    title: {{title}}

Instead:

    title: My Space

Repair safety: no edit; only a person knows the title.

Source: Hub docs spaces-config-reference.
"""

from __future__ import annotations

from unstick.contract.readme import field as contract_field
from unstick.record import TYPE_CHECKING
from unstick.rules._block import is_placeholder, raw_value
from unstick.rules.bad_value import FIXED
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C124",
    title="Template placeholder left in the block",
    severity="warning",
    confidence=0.8,
    needs=("fields",),
    causes=(("readme-config", 2.0),),
)


def check(space: Space) -> Iterator[Finding]:
    """One finding a field."""
    if space.readme.conflicts:
        return
    for value in space.readme.fields:
        field = contract_field(value.name)
        if field is None or field.name in FIXED or field.name == "sdk" or field.types != ("string",):
            continue
        if is_placeholder(space, value):
            seen = raw_value(space, value).strip()
            severity = "error" if value.style == "map" or value.name == "app_file" else ""
            what = f"{value.name} still holds the template's placeholder {seen}"
            yield RULE.finding(value.value, what, "Write the real value.", severity=severity)
