"""What is wrong with a Space, from what is known of it and the time: pure functions and one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import ceil

from unstick.contract.stages import STAGES
from unstick.record import NamedTuple
from unstick.watch.settings import Settings
from unstick.watch.types import ANSWERS, GONE, Open, Record, Stay, Trouble

TRANSIENT = frozenset(stage.id for stage in STAGES if stage.transient)
SERVING = frozenset(stage.id for stage in STAGES if stage.serving)
FAILED = frozenset(stage.id for stage in STAGES if stage.failed)
RESTING = frozenset(("SLEEPING", "STOPPED", "PAUSED", GONE))
"""Stages that somebody wanted: a trouble ends with them, and none begins."""

STARTING = ("APP_STARTING", "RUNNING_APP_STARTING")
BUILDING = ("BUILDING", "RUNNING_BUILDING")
REMEMBERED_STARTS = 20
MANY = "many"


class Deadline(NamedTuple):
    """How long a stay may last, in seconds, and why, as a clause."""

    seconds: float
    why: str


def recognise(record: Record, now: float, settings: Settings) -> tuple[Trouble, ...]:
    """What is wrong with one Space, at most one trouble of each family.

    Ages are counted to the last time the Space was seen, not to `now`: while the Hub cannot be asked,
    nothing becomes stuck.
    """
    found: dict[str, Trouble] = {}
    for kind in KINDS:
        if kind.family in found:
            continue
        hit = kind.recognise(record, min(now, record.seen.at), settings)
        if hit is not None:
            since, detail = hit
            found[kind.family] = Trouble(record.seen.space, kind.family, kind.id, since, detail)
    return tuple(found.values())


def over(record: Record, trouble: Open, now: float, settings: Settings) -> str:
    """Why an open trouble that is no longer recognised has ended, as a clause; '' while it has not.

    A Space on its way up again has not recovered, and one that has only just come up may fall again.
    """
    if trouble.family == "start":
        return "starts are as quick as before"
    stay = record.now_in
    if stay.stage in RESTING:
        return f"the Space is {stay.stage.lower()}" if stay.stage != GONE else "the Space is gone"
    if stay.stage not in SERVING or ANSWERS.get(record.url.answer) is False:
        return ""
    up = max(stay.since, record.sighted, record.url.since if record.url.answer else 0.0)
    if min(now, record.seen.at) - up < settings.settle:
        return ""
    return "the Space serves again"


def deadline(record: Record, settings: Settings) -> Deadline | None:
    """How long the present stay may last, or None when it may last for ever."""
    stay = record.now_in
    if stay.stage in STARTING:
        declared = record.seen.timeout
        usual = Deadline(
            float(declared or settings.starting),
            "its startup_duration_timeout" if declared else "the start-up timeout",
        )
    elif stay.stage in BUILDING:
        usual = Deadline(settings.building, "the time for a build")
    elif stay.stage == "DELETING":
        return Deadline(settings.deleting, "the time for a removal")
    else:
        return None
    own = _own(record, settings)
    return own if own is not None and own.seconds < usual.seconds else usual


def _own(record: Record, settings: Settings) -> Deadline | None:
    """The deadline by this Space's own history."""
    stages = STARTING if record.now_in.stage in STARTING else BUILDING
    past = durations(record.stays, stages)
    if not settings.own_history or len(past) < settings.enough_starts:
        return None
    longest = max(past)
    return Deadline(
        max(settings.own_history * longest, settings.own_least),
        f"{settings.own_history:g} times its longest of the last {len(past)} ({span(longest)})",
    )


def durations(stays: Iterable[Stay], stages: tuple[str, ...] = STARTING) -> list[float]:
    """How long the latest successful starts (or builds) took: stays that were seen from their beginning and
    went on to the next stage as they should."""
    following = SERVING | set(STARTING) if stages == BUILDING else {"RUNNING"}
    taken = []
    before: Stay | None = None
    for stay in stays:
        if (
            before is not None
            and before.stage in stages
            and before.exact
            and before.until is not None
            and stay.stage in following - set(stages)
        ):
            taken.append(before.until - before.since)
        before = stay
    return taken[-REMEMBERED_STARTS:]


def falls(record: Record, now: float, within: float) -> list[float]:
    """When the Space went down by itself lately: from serving to something else without a new commit, or its
    URL from good to bad."""
    times = [when for when in record.url.falls if now - when <= within]
    before: Stay | None = None
    for stay in record.stays:
        if before is not None and now - stay.since <= within and _is_fall(before, stay):
            times.append(stay.since)
        before = stay
    return sorted(times)


def _is_fall(before: Stay, after: Stay) -> bool:
    if before.stage not in SERVING or after.stage in SERVING or after.stage in RESTING:
        return False
    return after.stage in FAILED or before.sha == after.sha


