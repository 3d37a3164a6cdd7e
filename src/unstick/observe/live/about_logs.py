"""What the logs say beside their lines: how old the stage is, whether anything moves, what is missing."""

from __future__ import annotations

import functools

from unstick.contract.timeouts import STARTUP_SECONDS, seconds
from unstick.observe.live import times
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from unstick.observe.live.gathered import Gathered
    from unstick.observe.live.logs import Log
    from unstick.observe.live.notes import Notes
    from unstick.observe.live.options import Options
    from unstick.signs.logs import LogReading
    from unstick.space import Space

BUILD_SILENT = 15 * 60.0
"""Seconds without a line from which on a build is odd (reference timings of users and the skill documents)."""

QUEUED = 10 * 60.0
"""Seconds in the queue, without a builder's first line, from which on that is odd."""

ANNOUNCED = 1 / 6
"""Share of the start-up timeout from which on an app that announced itself, and is not up, is odd: 5 of 30
minutes."""

MOVES = 60.0
"""A log whose last line is younger than this moves, in seconds."""

WENT = 1 / 3
"""Share of its time for which the log of a start that timed out has to have gone on, to be one at work."""

STARTING = ("APP_STARTING", "RUNNING_APP_STARTING")
BUILDING = ("BUILDING", "RUNNING_BUILDING")


OF_BEFORE = ("NO_APP_FILE", "CONFIG_ERROR", "SLEEPING", "STOPPED", "PAUSED", "DELETING")
"""Stages that neither a build nor a container of now has led to: what the logs hold is of before."""

OF_THE_BUILD = ("BUILDING", "RUNNING_BUILDING", "BUILD_ERROR")
"""Stages in which the container log is of an earlier version."""

JUST_BUILT = ("APP_STARTING", "RUNNING_APP_STARTING", "RUNTIME_ERROR")
"""Stages that follow a build: a container log that began before it ended is of the version before."""

CLOCKS = 1.5
"""Seconds by which the clocks of two logs may differ."""


class Age(NamedTuple):
    """How old a stage is in seconds, and by what that is known."""

    seconds: float
    since: float
    place: str


def conclude(seen: Gathered, notes: Notes, space: Space | None, options: Options) -> None:
    """Signs of time and movement."""
    _unread(seen, notes)
    stage = seen.runtime.stage if seen.runtime else ""
    if seen.fell:
        _fallen(seen, notes)
        return
    age = age_of(seen)
    if age is not None:
        notes.fact("since", times.day(age.since))
        notes.fact("stage_age", times.spoken(age.seconds))
    if stage in STARTING:
        _starting(seen, notes, age, timeout_of(space, options.pace), options)
    elif stage in BUILDING:
        _building(seen, notes, age, options)
    elif stage == "RUNTIME_ERROR" and notes.has("log-launch-timed-out"):
        _timed_out(seen, notes, timeout_of(space, options.pace))
    elif stage == "RUNTIME_ERROR" and notes.has("log-exit-0") and not _announced(seen):
        notes.seen(
            "live-ends-quietly", "hub", "runtime, errorMessage; logs/run", "exit code 0, no server announced"
        )
    elif stage == "RUNNING" and _never_logged(seen):
        notes.seen(
            "live-log-missing", "hub", "logs/build, logs/run", "not even the platform's own first line"
        )
    if stage in (*STARTING, *BUILDING) and age is not None and not notes.facts.get("in_time"):
        notes.fact("waited_hours", f"{age.seconds / 3600 / options.pace:.3g}")


def current(seen: Gathered) -> tuple[str, str]:
    """The texts of build log and container log, each only where it is of the version in question."""
    stage = seen.runtime.stage if seen.runtime else ""
    if stage in OF_BEFORE:
        return "", ""
    if stage in OF_THE_BUILD or (stage in JUST_BUILT and not _of_this_start(seen)) or _unscheduled(seen):
        return seen.build.text, ""
    return seen.build.text, seen.run.text


def run_reading(seen: Gathered) -> LogReading:
    """What the container log of the version in question shows."""
    return _read(current(seen)[1])


