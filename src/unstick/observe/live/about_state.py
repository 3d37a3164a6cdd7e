"""What the runtime says: stage, error message, hardware, commit, and what does not go together."""

from __future__ import annotations

from unstick.observe import build, fields
from unstick.observe.live import times
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.observe.live.gathered import Gathered
    from unstick.observe.live.notes import Notes
    from unstick.observe.live.options import Options
    from unstick.observe.live.runtime import Runtime

SIGNS = {
    "NO_APP_FILE": "stage-no-app-file",
    "CONFIG_ERROR": "stage-config-error",
    "BUILDING": "stage-building",
    "BUILD_ERROR": "stage-build-error",
    "APP_STARTING": "stage-starting",
    "RUNNING": "stage-running",
    "RUNNING_BUILDING": "stage-building",
    "RUNNING_APP_STARTING": "stage-starting",
    "RUNTIME_ERROR": "stage-runtime-error",
    "SLEEPING": "stage-sleeping",
    "STOPPED": "stage-sleeping",
    "PAUSED": "stage-paused",
}
"""The sign of each stage. Where an old version serves meanwhile, the stage of the new one counts."""

SETTLES = 5 * 60.0
"""Seconds after a commit for which the runtime may still name the one before (observed: minutes)."""

UNSCHEDULED = 10 * 60.0
"""Seconds without a machine from which on that is odd."""

OF_BUILDS = ("BUILD_ERROR", "BUILDING", "RUNNING_BUILDING")


def conclude(seen: Gathered, notes: Notes, options: Options) -> None:
    """Signs and facts of the state."""
    if seen.disabled or seen.info.disabled:
        notes.seen("live-disabled", "hub", "Space info", seen.disabled or "disabled: true")
    state = seen.runtime
    if state is None:
        notes.unknown("stage-running", seen.reason("runtime") or "the Hub shows no runtime")
        return
    place = "runtime, stage"
    stage = seen.stages[-1] if seen.fell else state.stage
    if sign := SIGNS.get(stage):
        notes.seen(sign, "hub", place, stage)
    notes.fact("stage", stage)
    _message(state, notes)
    _hardware(seen, state, notes, options)
    _commit(seen, state, notes, options)
    _flapping(seen, notes)
    _others(state, notes)


def _message(state: Runtime, notes: Notes) -> None:
    """What errorMessage says, read like a log of its stage."""
    if not state.message:
        return
    from unstick.redact import redact

    message = redact(state.message)
    where = "build" if state.stage in OF_BUILDS else "run"
    for item in build.log_evidence(message, "hub", where, notes.facts):
        if item.sign not in build.OF_A_WHOLE_LOG:
            notes.seen(item.sign, "hub", "runtime, errorMessage", item.quote)
    for name in ("listens", "listens_source", "listens_place", "banner", "loopback"):
        notes.facts.pop(name, None)  # a message only quotes the log
    notes.fact("error_message", message)


def _hardware(seen: Gathered, state: Runtime, notes: Notes, options: Options) -> None:
    wanted = state.requested or state.current
    notes.fact("hardware", wanted)
    for item in fields._first(fields.HARDWARE, wanted, "hub", "runtime, hardware") if wanted else ():
        notes.seen(item.sign, "hub", item.place, item.quote)
    age = _since_commit_or_build(seen)
    if state.stage != "APP_STARTING" or state.current or not state.requested:
        return
    if age is not None and age > UNSCHEDULED * options.pace:
        told = f"null, {times.spoken(age)} after the build"
        notes.seen("hardware-none", "hub", "runtime, hardware.current", told)


def _since_commit_or_build(seen: Gathered) -> float | None:
    last = seen.build.last
    return None if last is None else (seen.build.now or seen.now) - last


def _commit(seen: Gathered, state: Runtime, notes: Notes, options: Options) -> None:
    """Whether what runs is what was pushed."""
    head = seen.info.head
    notes.fact("sha", head)
    notes.fact("runtime_sha", state.sha)
    newest = seen.history.commits[0] if seen.history.commits else None
    at = newest.at if newest is not None else times.moment(seen.info.modified)
    if at is not None:
        notes.fact("last_commit", f"{times.day(at)}{f': {newest.title}' if newest else ''}")
    if state.stage != "RUNNING":
        return
    if not state.sha or not head:
        notes.unknown("live-old-commit", "the runtime names no commit")
        return
    told = f"runs {state.sha[:8]}, newest is {head[:8]}"
    if state.sha == head:
        notes.seen("live-head-served", "hub", "runtime, sha", f"runs {state.sha[:8]}, the newest commit")
        return
    behind = seen.history.behind(state.sha)
    if behind:
        told += f", {behind} commit{'s' if behind > 1 else ''} later"
    if at is not None and seen.now - at < SETTLES * options.pace:
        notes.fact("in_time", "yes")
        notes.fact("health_note", f"{told}: pushed {times.spoken(seen.now - at)} ago")
        return
    notes.seen("live-old-commit", "hub", "runtime, sha", told)


def _flapping(seen: Gathered, notes: Notes) -> None:
    """A stage that goes there and back within one observation. One change is a start, or an app that went down."""
    if len(seen.moves) > 1:
        notes.seen("live-stage-flaps", "hub", "runtime, stage", " → ".join(seen.stages))


def _others(state: Runtime, notes: Notes) -> None:
    current, requested = state.replicas
    if state.stage == "RUNNING" and current is not None and requested is not None:
        if 0 <= current < requested:
            notes.seen("live-replicas-short", "hub", "runtime, replicas", f"{current} of {requested}")
        notes.fact("replicas", f"{current} of {requested}" if requested != 1 else "")
    if state.dev_mode is not None:
        notes.fact("dev_mode", "on" if state.dev_mode else "off")
    if state.dev_mode:
        notes.seen("live-dev-mode", "hub", "runtime, devMode", "commits are not rebuilt while it is on")
    for domain, stage in state.domains:
        if stage and stage.upper() != "READY":
            notes.seen("live-domain-not-ready", "hub", "runtime, domains", f"{domain}: {stage}")
            break
    notes.fact("volumes", ", ".join(state.volumes))
    notes.fact("domains", ", ".join(f"{name} ({stage})" for name, stage in state.domains))
    if state.sleep is not None:
        notes.fact("sleep_after", times.spoken(float(state.sleep)) if state.sleep >= 0 else "never")