Hit = tuple[float, str] | None


def _flapping(record: Record, now: float, settings: Settings) -> Hit:
    times = falls(record, now, settings.flapping_within)
    if len(times) < settings.flapping_falls:
        return None
    return times[0], f"went down {len(times)} times within {span(settings.flapping_within)}"


def _failed(record: Record, now: float, settings: Settings) -> Hit:
    stay = record.now_in
    stopped = stay.stage == "PAUSED" and record.seen.error
    if stay.stage not in FAILED and not stopped:
        return None
    return stay.since, f"{stay.stage}: {record.seen.error}" if record.seen.error else stay.stage


def _lagging(record: Record, now: float, settings: Settings) -> Hit:
    stay, url = record.now_in, record.url
    if stay.stage not in ("BUILDING", "APP_STARTING") or url.answer != "app":
        return None
    since = max(stay.since, url.since)
    if now - since < settings.announced:
        return None
    return since, f"the app has answered for {span(now - since)} though the stage says {stay.stage}"


def _stuck(record: Record, now: float, settings: Settings) -> Hit:
    limit = deadline(record, settings)
    stay = record.now_in
    if limit is None or now - stay.since < limit.seconds:
        return None
    least = "" if stay.exact else "at least "
    return stay.since, (
        f"{stay.stage} for {least}{span(now - stay.since)}; {limit.why} is {span(limit.seconds)}"
    )


def _silent(record: Record, now: float, settings: Settings) -> Hit:
    stay, log = record.now_in, record.log
    if stay.stage not in BUILDING or not log.newest:
        return None
    since = max(log.since, stay.since)
    if log.looked - since < settings.silent_build:
        return None
    return stay.since, f"{stay.stage}, and its build log has not moved for {span(log.looked - since)}"


def _down(record: Record, now: float, settings: Settings) -> Hit:
    url = record.url
    if record.now_in.stage not in SERVING or ANSWERS.get(url.answer) is not False:
        return None
    if url.probes < settings.bad_probes or now - url.since < settings.bad_for:
        return None
    return url.since, f"{record.now_in.stage}, but {url.detail or url.answer}"


def _slower(record: Record, now: float, settings: Settings) -> Hit:
    past = durations(record.stays)
    if len(past) < settings.enough_starts + 1:
        return None
    recent, earlier = _median(past[-3:]), _median(past[:-3])
    if recent < settings.slow_factor * earlier or recent - earlier < settings.slow_least:
        return None
    if min(past[-3:]) <= max(past[:-3]):
        return None  # that long it took before now and then
    return now, f"starts take {span(recent)} now, and took {span(earlier)} before"


class Kind(NamedTuple):
    """One kind of trouble. Of each `family` one can be open at a time; the first that is recognised names
    it. `title` is what an alert begins with."""

    id: str
    family: str
    title: str
    recognise: Callable[[Record, float, Settings], Hit]


KINDS = (
    Kind("flapping", "down", "goes up and down", _flapping),
    Kind("failed", "down", "failed", _failed),
    Kind("stage-lags", "down", "serves, but its stage does not say so", _lagging),
    Kind("stuck", "down", "is stuck", _stuck),
    Kind("silent-build", "down", "builds without a sign of life", _silent),
    Kind("down", "down", "is down", _down),
    Kind("slower-starts", "start", "starts slower and slower", _slower),
)
TITLES = {kind.id: kind.title for kind in KINDS} | {
    MANY: "many Spaces failed at once",
    "blind": "the Hub cannot be asked",
}


def threshold(watched: int, settings: Settings) -> int:
    """From how many Spaces on, failing within `many_within`, it is one incident."""
    share = ceil(settings.many_share * watched)
    return max(settings.many_at_least, min(share, settings.many_at_most))


def many(opened: Iterable[tuple[str, float]], watched: int, now: float, settings: Settings) -> set[str]:
    """The Spaces of an incident: those whose trouble opened lately, if they are many; else none."""
    recent = {space for space, at in opened if now - at <= settings.many_within}
    return recent if len(recent) >= threshold(watched, settings) else set()


def next_deadlines(records: Iterable[Record], settings: Settings) -> Iterator[tuple[float, str]]:
    """When which Space outlasts its deadline, for those that are in a stage that ends by itself."""
    for record in records:
        if record.now_in.stage in TRANSIENT:
            limit = deadline(record, settings)
            if limit is not None:
                yield record.now_in.since + limit.seconds, record.seen.space


def span(seconds: float) -> str:
    """A length of time for a person: 45 s, 12 min, 2 h 5 min, 3 d."""
    whole = int(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min"
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} d"


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