@functools.lru_cache(1)
def _read(text: str) -> LogReading:
    """Several signs ask for the same log, which may be long."""
    from unstick.signs import logs

    return logs.scan(text, "run")


def _unscheduled(seen: Gathered) -> bool:
    """Whether the start that failed never came to a container: what the container log holds is older."""
    message = seen.runtime.message.lower() if seen.runtime else ""
    return "scheduling failure" in message or "unable to schedule" in message


def _of_this_start(seen: Gathered) -> bool:
    """Whether the container log began after the build ended."""
    started, built = seen.run.begun or seen.run.first, seen.build.last
    return started is not None and (built is None or started >= built - CLOCKS)


def age_of(seen: Gathered) -> Age | None:
    """How long the stage lasts already; None where nothing tells. The Hub does not say it: the platform's
    own lines in the logs do."""
    stage = seen.runtime.stage if seen.runtime else ""
    build, run = seen.build, seen.run
    if stage in BUILDING:
        at = build.begun or build.first
        return None if at is None else _age(at, build, seen, "build log, first line")
    if stage in STARTING:
        started = run.begun or run.first
        if started is not None and _of_this_start(seen):
            return _age(started, run, seen, "run log, first line")
        if build.last is not None:
            return _age(build.last, build, seen, "build log, last line")
    return None


def _age(at: float, log: Log, seen: Gathered, place: str) -> Age:
    return Age(max(0.0, (log.now or seen.now) - at), at, place)


def timeout_of(space: Space | None, pace: float = 1.0) -> float:
    """The declared start-up timeout, else the platform's at this pace."""
    field = space.field("startup_duration_timeout") if space is not None else None
    declared = seconds(field.text.strip()) if field is not None else None
    return float(declared or STARTUP_SECONDS * pace)


def _unread(seen: Gathered, notes: Notes) -> None:
    for log, sign in ((seen.build, "build-log-empty"), (seen.run, "container-log-empty")):
        if log.reason:
            notes.unknown(sign, log.reason)
        elif log.cut:
            notes.fact(f"{log.kind}_log_read", f"in part, {log.events} lines")
        if log.broken:
            notes.fact(f"{log.kind}_log_broken", f"{log.broken} events that are none")


def _quiet(log: Log, seen: Gathered) -> float | None:
    """Seconds since the last line; None where that is not known."""
    if log.reason or log.last is None or log.cut:
        return None
    return max(0.0, (log.now or seen.now) - log.last)


def _moves(log: Log, seen: Gathered, options: Options) -> bool:
    quiet = _quiet(log, seen)
    return bool(log.moved) or (quiet is not None and quiet < MOVES * options.pace)


def _starting(seen: Gathered, notes: Notes, age: Age | None, timeout: float, options: Options) -> None:
    log = seen.run
    odd = timeout * ANNOUNCED
    if age is None:
        notes.unknown("live-stage-overdue", "nothing tells since when it is starting")
        return
    told = f"{times.spoken(age.seconds)} of {times.spoken(timeout)} ({age.place})"
    overdue = age.seconds > timeout
    if overdue:
        notes.seen("live-stage-overdue", "hub", "runtime, stage; " + age.place, told)
    if log.reason or not log.events or age.place.startswith("build"):
        if not log.reason and age.seconds > odd:
            notes.seen(
                "container-log-empty",
                "hub",
                "logs/run",
                f"nothing {times.spoken(age.seconds)} after the build",
            )
        elif not overdue:
            _in_time(notes, "starting", age)
        return
    quiet = _quiet(log, seen)
    failed = _failed(seen, moves=_moves(log, seen, options))
    if failed:
        # It is tried again and again, each time to the same end.
        notes.seen("live-start-failed", "hub", "logs/run", failed)
        return
    if _moves(log, seen, options):
        notes.seen("live-log-moves", "hub", "logs/run", f"a line {times.spoken(quiet or 0)} ago")
    elif quiet is not None and quiet > odd:
        notes.seen("live-log-frozen", "hub", "logs/run", f"no line for {times.spoken(quiet)}")
    elif quiet is None:
        notes.unknown("live-log-frozen", "the log could be read in part only")
    if seen.probe is not None and seen.probe.by == "app" and age.seconds > odd:
        return  # it answers, and for long enough that the stage ought to say so
    # An app that announced itself is silent, and rightly so; it only may not stay unlisted for long.
    if not overdue and not notes.has("live-log-frozen"):
        _in_time(notes, "starting", age)


