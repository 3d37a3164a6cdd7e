"""A Streamlit SDK Space is told to use another port than 8501.

What it finds: server.port in .streamlit/config.toml with sdk: streamlit and another number than 8501.

Why it matters: with this SDK the platform looks at 8501, and app_port does not change that.

Example:

    [server]
    port = 7860

Instead:

    [server]

Repair safety: safe: the value is set to 8501.

Source: Hub docs spaces-sdks-streamlit.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C135",
    title="Streamlit's port is changed",
    confidence=0.9,
    needs=("streamlit-config", "sdk:streamlit"),
    causes=(("port-mismatch", 5.0),),
)
FIXABLE = True
PORT = "8501"


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the value."""
    config = space.streamlit_config
    setting = config.get("server.port") if config is not None else None
    if setting is None or setting.text == PORT:
        return
    place = setting.place
    yield RULE.finding(
        place,
        f"server.port is {setting.text[:20]}; a Space with sdk streamlit is looked for on {PORT}",
        "Take the line out, or use a Docker Space.",
        edits=(Edit(place.path, place.start, place.end, PORT, True, f"set server.port to {PORT}"),),
    )
