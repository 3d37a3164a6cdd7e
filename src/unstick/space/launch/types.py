"""What following a start command gives."""

from __future__ import annotations

from unstick.record import NamedTuple
from unstick.space.types import Place

NOWHERE = Place("")


class Value(NamedTuple):
    """A value as far as it is known without running anything.

    `text` is None when it cannot be told. `known` is 'literal' (written in the files), 'env-default' (the
    default of a variable that nothing sets), 'default' (the server's own) or 'unknown'. `place` is where the
    deciding text stands, `exact` whether the place's span is just the value, so that it can be replaced.
    `variable` names the environment variable that decides, if one does.
    """

    text: str | None
    known: str = "literal"
    place: Place = NOWHERE
    exact: bool = False
    variable: str = ""


UNKNOWN = Value(None, "unknown")


class Flag(NamedTuple):
    """Something said in passing: `debug`, `reload`, `share` or `dev`, and where."""

    name: str
    place: Place
    text: str = ""


class Server(NamedTuple):
    """One server that the start command starts.

    `kind` is a name of the table of servers. `port` is None when it cannot be told; `port_known` as in
    `Value`. `host` is the address it binds ('' : all addresses), None when it cannot be told. `place` is the
    start itself (the line of the command, the call in Python). `certain` is False when it hangs on a
    condition that is not known here. `background` says that something else is started after it. `via` names
    the files passed through.
    """

    kind: str
    port: int | None
    port_known: str
    host: str | None
    place: Place
    port_value: Value = UNKNOWN
    host_value: Value = UNKNOWN
    certain: bool = True
    background: bool = False
    internal: bool = False
    via: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    command: str = ""
    arguments: tuple[str, ...] = ()
    tail: Place = NOWHERE

    @property
    def loopback(self) -> bool:
        """Whether it binds an address that nothing outside the container reaches."""
        return self.host is not None and is_loopback(self.host)


class Launch(NamedTuple):
    """Everything the start command does that matters for ports.

    `sdk` is the contract applied (docker also where only a Dockerfile speaks), `port` the one the platform
    looks at (0: none), `exposed` the ports of EXPOSE lines with their places. `cannot_tell` holds reasons why
    servers may be missing from the list. `app_made` says that a web app was made in Python. `started` says
    that there is a start command, `entry` where.
    """

    sdk: str
    port: int
    servers: tuple[Server, ...] = ()
    cannot_tell: tuple[str, ...] = ()
    exposed: tuple[tuple[int, Place], ...] = ()
    started: bool = False
    entry: Place = NOWHERE
    flags: tuple[Flag, ...] = ()
    app_made: bool = False

    @property
    def reached(self) -> tuple[Server, ...]:
        """The servers that could be the public one: everything that is no helper such as a database."""
        return tuple(s for s in self.servers if not s.internal)


def is_loopback(host: str) -> bool:
    """Whether an address as written in a bind option is a loopback one."""
    host = host.strip("[] ").lower()
    return host in ("localhost", "::1", "0:0:0:0:0:0:0:1", "ip6-localhost") or host.startswith("127.")


def port_number(text: str | None) -> int | None:
    """The port in a text such as '8000' or '8000/tcp'; None when there is none."""
    digits = (text or "").strip().split("/", 1)[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 6 else None
