"""A version that YAML reads as another number.

What it finds: an unquoted sdk_version or python_version with two numbers of which the second ends in 0:
3.10 is the number 3.1, 5.10 is 5.1.

Why it matters: the platform asks for Python 3.1 or for another release of the SDK, and the build fails or
takes the wrong one.

Example:

    python_version: 3.10

Instead:

    python_version: "3.10"

Repair safety: safe, quotes go around it.

Source: YAML 1.2 core schema; Hub docs spaces-config-reference; people's build logs.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._block import quoted, replace_value
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C119",
    title="Unquoted version loses its last zero",
    confidence=0.95,
    needs=("field:sdk_version|python_version",),
    causes=(("sdk-version", 5.5),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """One finding for each of the two fields; only advice where the SDK ignores the field."""
    for name in ("sdk_version", "python_version"):
        field = space.field(name)
        if field is None or field.tag != "float" or space.readme.conflicts:
            continue
        whole, _, part = field.text.partition(".")
        if not (whole.isdigit() and part.isdigit()) or not part.endswith("0") or not part.strip("0"):
            continue
        ignored = space.sdk in ("docker", "static")
        number = f"{whole}.{part.rstrip('0')}"
        yield RULE.finding(
            field.value,
            f"{name} {field.text} without quotes is the number {number}"
            + (f"; {space.sdk} ignores it" if ignored else ""),
            f'Write `{name}: "{field.text}"`.',
            severity="advice" if ignored else "",
            edits=replace_value(space, field, quoted(field.text), safe=True),
        )
