"""What a rehearsal is asked, what it plans and what it saw: plain frozen data.

Times are seconds since the rehearsal began, on the monotonic clock, unless a field says otherwise. Sizes are
bytes.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

MIB = 1024 * 1024


class Limits(NamedTuple):
    """What the container gets: `hardware` is the flavour's name, `memory` and `disk` are bytes."""

    hardware: str = "cpu-basic"
    cpus: float = 2.0
    memory: int = 16 * 1024 * MIB
    disk: int = 50 * 1024 * MIB
    processes: int = 4096


class Options(NamedTuple):
    """What the caller asks for.

    `secrets` and `variables` are names with values; `data` is a folder mounted on /data ('' for none, 'new'
    for an empty one); `factory` builds without any cache; `timeout` replaces the start-up timeout of the
    block; `patience` ends a start early that has listened elsewhere, or shown no sign of life, for so many
    seconds (0: wait for the timeout); `user` is 'contract' (uid 1000 where the image names nobody) or 'root';
    `settle` is how long the app is watched after it was ready. `identity` are variables such as SPACE_ID and
    SPACE_HOST, for a Space that has a name; without them the folder's name is taken.
    """

    limits: Limits = Limits()
    secrets: tuple[tuple[str, str], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    data: str = ""
    factory: bool = False
    timeout: float | None = None
    patience: float = 60.0
    user: str = "contract"
    settle: float = 2.0
    identity: tuple[tuple[str, str], ...] = ()


class Plan(NamedTuple):
    """What will be done, worked out from the Space and the contract alone: the same Space gives the same plan.

    `port` is the contract's (for static files the one they are served on here), `command` the start command
    of the platform ('' where the image brings it), `environment` all that the platform sets (secrets and
    variables of the options included, never printed with values), `files` the paths that a push would
    bring, `passed_over` what cannot be imitated
    here, each a sentence.
    """

    root: str
    sdk: str
    sdk_version: str
    app_file: str
    port: int
    base_path: str
    timeout: float
    python: str
    command: tuple[str, ...]
    workdir: str
    environment: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    options: Options
    passed_over: tuple[str, ...] = ()


class Socket(NamedTuple):
    """One TCP socket of the app: `state` is 'listen', 'syn-sent' or 'established'; addresses are literals;
    `pid` and `program` are those of the process that holds it, where that can be seen; `at` when it was first
    seen."""

    state: str
    address: str
    port: int
    peer: str = ""
    peer_port: int = 0
    pid: int = 0
    program: str = ""
    at: float = 0.0


class Answer(NamedTuple):
    """One HTTP exchange: `status` 0 when there was none, then `error` says why. `where` is address:port."""

    method: str
    path: str
    where: str
    status: int = 0
    error: str = ""
    seconds: float = 0.0
    at: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()


class Session(NamedTuple):
    """Whether a session of the framework opens: `kind` streamlit or gradio; `error` quotes the exception."""

    kind: str
    opened: bool
    error: str = ""
    seconds: float = 0.0


class Exit(NamedTuple):
    """How the main process ended: `code` 0-255, or -1 when a `signal` (its number) ended it; `out_of_memory`
    when the kernel or the limit killed it, `evicted` when it used more disk than it has."""

    code: int
    signal: int = 0
    out_of_memory: bool = False
    evicted: bool = False
    at: float = 0.0


class Written(NamedTuple):
    """A file that the app created or changed and that a restart would lose; `path` as the app sees it."""

    path: str
    size: int


class Event(NamedTuple):
    """One line of the timeline: `kind` is 'stage', 'step', 'socket', 'answer', 'exit' or 'note'."""

    at: float
    kind: str
    text: str


class Line(NamedTuple):
    """One line of a log (without its newline), secrets redacted."""

    at: float
    text: str


class Rehearsal(NamedTuple):
    """All that was observed.

    `stage` is where the Space ended (a stage of the platform, or '' when it could not be rehearsed: then
    `impossible` says why), `reason` one sentence; `serves` whether it answers visitors (None: not asked).
    `ready_at` is when the contract's port was first accepted, None if never. `early` says that a start was
    given up before its timeout, because nothing moved any more; `idle` for how many seconds at the end of the
    wait nothing was computed, read or written, whatever the log said. `dumps` are stacks of hung processes, `peak`
    the most memory used, `as_root` the same rehearsal with the app as root, where that was tried.
    """

    backend: str
    plan: Plan
    stage: str
    reason: str
    serves: bool | None = None
    impossible: str = ""
    seconds: float = 0.0
    ready_at: float | None = None
    early: bool = False
    idle: float = 0.0
    timeline: tuple[Event, ...] = ()
    build_log: tuple[Line, ...] = ()
    run_log: tuple[Line, ...] = ()
    sockets: tuple[Socket, ...] = ()
    blocked: tuple[Socket, ...] = ()
    answers: tuple[Answer, ...] = ()
    sessions: tuple[Session, ...] = ()
    exit: Exit | None = None
    peak: int = 0
    dumps: tuple[str, ...] = ()
    written: tuple[Written, ...] = ()
    passed_over: tuple[str, ...] = ()
    second: Any = None
    as_root: Any = None

    @property
    def passed(self) -> bool:
        """Whether the Space is RUNNING and serves."""
        return self.stage == "RUNNING" and bool(self.serves)


def address(host: str, port: int) -> str:
    """host:port, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only the container itself reaches an address."""
    return host.startswith(("127.", "::ffff:127.")) or host in ("::1", "localhost")


def duration(seconds: float) -> str:
    """A time-out in words."""
    return f"{seconds / 60:.3g} min" if seconds >= 120 else f"{seconds:.3g} s"


def amount(size: int) -> str:
    """Bytes as the platform's messages say them: 16Gi, 256Mi."""
    for unit, factor in (("Gi", 1024**3), ("Mi", 1024**2)):
        if size >= factor:
            return f"{size / factor:.4g}{unit}"
    return f"{size} bytes"
