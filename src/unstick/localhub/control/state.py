"""The control loop's decisions: what a Space is next, from what is wanted and what became known.

Pure: no clock, no database, no process. Every transitional stage has an owner and a deadline, and there is a
way out of it at the deadline whatever happens, or does not.
"""

from __future__ import annotations

from unstick.localhub.control import machine as m
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.control.machine import Event, Inputs, Machine, Timing, Version
    from unstick.localhub.store.spaces import Row

BACK_OFF = (1.0, 5.0, 20.0)
"""Seconds before each restart of an app that crashed after it had served. Whether the platform restarts one,
and how often, is not documented."""

STEADY = 600.0
"""An app that served for so many seconds has all its restarts before it again."""

MOST_LOSSES = 2
"""So many times a version whose worker is lost is built again."""

ROOM = 2.0
"""Seconds for a version that makes room to end in."""

FLAP = 4.0
"""Seconds that each side of a flapping stage lasts."""

LOST = "Exit code: ?. Reason: "
CAPACITY = "Scheduling failure: not enough hardware capacity"
UNSCHEDULABLE = "Scheduling failure: unable to schedule"
PUSH = "build error: Unexpected job error"
EVICTED = "Workload evicted, storage limit exceeded (50G)"
AFTER_RESTART = "the hub was restarted, and the version that ran is gone: it is built again"


def step(before: Machine, given: Inputs) -> Machine:
    """The machine after all that is known now."""
    now = before
    for event in given.events:
        now = _told(now, event, given)
    gated = _gate(now, given)
    if gated is not None:
        return _shown(before, gated, given)
    now = _intended(now, given)
    now = _progress(now, given)
    now = _kept_serving(now, given)
    return _shown(before, now, given)


def locked(given: Inputs) -> bool:
    """Whether the account gate holds the Space back."""
    return given.disabled or "moderation-lock" in given.faults


def idle_after(row: Row, timing: Timing) -> float | None:
    """Seconds without a visit after which a Space sleeps, None for never (reference: cpu-basic after 48 h, which
    cannot be changed; paid flavours never, unless set)."""
    if row.hardware == "cpu-basic":
        return timing.sleep
    return float(row.sleep) if row.sleep is not None and row.sleep > 0 else None


