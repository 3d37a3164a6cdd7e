"""What is carried along while a start command is followed."""

from __future__ import annotations

import posixpath

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

from unstick.record import NamedTuple
from unstick.space.launch.image import Image, Source
from unstick.space.launch.types import NOWHERE, UNKNOWN, Flag, Server, Value
from unstick.space.launch.variables import Variables
from unstick.space.space import Space
from unstick.space.types import Place

MAX_STEPS = 400
MAX_DEPTH = 14


class Argument(NamedTuple):
    """One argument of a process, with variables filled in as far as possible."""

    value: Value
    place: Place

    @property
    def text(self) -> str:
        """The text, empty when it is not known."""
        return self.value.text or ""


Arguments: TypeAlias = "tuple[Argument, ...]"


class Walk:
    """The state of following one start command: what was found, and where nothing could be told."""

    def __init__(self, space: Space, image: Image) -> None:
        self.space = space
        self.image = image
        self.servers: list[Server] = []
        self.reasons: list[str] = []
        self.flags: list[Flag] = []
        self.steps = 0
        self.seen: set[tuple[str, str]] = set()
        self.app_made = False

    def cannot_tell(self, reason: str) -> None:
        """Note a reason why a server may be missing from the list."""
        if reason not in self.reasons:
            self.reasons.append(reason[:200])


class Context(NamedTuple):
    """Where in the process tree we are: environment, work folder, depth, whether it is sure to come here."""

    variables: Variables
    cwd: str
    place: Place = NOWHERE
    via: tuple[str, ...] = ()
    certain: bool = True
    background: bool = False
    depth: int = 0

    def deeper(self, path: str = "") -> Context:
        """The context one process or script further down."""
        via = (*self.via, path) if path and path not in self.via else self.via
        return self._replace(depth=self.depth + 1, via=via)

    def at(self, folder: str) -> Context:
        """The context after a change of folder."""
        return self._replace(cwd=posixpath.normpath(posixpath.join(self.cwd, folder)))


def add_server(
    walk: Walk,
    context: Context,
    kind: str,
    port: Value,
    host: Value,
    place: Place,
    *,
    internal: bool = False,
    flags: tuple[Flag, ...] = (),
    command: str = "",
    arguments: tuple[Argument, ...] = (),
) -> None:
    """Note one server."""
    from unstick.space.launch.types import port_number

    number = port_number(port.text)
    walk.servers.append(
        Server(
            kind,
            number,
            port.known if number is not None else "unknown",
            host.text,
            place,
            port,
            host,
            context.certain,
            context.background,
            internal,
            context.via,
            flags,
            command,
            tuple(a.text for a in arguments),
            arguments[-1].place if arguments else place,
        )
    )
    walk.flags += flags


def find_source(walk: Walk, context: Context, path: str) -> Source | None:
    """The file of the repository behind a path of the image, also when the image's layout is not fully
    known.
    """
    found = walk.image.find(path, context.cwd)
    if found is not None:
        return found
    tree = walk.space.tree
    if not tree.complete and not path.startswith("/"):
        plain = posixpath.normpath(path)
        if tree.is_file(plain):
            return Source(plain)
    return None


def split_address(value: Value) -> tuple[Value, Value]:
    """A `host:port` as host and port; a lone number is a port, anything else a host."""
    text = value.text
    if text is None:
        return UNKNOWN, value
    text = text.split("://", 1)[-1].split("/", 1)[0]
    head, colon, tail = text.rpartition(":")
    if not colon:
        return (
            (value._replace(text="", exact=False), value)
            if text.isdigit()
            else (value, value._replace(text="", exact=False))
        )
    return value._replace(text=head, exact=False), value._replace(text=tail, exact=False)
