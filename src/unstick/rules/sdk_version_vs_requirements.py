"""requirements.txt contradicts the SDK's version.

What it finds: a requirement on gradio or streamlit that sdk_version does not fit, so that the one pip
command of the
platform cannot be solved; with --resolve also other pins that this version of the SDK excludes.

Why it matters: the platform installs requirements.txt together with `gradio[oauth,mcp]==<sdk_version>`;
pip answers
ResolutionImpossible and the build fails.

Example:

    sdk_version: 4.20.0      # README.md
    gradio==6.15.2           # requirements.txt

Instead:

    sdk_version: 6.15.2

Repair safety: unsafe, since either side may be the one that is meant. The edit takes the version of the
requirements.

Source: build logs of 2026; Hub docs spaces-config-reference.
"""

from __future__ import annotations

from unstick.contract import releases
from unstick.contract.versions import allows
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.installed import installed
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from unstick.space import Finding, Space

RULE = Rule(
    code="B148",
    title="requirements.txt contradicts sdk_version",
    confidence=0.95,
    needs=("sdk:gradio|streamlit", "field:sdk_version"),
    network=True,
    causes=(("dependency-conflict", 6.0),),
)
FIXABLE = True


def check(space: Space, resolve: Any = None) -> Iterator[Finding]:
    """One finding for each requirement that excludes the SDK's version."""
    field = space.field("sdk_version")
    version = field.text.strip().strip("'\"") if field else ""
    if field is None or not version:
        return
    found = False
    state = space.readme.state
    severity = "error" if state == "top" else "warning"
    for requirement in installed(space).requirements():
        if requirement.name != space.sdk or requirement.url or not requirement.applies("3.12"):
            continue
        if allows(requirement.specifiers, version) is not False:
            continue
        found = True
        edits: tuple[Edit, ...] = ()
        if requirement.pin and field.value.start >= 0:
            edits = (
                Edit(
                    "README.md",
                    field.value.start,
                    field.value.end,
                    requirement.pin,
                    False,
                    "take the requirement's version",
                ),
            )
        yield RULE.finding(
            requirement.place,
            f"{requirement.raw[:60]} excludes sdk_version {version}, and both go into one pip command",
            f"Remove the line (the platform installs {space.sdk} itself), or set sdk_version to fit it.",
            severity=severity,
            edits=edits,
            related=(field.value,),
        )
    if not found and resolve is not None and releases.exists(space.sdk, version) is not False:
        # What the table already knows not to exist is sdk-version-impossible's.
        for place, message, remedy in resolve.sdk_conflicts(space):
            yield RULE.finding(place, message, remedy, related=(field.value,))
