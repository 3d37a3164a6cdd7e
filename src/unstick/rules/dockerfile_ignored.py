"""A Dockerfile stands beside an SDK that ignores it.

What it finds: a file Dockerfile in the root of a Gradio, Streamlit or static Space.

Why it matters: what it installs and sets has no effect. Often a leftover; sometimes the SDK is the mistake.

Example:

    sdk: gradio         (and a Dockerfile)

Instead:

    sdk: docker

Repair safety: none is proposed: which of the two is meant is for the author to say.

Source: Hub docs spaces-config-reference.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C138",
    title="The Dockerfile is ignored",
    severity="advice",
    confidence=0.95,
    needs=("dockerfile", "sdk:gradio|streamlit|static"),
)


def check(space: Space) -> Iterator[Finding]:
    """One finding at the Dockerfile."""
    yield RULE.finding(
        Place("Dockerfile", 1, 1, 0, 0),
        f"sdk is {space.sdk}: the Dockerfile has no effect",
        "Write `sdk: docker` if it is meant, else leave it.",
    )
