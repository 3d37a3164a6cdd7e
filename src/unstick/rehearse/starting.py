"""One start of what was built: watched until ready, asked, and taken down again."""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse.types import Exit, amount, duration
from unstick.rehearse.watching import Watch, Watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from unstick.rehearse.backend import Backend, Built, Running
    from unstick.rehearse.recording import Recording
    from unstick.rehearse.types import Answer, Line, Plan, Session, Written

DENIED = lazy(
    r"(?i)permission denied|permissionerror|\bEACCES\b|\bEPERM\b|operation not permitted|read-only file system"
    r"|is not writable|attempt to write a readonly database|unable to open database file"
)
"""What programs say when they may not write or execute (wording of libc, Python, Node, SQLite, shells)."""


class Start(NamedTuple):
    """What one start showed; `denied` when a permission was missing."""

    stage: str
    reason: str
    serves: bool | None
    watched: Watched
    lines: tuple[Line, ...]
    answers: tuple[Answer, ...] = ()
    sessions: tuple[Session, ...] = ()
    peak: int = 0
    dumps: tuple[str, ...] = ()
    written: tuple[Written, ...] = ()
    denied: bool = False
    passed_over: tuple[str, ...] = ()


def start(
    backend: Backend,
    built: Built,
    plan: Plan,
    recording: Recording,
    stay: Callable[[Running, Start], None] | None,
) -> Start:
    """Start the app, watch it, ask it, stop it. Raises CannotRehearse."""
    recording.event("stage", "APP_STARTING")
    before = len(recording.log("run"))
    running = backend.start(built, plan, lambda text: recording.line("run", text))
    for note in getattr(running, "notes", ()):
        recording.event("note", f"not as there: {note}")
    try:
        watch = Watch(running, plan, recording)
        watched = watch.until_ready()
        if watched.ready_at is not None:
            begun = _ready(running, watch, plan, recording)
        else:
            begun = _not_ready(running, watched, plan, recording)
        begun = begun._replace(
            peak=running.peak(),
            written=running.written(),
            lines=recording.log("run")[before:],
            passed_over=tuple(getattr(running, "notes", ())),
        )
        if begun.serves and stay is not None:
            stay(running, begun)
    finally:
        running.stop()
    return begun._replace(denied=any(DENIED.search(line.text) for line in begun.lines))


def _ready(running: Running, watch: Watch, plan: Plan, recording: Recording) -> Start:
    """The port is open: does it serve, and does it stay?"""
    from unstick.rehearse import serving

    seen = serving.observe(running, plan, recording)
    watched = watch.settle(plan.options.settle)
    ended = watched.exit
    if ended is not None:
        return _ended(ended, watched, plan, recording, seen.answers, seen.sessions)
    dumps = () if seen.answered else _dumps(running)
    if not seen.answered and _closed(running, plan):
        reason = f"the port was open at {watched.ready_at or 0:.1f} s and is closed again, while the main process lives"
        recording.event("stage", "RUNTIME_ERROR")
        return Start("RUNTIME_ERROR", reason, False, watched, (), seen.answers, dumps=dumps)
    recording.event("note", "serves" if seen.serves else f"does not serve: {seen.reason}")
    return Start("RUNNING", seen.reason, seen.serves, watched, (), seen.answers, seen.sessions, dumps=dumps)


def _closed(running: Running, plan: Plan) -> bool:
    """Whether nothing accepts connections on the contract's port any more."""
    try:
        running.dial(plan.port).close()
    except OSError:
        return True
    return False


def _not_ready(running: Running, watched: Watched, plan: Plan, recording: Recording) -> Start:
    """The port never opened: why, and what was there instead?"""
    from unstick.rehearse import serving

    if watched.exit is not None:
        return _ended(watched.exit, watched, plan, recording)
    dumps = () if watched.sockets else _dumps(running)
    answers = serving.elsewhere(running, watched.sockets, plan, recording)
    why = serving.explain(watched.sockets, plan)
    recording.event("stage", "RUNTIME_ERROR")
    if watched.early:
        reason = f"{why}; nothing moved for {watched.quiet:.0f} s, so the {duration(plan.timeout)} were not waited for"
    else:
        reason = f"not healthy after {duration(plan.timeout)}: {why}"
    return Start("RUNTIME_ERROR", reason, False, watched, (), answers, dumps=dumps)


def _ended(
    ended: Exit,
    watched: Watched,
    plan: Plan,
    recording: Recording,
    answers: tuple[Answer, ...] = (),
    sessions: tuple[Session, ...] = (),
) -> Start:
    reason = how_it_ended(ended, plan)
    when = f" after it was ready at {watched.ready_at:.1f} s" if watched.ready_at is not None else ""
    recording.event("exit", reason)
    recording.event("stage", "RUNTIME_ERROR")
    return Start("RUNTIME_ERROR", reason + when, False, watched, (), answers, sessions)


def how_it_ended(ended: Exit, plan: Plan) -> str:
    """The end of the main process in words, as close to the platform's as is known."""
    limits = plan.options.limits
    if ended.out_of_memory:
        return f"Memory limit exceeded ({amount(limits.memory)})"
    if ended.evicted:
        return f"Workload evicted, storage limit exceeded ({amount(limits.disk).removesuffix('i')})"
    if ended.signal:
        import signal

        try:
            name = signal.Signals(ended.signal).name
        except ValueError:
            name = "unknown"
        return f"the app was ended by signal {ended.signal} ({name})"
    return f"the app ended with exit code {ended.code}"


def _dumps(running: Running) -> tuple[str, ...]:
    from unstick.rehearse import stacks

    return stacks.dump([pid for pid, _ in running.processes()])
