"""The app listens on another port than the platform looks at.

What it finds: the start command followed to its servers (Dockerfile, shell scripts, supervisord, nginx,
Caddy, Procfile, package.json, Python and JavaScript code, variables with their defaults), none of which
listens on the port of the contract: app_port or 7860 for Docker, 7860 for Gradio. A port that a `__main__`
guard hides, or an internal server beside the right one, is no finding. EXPOSE counts for nothing.

Why it matters: the platform publishes one port and waits for it: "Launch timed out, workload was not healthy
after 30 min". PORT is not among the variables that it sets.

Example:

    CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]     (README.md: no app_port)

Instead:

    app_port: 8000

Repair safety: safe where app_port is set or changed; unsafe where the app's own port is.

Source: Hub docs spaces-sdks-docker, spaces-config-reference.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._ports import app_port_edit, how, named, public, settings_hint, settled, value_edit, where
from unstick.rules.base import Rule
from unstick.space.launch import launch_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.launch import Launch, Server

RULE = Rule(
    code="C130",
    title="The app listens on another port than the platform looks at",
    confidence=0.95,
    causes=(("port-mismatch", 6.0),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the text that decides the port."""
    launch = launch_of(space)
    if not space.sdk and space.dockerfile is None:
        yield from _below(space)
        return
    if launch.sdk == "streamlit" or not 0 < launch.port < 65536:
        return
    server = public(launch)
    if server is None and launch.sdk == "docker" and not space.complete:
        yield from _declared(space, launch)
    if server is None or any(s.port == launch.port for s in launch.reached):
        return
    if launch.sdk == "gradio" and server.background:
        # A helper in a thread; the app itself was not found.
        return
    if server.port is None:
        yield from _open(launch, server)
        return
    if any(s.port is None for s in launch.reached):
        return
    doubt = not settled(launch) or not all(s.certain for s in launch.reached)
    unread = not space.complete and launch.sdk == "docker" and space.app_port is None
    looks = f"the platform looks at {launch.port}" + ("" if space.app_port else _why(launch, unread))
    edits = app_port_edit(space, server.port) if not doubt and not unread and len(_ports(launch)) == 1 else ()
    if not edits and launch.sdk == "gradio" and not doubt:
        title = f"listen on {launch.port}"
        edits = value_edit(space, server.port_value, str(launch.port), safe=False, title=title)
    yield RULE.finding(
        where(server, server.port_value),
        f"{named(server)} listens on {server.port}{how(server, server.port_value, 'port')}, {looks}",
        _remedy(launch, server),
        severity="advice" if doubt else "warning" if unread else "error",
        confidence=0.5 if doubt else 0.8 if unread else -1.0,
        edits=edits,
        related=tuple(s.place for s in launch.reached if s is not server),
        data=(("port", str(server.port)), ("expected", str(launch.port)), ("server", server.kind)),
    )


def _declared(space: Space, launch: Launch) -> Iterator[Finding]:
    """An excerpt that shows no start command: what EXPOSE and ENV PORT say is the best that is known."""
    file = space.dockerfile
    if file is None:
        return
    environment = file.environment()
    said = [(port, place) for port, place in launch.exposed]
    if (port := environment.values.get("PORT", "")).isdigit():
        said.append((int(port), environment.places["PORT"]))
    if not said or any(port == launch.port for port, _ in said):
        return
    port_said, place = said[0]
    yield RULE.finding(
        place,
        f"the Dockerfile speaks of port {port_said}, the platform looks at {launch.port}"
        + ("" if space.app_port else " unless README.md says otherwise"),
        f"If the app listens on {port_said}, write `app_port: {port_said}` in README.md.",
        severity="warning",
        confidence=0.6,
        data=(("port", str(port_said)), ("expected", str(launch.port))),
    )


def _below(space: Space) -> Iterator[Finding]:
    """No block and no Dockerfile, but one in a folder that may be meant as the Space: its port as advice."""
    found = [n for n in space.tree.names() if n.endswith("/Dockerfile")]
    if len(found) != 1 or found[0].count("/") != 1 or not space.complete:
        return
    folder = found[0].removesuffix("Dockerfile")
    names = [n for n in space.tree.below(folder.rstrip("/")) if space.tree.size(n) < 200_000][:300]
    inner = type(space).from_files({n[len(folder) :]: space.text(n) or "" for n in names}, complete=True)
    for finding in check(inner) if inner.dockerfile is not None else ():
        place = finding.place._replace(path=folder + finding.place.path)
        yield finding._replace(place=place, severity="advice", confidence=0.4, edits=(), related=())


def _why(launch: Launch, unread: bool) -> str:
    """Why it is that port. An excerpt of README.md without app_port proves nothing."""
    if launch.sdk != "docker":
        return ""
    return " unless README.md says otherwise" if unread else " (README.md has no app_port)"


def _ports(launch: Launch) -> set[int | None]:
    return {s.port for s in launch.reached}


def _remedy(launch: Launch, server: Server) -> str:
    if launch.sdk == "docker":
        return f"Write `app_port: {server.port}` in README.md, or let the server listen on {launch.port}."
    return f"Let it listen on {launch.port}; app_port has no effect with this SDK."


def _open(launch: Launch, server: Server) -> Iterator[Finding]:
    """A port that hangs on a variable which nothing sets."""
    value = server.port_value
    if value.text is not None and value.text.startswith("$"):
        yield RULE.finding(
            where(server, value),
            f"{named(server)} is given the port {value.text[:40]} in a JSON list,"
            " where variables are not filled in",
            f"Write the number, or use the shell form; the platform looks at {launch.port}.",
            confidence=0.85,
        )
    elif value.text is None and value.variable and not value.variable.isdigit() and not launch.cannot_tell:
        yield RULE.finding(
            where(server, value),
            f"{named(server)} takes its port from {value.variable}, which nothing here sets",
            f"Give it a default of {launch.port}. {settings_hint(value.variable)}",
            severity="warning",
            confidence=0.6,
        )
