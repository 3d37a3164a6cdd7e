"""Versions that ZeroGPU does not support.

What it finds: in a ZeroGPU Space a python_version, a pinned torch, or a Gradio outside the supported
ones, and a pinned
`spaces`.

Why it matters: the build fails, or the patch of torch is lost without a word and no GPU is ever there.

Example:

    torch==2.1.0

Instead:

    torch==2.8.0

Repair safety: no edit.

Source: Hub docs spaces-zerogpu (Python 3.10.13 and 3.12.12; torch 2.8.0, 2.9.1, 2.10.0, 2.11.0; Gradio 4
and newer); a build
log of September 2026 adds torch<=2.13.0 to the command.
"""

from __future__ import annotations

from unstick.contract.versions import allows, release
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.installed import installed
from unstick.space.zerogpu import PYTHONS, use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A183",
    title="Version that ZeroGPU does not support",
    severity="warning",
    confidence=0.8,
    needs=("python", "sdk:gradio"),
    causes=(("zerogpu-usage", 3.0),),
)

TORCH = ((">=", "2.8.0"), ("<=", "2.13.0"))


def check(space: Space) -> Iterator[Finding]:
    """One finding for each version outside the list."""
    found = use(space)
    if found.asked is None and not found.decorated:
        return
    python = space.field("python_version")
    numbers = release(python.text.strip().strip("'\"")) if python else ()
    if (
        python is not None
        and len(numbers) > 1
        and f"{numbers[0]}.{numbers[1]}" not in PYTHONS
        and python.tag != "float"
    ):
        yield RULE.finding(
            python.value,
            f"ZeroGPU has Python {' and '.join(PYTHONS)}, not {python.text}",
            'Set python_version: "3.12".',
        )
    version = space.field("sdk_version")
    if version is not None and release(version.text)[:1] and release(version.text)[0] < 4:
        yield RULE.finding(
            version.value,
            f"ZeroGPU needs Gradio 4 or newer, not {version.text}",
            "Raise sdk_version.",
            severity="error" if found.asked else "advice",
        )
    for requirement in installed(space).requirements():
        if requirement.name == "torch" and requirement.pin and allows(TORCH, requirement.pin) is False:
            yield RULE.finding(
                requirement.place,
                f"ZeroGPU supports torch 2.8.0 to 2.13.0, and {requirement.raw[:40]} is outside",
                "Leave torch out: the platform brings a supported one.",
            )