def next_look(now: Machine, given: Inputs) -> float | None:
    """When a step has to be made although nothing happens."""
    moments = []
    coming, serving = now.coming, now.serving
    if coming is not None and coming.phase == m.WAITING:
        moments.append(coming.until)
    elif coming is not None and coming.phase != m.RESTING:
        moments.append(coming.deadline)
    if serving is not None and coming is None and not serving.still:
        idle = idle_after(given.row, given.timing)
        if idle is not None:
            moments.append(max(given.row.visited, serving.since) + idle)
    if serving is not None and "stage-flapping" in given.faults:
        moments.append((given.now // FLAP + 1) * FLAP)
    return min(moments, default=None)


def _told(now: Machine, event: Event, given: Inputs) -> Machine:
    """Take in one event; those of versions and starts that are over say nothing any more."""
    serving, coming = now.serving, now.coming
    if serving is not None and serving.number == event.number:
        if event.kind == "lost" or (event.kind == "ended" and event.start == serving.starts):
            return _crashed(now, serving, event, given)
        return now
    if coming is None or coming.number != event.number:
        return now
    if event.kind == "lost":
        return _lost(now, coming, given)
    if event.kind in ("refused", "failed"):
        return _failed(now, event.stage or "BUILD_ERROR", event.message)
    if event.kind == "built" and coming.phase == m.BUILDING:
        built = coming._replace(timeout=event.timeout, still=event.still)
        return _built(now, _at(built, m.BUILT, given.now, given.now), given)
    if event.start != coming.starts or coming.phase != m.STARTING:
        return now
    if event.kind == "ready":
        return now._replace(coming=coming._replace(accepted=True))
    if event.kind == "taken" and serving is not None:
        # A machine without network namespaces has one port for both: the old version makes room.
        until = given.now + ROOM
        waiting = _at(coming, m.WAITING, given.now, until + _start_timeout(coming, given))
        return now._replace(serving=None, coming=waiting._replace(until=until))
    if event.kind in ("ended", "taken"):
        if coming.served:
            return _crashed(now, coming, event, given)
        return _failed(now, "RUNTIME_ERROR", event.message)
    return now


def _built(now: Machine, version: Version, given: Inputs) -> Machine:
    if "push-refused" in given.faults:
        return _failed(now, "BUILD_ERROR", PUSH)
    return now._replace(coming=version)


def _lost(now: Machine, version: Version, given: Inputs) -> Machine:
    """The worker of a version that does not serve is gone."""
    if version.phase == m.RESTING:
        return now._replace(coming=None)
    building = version.phase in (m.QUEUED, m.BUILDING)
    if version.losses >= MOST_LOSSES or given.now >= version.deadline:
        stage, what = ("BUILD_ERROR", "builder") if building else ("RUNTIME_ERROR", "container")
        reason = f"the {what} was lost {version.losses + 1} times"
        return _failed(now, stage, f"Build error: {reason}" if building else LOST + reason)
    again = _begun(now, given, commit=version.commit, losses=version.losses + 1)
    return again._replace(note="the builder was lost, and the version is built again")


def _crashed(now: Machine, version: Version, event: Event, given: Inputs) -> Machine:
    """A version that served has ended: restarted after a while, a few times."""
    if version == now.serving and now.coming is not None:
        return now._replace(serving=None)
    steady = version.phase == m.READY and given.now - version.since >= STEADY
    restarts = 0 if steady else now.restarts
    message = event.message or LOST + "the container was lost"
    if restarts >= len(BACK_OFF) or event.final:
        return _failed(now, "RUNTIME_ERROR", message)
    if event.kind == "lost":
        gone = now._replace(serving=None, coming=None)
        again = _begun(gone, given, commit=version.commit, losses=version.losses)
        return again._replace(
            restarts=restarts + 1, note="the container was lost, and the version is built again"
        )
    until = given.now + BACK_OFF[restarts]
    waiting = _at(version, m.WAITING, given.now, until + _start_timeout(version, given))
    waiting = waiting._replace(until=until, served=True, accepted=False)
    note = f"restarted after a crash: {message}"
    return now._replace(serving=None, coming=waiting, restarts=restarts + 1, note=note)


def _gate(now: Machine, given: Inputs) -> Machine | None:
    """The Space without any version, where it may not have one."""
    bare = now._replace(serving=None, coming=None, restarts=0, seen=given.row.generation)
    if locked(given):
        return bare._replace(stage="PAUSED", message=m.FLAGGED)
    if given.row.desired == "paused":
        return bare._replace(stage="PAUSED", message="")
    if not given.head:
        return bare._replace(stage="NO_APP_FILE", message="", attempted="")
    return None


def _intended(now: Machine, given: Inputs) -> Machine:
    """Begin a new version where one is asked for."""
    row = given.row
    asked = row.generation != now.seen
    if asked and "restart-ignored" in given.faults and now.attempted:
        now, asked = now._replace(seen=row.generation), False
    pushed = given.head != now.attempted and now.stage != "PAUSED"
    if asked or pushed:
        factory = row.factory > now.seen
        fresh = now._replace(restarts=0, note="", seen=row.generation)
        return _begun(fresh, given, commit=given.head, factory=factory)
    if not now.versions and now.stage in m.ALIVE:
        return _begun(now, given, commit=given.head)._replace(note=AFTER_RESTART)
    if now.stage == "SLEEPING" and row.wake and row.visited >= now.since:
        return _woken(now, given)
    return now


def _woken(now: Machine, given: Inputs) -> Machine:
    resting = now.coming
    if resting is None:
        return _begun(now, given, commit=given.head)._replace(note="woken by a visit")
    return now._replace(coming=_started(resting, given), restarts=0, note="woken by a visit")


def _progress(now: Machine, given: Inputs) -> Machine:
    """Move the coming version on, as far as it goes by itself, or give it up at its deadline."""
    coming = now.coming
    if coming is None or coming.phase == m.RESTING:
        return now
    if coming.phase == m.STARTING and coming.accepted and "probe-blind" not in given.faults:
        ready = _at(coming, m.READY, given.now, 0.0)._replace(served=True)
        return now._replace(serving=ready, coming=None, message="")
    if coming.phase == m.WAITING and given.now >= coming.until:
        return now._replace(coming=_started(coming, given))
    if coming.phase == m.BUILT:
        for fault, message in (("no-capacity", CAPACITY), ("unschedulable", UNSCHEDULABLE)):
            if fault in given.faults:
                return _failed(now, "RUNTIME_ERROR", message)
        return now._replace(coming=_started(coming, given))
    if given.now >= coming.deadline:
        return _failed(now, *_overdue(coming, given))
    if coming.phase == m.QUEUED and given.slot:
        return now._replace(coming=_at(coming, m.BUILDING, given.now, given.now + given.timing.build))
    return now


def _overdue(version: Version, given: Inputs) -> tuple[str, str]:
    """The stage and the message of a version that took too long."""
    if version.phase == m.QUEUED:
        return "BUILD_ERROR", f"Build error: no builder took the job within {_minutes(given.timing.queue)}"
    if version.phase == m.BUILDING:
        return "BUILD_ERROR", f"Build error: the build did not end within {_minutes(given.timing.build)}"
    waited = _minutes(_start_timeout(version, given))
    return "RUNTIME_ERROR", f"Launch timed out, workload was not healthy after {waited}"


def _kept_serving(now: Machine, given: Inputs) -> Machine:
    """What happens to a version that serves: eviction, sleep, a liveness probe that errs."""
    serving = now.serving
    if serving is None:
        return now._replace(doubted=False)
    if "evicted" in given.faults and not serving.still:
        return _failed(now, "RUNTIME_ERROR", EVICTED)
    idle = idle_after(given.row, given.timing)
    quiet = given.now - max(given.row.visited, serving.since)
    if now.coming is None and idle is not None and quiet >= idle and not serving.still:
        resting = _at(serving, m.RESTING, given.now, 0.0)._replace(accepted=False)
        return now._replace(serving=None, coming=resting, note="idle", doubted=False)
    flaps = "stage-flapping" in given.faults and given.now - serving.since >= FLAP
    return now._replace(doubted=flaps and int(given.now // FLAP) % 2 == 0)


def _begun(now: Machine, given: Inputs, *, commit: str, factory: bool = False, losses: int = 0) -> Machine:
    """A new version, in the queue, in place of the one that was on its way."""
    version = m.Version(
        number=now.number + 1, commit=commit, generation=given.row.generation, factory=factory, phase=m.QUEUED,
        hardware=given.row.hardware, since=given.now, deadline=given.now + given.timing.queue, losses=losses,
    )  # fmt: skip
    return now._replace(coming=version, number=version.number, attempted=commit, message="")


def _failed(now: Machine, stage: str, message: str) -> Machine:
    """The end of an attempt. What served before goes as well: the platform says of no stage of error that
    something serves in it."""
    return now._replace(stage=stage, message=message, serving=None, coming=None, note="", doubted=False)


def _started(version: Version, given: Inputs) -> Version:
    """One more start is asked for."""
    begun = _at(version, m.STARTING, given.now, given.now + _start_timeout(version, given))
    return begun._replace(starts=version.starts + 1, accepted=False)


def _at(version: Version, phase: str, since: float, deadline: float) -> Version:
    return version._replace(phase=phase, since=since, deadline=deadline)


def _start_timeout(version: Version, given: Inputs) -> float:
    if given.timing.start is not None:
        return given.timing.start
    return version.timeout if version.timeout is not None else 1800.0


def _minutes(seconds: float) -> str:
    """A timeout as the platform writes it."""
    return f"{seconds / 60:.3g} min"


_STAGES = {
    m.QUEUED: ("BUILDING", "build queue"),
    m.BUILDING: ("BUILDING", "builder"),
    m.BUILT: ("APP_STARTING", "scheduler"),
    m.STARTING: ("APP_STARTING", "readiness probe"),
    m.WAITING: ("APP_STARTING", "restart back-off"),
}
"""The stage that a coming version gives its Space, and who has to end it."""


def _shown(before: Machine, now: Machine, given: Inputs) -> Machine:
    """The columns that follow from the versions."""
    serving, coming = now.serving, now.coming
    deadline, owner, stage = None, "", now.stage
    if coming is not None and coming.phase == m.RESTING:
        stage = "SLEEPING"
    elif coming is not None:
        stage, owner = _STAGES[coming.phase]
        stage = f"RUNNING_{stage}" if serving is not None and not now.doubted else stage
        owner, deadline = f"{owner} of version {coming.number}", coming.deadline
    elif serving is not None:
        stage = "RUNNING"
        if now.doubted:
            stage, owner, deadline = "APP_STARTING", "liveness probe", (given.now // FLAP + 1) * FLAP
    placed = serving or (coming if coming is not None and coming.phase in (m.STARTING, m.WAITING) else None)
    hardware = placed.hardware if placed is not None and not placed.still else None
    changed = stage != before.stage
    return now._replace(
        stage=stage, since=given.now if changed else before.since, deadline=deadline, owner=owner,
        sha=serving.commit if serving is not None else "", current_hardware=hardware,
    )  # fmt: skip
