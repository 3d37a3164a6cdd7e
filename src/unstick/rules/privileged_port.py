"""The server listens on a port below 1024.

What it finds: a public server and app_port agree on a port such as 80 or 443.

Why it matters: the platform runs containers as uid 1000. Where a host keeps to the old rule that user may not
bind such a port: "Permission denied" at the start. Newer container engines allow it, so this is advice.

Example:

    app_port: 80        (nginx on 80)

Instead:

    app_port: 8080      (listen 8080;)

Repair safety: none is proposed: the configuration and app_port have to change together.

Source: Hub docs spaces-sdks-docker (permissions).
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._ports import named, public, where
from unstick.rules.base import Rule
from unstick.space.launch import launch_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C134",
    title="A port that only root may bind",
    severity="advice",
    confidence=0.6,
    needs=("dockerfile",),
    causes=(("permission-denied", 1.5), ("app-crash", 0.5)),
)


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the text that decides the port."""
    launch = launch_of(space)
    server = public(launch)
    if launch.sdk != "docker" or server is None or server.port is None or server.port != launch.port:
        return
    if 0 < server.port < 1024:
        yield RULE.finding(
            where(server, server.port_value),
            f"{named(server)} listens on {server.port}: not every host lets uid 1000 bind ports below 1024",
            "Use a port from 1024 on, in the server's configuration and in app_port.",
            data=(("port", str(server.port)),),
        )
