"""ZeroGPU asked for by an SDK that does not have it.

What it finds: suggested_hardware names ZeroGPU, or a function carries @spaces.GPU, in a Docker, Streamlit
or static Space.

Why it matters: 'ZeroGPU is only compatible with Gradio 4+': elsewhere the package does nothing.

Example:

    sdk: docker
    suggested_hardware: zero-a10g

Instead:

    sdk: gradio
    suggested_hardware: zero-a10g

Repair safety: no edit.

Source: Hub docs spaces-zerogpu.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.zerogpu import use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A184",
    title="ZeroGPU with an SDK that has none",
    severity="warning",
    confidence=0.85,
    needs=("sdk:docker|streamlit|static",),
    causes=(("zerogpu-usage", 4.0),),
)


def check(space: Space) -> Iterator[Finding]:
    """One finding: a warning where the block asks for it, advice where only the code does."""
    found = use(space)
    if found.asked is not None:
        yield RULE.finding(
            found.asked,
            f"ZeroGPU exists for the gradio SDK only, and this is {space.sdk}",
            "Take other hardware, or sdk: gradio.",
        )
    elif found.decorated:
        yield RULE.finding(
            found.decorated[0][0],
            f"@spaces.GPU does nothing in a {space.sdk} Space: ZeroGPU exists for the gradio SDK only",
            "Remove it, or change to sdk: gradio.",
            severity="advice",
        )
