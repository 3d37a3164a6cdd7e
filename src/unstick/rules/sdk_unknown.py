"""An sdk that does not exist.

What it finds: another value than gradio, docker, static or the older streamlit, also a placeholder of a
template.

Why it matters: the Hub refuses the push or the Space ends in CONFIG_ERROR.

Example:

    sdk: python

Instead:

    sdk: docker

Repair safety: safe for another spelling (Gradio), unsafe where the SDK is guessed from the other files.

Source: Hub docs spaces-config-reference.
"""

from __future__ import annotations

from unstick.contract.readme import field as contract_field
from unstick.record import TYPE_CHECKING
from unstick.rules._block import nearest, raw_value, replace_value
from unstick.rules._guess import guess_sdk
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C114",
    title="The sdk does not exist",
    confidence=0.97,
    needs=("field:sdk",),
    causes=(("readme-config", 6.5),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the value."""
    field, rule = space.field("sdk"), contract_field("sdk")
    if field is None or rule is None or space.readme.conflicts or not (field.text or field.items):
        return
    word = field.text.strip()
    if field.text in rule.allowed:
        return
    near = nearest(word, rule.allowed)
    guessed, _ = guess_sdk(space)
    meant = near or guessed
    yield RULE.finding(
        field.value,
        f"sdk is {raw_value(space, field).strip()}; there are gradio, docker, static and the older streamlit",
        f"Write `sdk: {meant or 'docker'}`.",
        edits=replace_value(space, field, meant, safe=word.lower() == near != "") if meant else (),
    )
