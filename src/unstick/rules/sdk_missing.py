"""A block without sdk.

What it finds: a block at the top that names no sdk, or an empty one.

Why it matters: CONFIG_ERROR, "Missing configuration in README".

Example:

    ---
    title: Demo
    ---

Instead:

    ---
    title: Demo
    sdk: docker
    ---

Repair safety: unsafe, the SDK is guessed from the other files.

Source: Hub docs spaces-config-reference; the stage's own message.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._block import replace_value
from unstick.rules._guess import guess_sdk
from unstick.rules.base import Rule
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C113",
    title="The block names no sdk",
    confidence=0.95,
    needs=("fields",),
    causes=(("readme-config", 6.5),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the empty field or at the first line."""
    readme = space.readme
    field = readme.field("sdk")
    if readme.state != "top" or readme.error is not None or readme.conflicts:
        return
    if field is not None and (field.text.strip() or field.items):
        return
    sdk, _ = guess_sdk(space)
    edits: tuple[Edit, ...] = ()
    if sdk and field is not None:
        edits = replace_value(space, field, sdk, safe=False)
    elif sdk:
        at, text = readme.insert_field(f"sdk: {sdk}")
        edits = (Edit(readme.path, at, at, text, False, f"add sdk: {sdk}"),)
    place = field.value if field else readme.open or Place(readme.path, 1)
    what = "sdk has no value" if field else "the block names no sdk"
    yield RULE.finding(place, what, f"Add `sdk: {sdk or 'gradio'}` (gradio, docker or static).", edits=edits)
