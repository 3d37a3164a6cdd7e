"""What the rules about ports and hosts share: which server is the public one, and edits that move it."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._block import newline
from unstick.space.launch import Launch, Server, Value
from unstick.space.launch.table import KINDS
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from unstick.space import Space

ALL = "0.0.0.0"
_SETTINGS = (
    "A variable named {} can be set in the Space's settings; the platform itself sets none of that name."
)


def public(launch: Launch) -> Server | None:
    """The server that people are meant to reach: the one on the platform's port, else the one that looks most
    public."""
    servers = [s for s in launch.servers if not s.internal]
    at_port = [s for s in servers if s.port == launch.port]
    rows = at_port or servers
    return max(rows, key=lambda s: (not s.loopback, s.certain, not s.background), default=None)


def settled(launch: Launch) -> bool:
    """Whether every server is known: nothing was left unread, no port is open."""
    return not launch.cannot_tell and all(s.port is not None for s in launch.reached)


def where(server: Server, value: Value) -> Place:
    """The place of the text that decides a value, else of the server's start."""
    return value.place if value.place.path and value.place.line else server.place


def named(server: Server) -> str:
    """The server in words: 'uvicorn', 'the Node server', 'gradio'."""
    return {
        "node": "the Node server",
        "http.server": "Python's HTTP server",
        "next": "Next.js",
        "vite": "Vite",
        "flask": "Flask",
        "gradio": "Gradio",
        "streamlit": "Streamlit",
        "spring": "the Java server",
        "dotnet": "the .NET server",
        "rails": "Rails",
    }.get(server.kind, server.kind)


def how(server: Server, value: Value, what: str) -> str:
    """Why the server has that port or host, as the end of a sentence."""
    if value.known == "default":
        return f", its default {what}"
    if value.known == "env-default":
        return f", the default where {value.variable or 'a variable'} is not set"
    return ""


def app_port_edit(space: Space, port: int) -> tuple[Edit, ...]:
    """The edit that makes README.md's app_port say `port`; none where the block is not where the Hub reads
    it."""
    readme = space.readme
    if not readme.usable or space.sdk.lower() != "docker" or not 1024 <= port <= 65535 or readme.conflicts:
        return ()
    field = readme.field("app_port")
    title = f"set app_port to {port}"
    if field is None:
        at, text = readme.insert_field(f"app_port: {port}")
        return (Edit(readme.path, at, at, text, True, title),)
    if field.items or field.style not in ("plain", "single", "double"):
        return ()
    lead = " " if field.value.start == field.value.end else ""
    return (Edit(readme.path, field.value.start, field.value.end, f"{lead}{port}", True, title),)


def value_edit(space: Space, value: Value, text: str, *, safe: bool, title: str) -> tuple[Edit, ...]:
    """The edit that replaces a value where it is written out; none where it is not."""
    place = value.place
    if not value.exact or value.text is None or not 0 <= place.start < place.end:
        return ()
    found = space.text(place.path)
    if found is None or found[place.start : place.end] != value.text:
        return ()
    return (Edit(place.path, place.start, place.end, text, safe, title),)


def variable_edit(space: Space, launch: Launch, name: str, value: str) -> tuple[Edit, ...]:
    """The edit that puts an ENV line before the Dockerfile's start command."""
    entry = launch.entry
    if launch.sdk != "docker" or entry.path != "Dockerfile" or entry.start < 0:
        return ()
    text = space.text("Dockerfile") or ""
    line = f"ENV {name}={value}{newline(text)}"
    return (Edit("Dockerfile", entry.start, entry.start, line, True, f"add ENV {name}={value}"),)


def option_edit(space: Space, server: Server, option: str, value: str, title: str) -> tuple[Edit, ...]:
    """The edit that adds `option value` behind the last argument of a server's command."""
    tail = server.tail
    if not 0 <= tail.start < tail.end or tail.start <= server.place.start or tail.path != server.place.path:
        return ()
    text = space.text(tail.path) or ""
    if tail.path == "Dockerfile" and text[tail.end : tail.end + 1] == '"':
        return (Edit(tail.path, tail.end + 1, tail.end + 1, f', "{option}", "{value}"', True, title),)
    if tail.path.endswith((".py", ".json", ".js", ".ts")) or text[tail.end : tail.end + 1] in "\"'":
        return ()
    return (Edit(tail.path, tail.end, tail.end, f" {option} {value}", True, title),)


def host_option(server: Server) -> tuple[str, str]:
    """The option and value that make a server of the table bind every address; empty when it has none."""
    for kind in KINDS:
        if kind.name == server.kind and kind.host_options:
            return kind.host_options[-1], ALL
        if kind.name == server.kind and kind.bind_options and server.port is not None:
            return kind.bind_options[-1], f"{ALL}:{server.port}"
    return "", ""


def settings_hint(variable: str) -> str:
    """What to add where a variable decides."""
    return _SETTINGS.format(variable)
