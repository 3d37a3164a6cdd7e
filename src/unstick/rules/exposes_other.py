"""EXPOSE names another port than the app and app_port use.

What it finds: an EXPOSE line without the port on which the app is found.

Why it matters: EXPOSE has no effect on the platform, so this works; but it misleads whoever looks for the
port.

Example:

    EXPOSE 7860         (app and app_port: 8000)

Instead:

    EXPOSE 8000

Repair safety: safe: the number is changed.

Source: Hub docs spaces-sdks-docker.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._ports import public
from unstick.rules.base import Rule
from unstick.space.launch import launch_of
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C136",
    title="EXPOSE names another port",
    severity="advice",
    confidence=0.9,
    needs=("dockerfile",),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the first EXPOSE line's port."""
    launch = launch_of(space)
    server = public(launch)
    ports = {port for port, _ in launch.exposed}
    if not ports or launch.port in ports or server is None or server.port != launch.port:
        return
    if server.loopback:
        return
    number, place = launch.exposed[0]
    text = space.text(place.path) or ""
    edits: tuple[Edit, ...] = ()
    if len(ports) == 1 and text[place.start : place.end] == str(number):
        edits = (Edit(place.path, place.start, place.end, str(launch.port), True, f"EXPOSE {launch.port}"),)
    yield RULE.finding(
        place,
        f"EXPOSE says {number}, the app listens on {launch.port}",
        f"Write `EXPOSE {launch.port}`; the platform itself only looks at app_port.",
        edits=edits,
    )
