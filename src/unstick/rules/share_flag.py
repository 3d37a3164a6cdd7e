"""Gradio is launched with share=True.

What it finds: `launch(share=True)` in what the entry file reaches.

Why it matters: Spaces do not support it: Gradio warns and goes on; in a Docker Space it tries to open a
tunnel.

Example:

    demo.launch(share=True)

Instead:

    demo.launch()

Repair safety: safe: True becomes False.

Source: Gradio's warning "Setting share=True is not supported on Hugging Face Spaces".
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.launch import launch_of
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A112",
    title="Gradio's share=True",
    severity="advice",
    confidence=0.95,
    needs=("python",),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """One finding for each launch."""
    for flag in launch_of(space).flags:
        if flag.name != "share":
            continue
        place = flag.place
        text = space.text(place.path) or ""
        edits: tuple[Edit, ...] = ()
        if text[place.start : place.end] == "True":
            edits = (Edit(place.path, place.start, place.end, "False", True, "set share to False"),)
        yield RULE.finding(
            place,
            "share=True is not supported on Spaces; Gradio only warns",
            "Take it out.",
            edits=edits,
        )
