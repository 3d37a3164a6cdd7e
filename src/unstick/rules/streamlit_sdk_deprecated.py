"""Streamlit as SDK.

What it finds: sdk: streamlit.

Why it matters: it still runs, but has not been offered for new Spaces since 30 April 2025; they use Docker
with app_port 8501.

Example:

    sdk: streamlit

Instead:

    sdk: docker
    app_port: 8501

Repair safety: no edit; a Dockerfile has to be written too.

Source: Hub docs spaces-changelog, 2025-04-30.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C117",
    title="Streamlit as SDK is deprecated",
    severity="advice",
    confidence=0.95,
    needs=("sdk:streamlit",),
)


def check(space: Space) -> Iterator[Finding]:
    """One finding at the sdk."""
    field = space.field("sdk")
    if field is not None and not space.readme.conflicts:
        what = "streamlit as SDK is deprecated since 2025-04-30: existing Spaces run, new ones use docker"
        yield RULE.finding(
            field.value, what, "When it has to be moved: sdk docker, app_port 8501, and Streamlit's template."
        )
