"""No sdk_version beside an SDK that has versions.

What it finds: sdk gradio or streamlit without sdk_version.

Why it matters: nothing says which release the app was written for, so a rebuild may take one that it does
not run with.

Example:

    sdk: gradio

Instead:

    sdk: gradio
    sdk_version: 5.49.1

Repair safety: no edit; which version the app runs with has to be tried.

Source: Hub docs spaces-config-reference.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C115",
    title="No sdk_version",
    severity="advice",
    confidence=0.85,
    needs=("sdk:gradio|streamlit",),
    causes=(("sdk-version", 0.8),),
)


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the sdk."""
    readme = space.readme
    sdk, version = readme.field("sdk"), readme.field("sdk_version")
    if readme.state != "top" or readme.error or readme.conflicts or sdk is None:
        return
    if version is None or (version.tag == "null" and not version.items):
        yield RULE.finding(
            sdk.value if version is None else version.value,
            f"no sdk_version: a rebuild takes whatever {space.sdk} release the platform then prefers",
            f"Add the {space.sdk} version that the app was tried with.",
        )
