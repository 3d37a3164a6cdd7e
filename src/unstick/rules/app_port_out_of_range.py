"""app_port is no port.

What it finds: a value of app_port that is not a whole number from 1 to 65535.

Why it matters: the platform has no port to look at; the app cannot be found.

Example:

    app_port: 78600

Instead:

    app_port: 7860

Repair safety: safe where the start command's port is known; else none is proposed.

Source: Hub docs spaces-config-reference.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._block import is_placeholder
from unstick.rules._ports import app_port_edit, public, settled
from unstick.rules.base import Rule
from unstick.space.launch import launch_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C133",
    title="app_port is no port",
    confidence=0.95,
    needs=("field:app_port",),
    causes=(("readme-config", 2.0), ("port-mismatch", 3.0)),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """One finding at the value."""
    field = space.field("app_port")
    port = space.app_port
    if field is None or (port is not None and 1 <= port <= 65535) or is_placeholder(space, field):
        return
    launch = launch_of(space)
    server = public(launch)
    known = server.port if server is not None and settled(launch) else None
    shown = field.text[:40] if field.text else "empty"
    yield RULE.finding(
        field.value if field.text else field.key,
        f"app_port is {shown}, allowed are the numbers 1 to 65535",
        f"Write `app_port: {known or 7860}`.",
        severity="error" if space.sdk in ("docker", "") else "advice",
        edits=app_port_edit(space, known) if known else (),
    )