def _failed(seen: Gathered, *, moves: bool) -> str:
    """How the log of the start under way says that it has failed: the server went down over an error, or an error
    is its last word and nothing follows. '' where it says no such thing."""
    from unstick.signs import logs

    reading = run_reading(seen)
    if not reading.decisive:
        return ""
    shown = logs.shown(reading)
    down = any(hit.sign == "log-server-shut-down" for hit in shown)
    # After a ready line an error may be one of many requests; it is the end where it is the last line.
    last = any(
        hit.sign == reading.decisive and hit.quote.strip() == reading.last_line.strip() for hit in shown
    )
    ends = reading.state == "error" or (reading.state == "error-after-banner" and last)
    return reading.last_line if down or (ends and not moves and not seen.run.moved) else ""


def _fallen(seen: Gathered, notes: Notes) -> None:
    """A crash says so in its log; without a word it may be a restart that somebody asked for."""
    told = " → ".join(seen.stages)
    reading = run_reading(seen)
    if reading.state in ("error", "error-after-banner"):
        notes.seen("live-start-failed", "hub", "runtime, stage; logs/run", f"{told}; {reading.last_line}")
    else:
        notes.fact("in_time", "yes")
        notes.fact("health_note", f"{told}: it starts again since a moment")


def _announced(seen: Gathered) -> bool:
    return bool(seen.run.reason) or bool(run_reading(seen).banners)


def _timed_out(seen: Gathered, notes: Notes, timeout: float) -> None:
    """Whether a start that took too long was at work, by how long its log went on."""
    log = seen.run
    began = log.begun or log.first
    if log.reason or log.cut or log.last is None or began is None or log.events < 2:
        return
    went = log.last - began
    told = f"its last line came {times.spoken(went)} after the start, of {times.spoken(timeout)}"
    if went > WENT * timeout:
        notes.seen("live-log-moves", "hub", "logs/run", told)
    elif went < ANNOUNCED * timeout:
        notes.seen("live-log-frozen", "hub", "logs/run", told)


def _building(seen: Gathered, notes: Notes, age: Age | None, options: Options) -> None:
    log = seen.build
    if log.reason:
        return
    if not log.events:
        committed = times.moment(seen.info.modified)
        waited = None if committed is None else seen.now - committed
        if waited is not None and waited > QUEUED * options.pace:
            notes.seen(
                "build-log-empty", "hub", "logs/build", f"nothing {times.spoken(waited)} after the commit"
            )
        elif waited is not None:
            notes.fact("in_time", "yes")
            notes.fact("health_note", f"building since {times.spoken(waited)}")
        return
    quiet = _quiet(log, seen)
    if quiet is None:
        notes.unknown("live-build-frozen", "the log could be read in part only")
        return
    limit = (QUEUED if log.events <= 2 else BUILD_SILENT) * options.pace
    if log.moved or quiet < MOVES * options.pace:
        notes.seen("live-build-moves", "hub", "logs/build", f"a line {times.spoken(quiet)} ago")
    elif quiet > limit:
        notes.seen("live-build-frozen", "hub", "logs/build", f"no line for {times.spoken(quiet)}")
    if quiet <= limit and age is not None:
        _in_time(notes, "building", age)


def _in_time(notes: Notes, doing: str, age: Age) -> None:
    notes.fact("in_time", "yes")
    notes.fact("health_note", f"{doing} since {times.spoken(age.seconds)}")


def _never_logged(seen: Gathered) -> bool:
    """A Space that was built and started has at least the platform's lines in both logs."""
    logs = (seen.build, seen.run)
    static = seen.info.sdk in ("static", "")
    return not static and all(not log.reason and not log.cut and not log.events for log in logs)
