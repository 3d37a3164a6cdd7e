"""The server binds a loopback address, so nothing outside the container reaches it.

What it finds: the server on the platform's port binds 127.0.0.1 or localhost, written out or by default
(uvicorn, gunicorn, `flask run`, Gradio in a Docker Space without GRADIO_SERVER_NAME, Vite, and others). A
server meant for the inside, behind a proxy that is public, is no finding.

Why it matters: the log says that the app runs, and the Space ends in "Launch timed out".

Example:

    CMD ["uvicorn", "main:app", "--port", "7860"]

Instead:

    CMD ["uvicorn", "main:app", "--port", "7860", "--host", "0.0.0.0"]

Repair safety: safe: a server in a container has no use for its own loopback.

Source: Hub docs spaces-sdks-docker; the servers' own documentation for their defaults.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._ports import (
    ALL,
    host_option,
    named,
    option_edit,
    public,
    value_edit,
    variable_edit,
    where,
)
from unstick.rules.base import Rule
from unstick.space.launch import launch_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Edit, Finding, Space
    from unstick.space.launch import Launch, Server

RULE = Rule(
    code="C131",
    title="The server binds a loopback address",
    confidence=0.95,
    causes=(("loopback-bind", 6.0),),
)
FIXABLE = True

ARGUMENTS = {"flask": "host", "uvicorn": "host", "aiohttp": "host", "hypercorn": "host"}
"""The argument that takes the address, by the kind of server, where Python code starts it."""


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the address or at the start that leaves it to the default."""
    launch = launch_of(space)
    if launch.sdk == "streamlit" or launch.port == 0:
        return
    server = public(launch)
    if server is None or not server.loopback:
        return
    rows = [s for s in launch.reached if s.port == launch.port] or list(launch.reached)
    if any(not s.loopback for s in rows):
        return
    doubt = bool(launch.cannot_tell) or not server.certain
    if doubt and server.port != launch.port:
        return
    address = "127.0.0.1" if server.host == "127.0.0.1" else str(server.host)
    written = "" if server.host_value.known != "default" else ", its default"
    yield RULE.finding(
        where(server, server.host_value),
        f"{named(server)} binds {address}{written}, which nothing outside the container reaches",
        f"Let it listen on {ALL}{_hint(server)}.",
        severity="advice" if doubt else "error",
        confidence=0.5 if doubt else -1.0,
        edits=() if doubt else edits_for(space, launch, server),
        data=(("host", address), ("server", server.kind)),
    )


def _hint(server: Server) -> str:
    if server.kind == "gradio":
        return " (server_name, or the variable GRADIO_SERVER_NAME)"
    option, value = host_option(server)
    return f" (`{option} {value}`)" if option and server.command else ""


def edits_for(space: Space, launch: Launch, server: Server) -> tuple[Edit, ...]:
    """The edits that let a server bind every address; none where there is no clear place for it."""
    title = f"listen on {ALL}"
    changed = value_edit(space, server.host_value, ALL, safe=True, title=title)
    if changed or server.host_value.known != "default":
        return changed
    if server.kind == "gradio":
        return variable_edit(space, launch, "GRADIO_SERVER_NAME", ALL)
    option, value = host_option(server)
    if option and server.command:
        return option_edit(space, server, option, value, title)
    return _argument(space, server, title)


def _argument(space: Space, server: Server, title: str) -> tuple[Edit, ...]:
    """`host=` put first into the call in Python that starts the server."""
    from unstick.space import Edit

    keyword, place = ARGUMENTS.get(server.kind), server.place
    text = space.text(place.path) or ""
    if keyword is None or not place.path.endswith(".py") or not 0 <= place.start < place.end <= len(text):
        return ()
    open_at = text.find("(", place.start, place.end)
    if open_at < 0 or keyword in text[open_at : place.end] or "*" in text[open_at : place.end]:
        return ()
    positional = text[open_at + 1 : place.end - 1].partition(",")[0]
    if server.kind == "uvicorn" and "=" not in positional:
        # The application comes first: the host follows it.
        at = open_at + 1 + len(positional)
        return (Edit(place.path, at, at, f', {keyword}="{ALL}"', True, title),)
    if "=" not in positional and positional.strip():
        return ()
    comma = ", " if positional.strip() else ""
    return (Edit(place.path, open_at + 1, open_at + 1, f'{keyword}="{ALL}"{comma}', True, title),)
