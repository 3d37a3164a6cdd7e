"""What the policy allows now: pure functions of policy, trouble, past actions and the time."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from unstick.record import NamedTuple
from unstick.watch.policy import DAYS, Maintenance, Policy, Rung, seconds
from unstick.watch.settings import DAY
from unstick.watch.types import Open


class Past(NamedTuple):
    """An action of the audit log."""

    space: str
    trouble: int
    rung: str
    at: float


class Decision(NamedTuple):
    """The rung to take now ('' for none), and why not, as a clause."""

    rung: str
    why_not: str = ""


def decide(policy: Policy, trouble: Open, past: Sequence[Past], now: float) -> Decision:
    """The first rung of the policy that may be taken on this trouble now."""
    if not policy.act or trouble.family != "down":
        return Decision("", "no rung of the policy is for it")
    if trouble.incident:
        return Decision("", "it is part of an incident")
    if in_maintenance(policy, trouble.space, now):
        return Decision("", "maintenance")
    if quiet(policy.limits.quiet, policy.timezone, now):
        return Decision("", "quiet hours")
    today = [one for one in past if now - one.at < DAY]
    if len(today) >= policy.limits.per_day:
        return Decision("", f"the limit of {policy.limits.per_day} actions a day is reached")
    why_not = "no rung of the policy is for it"
    for rung in policy.act:
        if not _meant(rung, trouble):
            continue
        why_not = _why_not(rung, trouble, today, past, now)
        if not why_not:
            return Decision(rung.rung)
    return Decision("", why_not)


def _meant(rung: Rung, trouble: Open) -> bool:
    """Whether a rung is for such a trouble at all."""
    if trouble.kind not in rung.when or not matches(rung.spaces, trouble.space):
        return False
    if not rung.causes and not rung.domains:
        return True
    return trouble.cause in rung.causes or trouble.domain in rung.domains


def _why_not(rung: Rung, trouble: Open, today: Sequence[Past], past: Iterable[Past], now: float) -> str:
    """Why a rung that is meant for it may not be taken now; '' if it may."""
    if now - trouble.opened_at < seconds(rung.after):
        return f"it is open for less than {rung.after}"
    of_space = [one for one in today if one.space == trouble.space]
    if sum(one.rung == rung.rung for one in of_space) >= rung.per_day:
        return f"{rung.rung} was done {rung.per_day} times today"
    if any(now - one.at < seconds(rung.every) for one in of_space):
        return f"something was done less than {rung.every} ago"
    done = sum(one.trouble == trouble.id and one.rung == rung.rung for one in past)
    return f"{rung.rung} was done already" if done >= rung.times else ""


def matches(patterns: Iterable[str], space: str) -> bool:
    """Whether a Space's name fits one of the patterns (`*` and `?` as in a shell)."""
    return any(fnmatchcase(space.lower(), pattern.lower()) for pattern in patterns)


def quiet(clocks: Iterable[str], timezone: str, now: float) -> bool:
    """Whether it is one of these times of the day."""
    clock = f"{_local(timezone, now):%H:%M}"
    return any(_within(given, clock) for given in clocks)


def in_maintenance(policy: Policy, space: str, now: float) -> bool:
    """Whether a maintenance window of this Space is open."""
    return any(
        matches(window.spaces, space) and _open(window, policy.timezone, now) for window in policy.maintenance
    )


def _open(window: Maintenance, timezone: str, now: float) -> bool:
    local = _local(timezone, now)
    if window.begins is not None and window.ends is not None:
        begins, ends = (_aware(moment, timezone) for moment in (window.begins, window.ends))
        if not begins <= local < ends:
            return False
    if window.daily is None:
        return True
    if not _within(window.daily, f"{local:%H:%M}"):
        return False
    begins_clock, ends_clock = window.daily.split("-")
    # A window over midnight belongs to the day on which it began.
    begun = local - datetime.timedelta(days=ends_clock < begins_clock and f"{local:%H:%M}" < ends_clock)
    return not window.days or DAYS[begun.weekday()] in window.days


def _within(given: str, clock: str) -> bool:
    begins, ends = given.split("-")
    return begins <= clock < ends if begins <= ends else clock >= begins or clock < ends


def _local(timezone: str, now: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(now, zoneinfo.ZoneInfo(timezone))


def _aware(moment: datetime.datetime, timezone: str) -> datetime.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zoneinfo.ZoneInfo(timezone))
