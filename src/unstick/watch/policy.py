"""The policy file: what is polled how often, who is told, and what may be done without asking.

TOML or YAML, read into typed structures; a word that means nothing is refused with its place.
"""

from __future__ import annotations

import datetime
import os
import zoneinfo
from typing import Annotated, Any, Literal

import msgspec

from unstick.errors import UnreadableError, UsageError
from unstick.watch.recognise import KINDS
from unstick.watch.settings import DAY, HOUR, MINUTE, Settings

MOST = 256 * 1024
Duration = Annotated[str, msgspec.Meta(pattern=r"^\d{1,7}(?:\.\d{1,3})?[smhd]$")]
Clock = Annotated[str, msgspec.Meta(pattern=r"^[0-2]\d:[0-5]\d-[0-2]\d:[0-5]\d$")]
"""A time of the day, such as 22:00-07:00."""

Count = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNITS = {"s": 1.0, "m": MINUTE, "h": HOUR, "d": DAY}


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the file: unknown words in it are errors."""


class Poll(Part, frozen=True):
    """How Spaces are looked at. `probe`: whose direct URL is asked; a visit keeps a Space awake, so that
    Spaces with a sleep time are asked only with `all`. `per_page` is the size of a list's page."""

    every: Duration = "1m"
    jitter: Annotated[float, msgspec.Meta(ge=0, le=0.5)] = 0.1
    probe: Literal["never-sleeping", "all", "none"] = "never-sleeping"
    logs: bool = True
    per_page: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    timeout: Duration = "10s"


class Deadlines(Part, frozen=True):
    """From when on a stage counts as stuck. `own_history` is the factor by which a start may outlast the
    longest of the latest ones; 0 leaves the history out."""

    starting: Duration = "30m"
    building: Duration = "45m"
    silent_build: Duration = "15m"
    announced: Duration = "5m"
    own_history: Annotated[float, msgspec.Meta(ge=0)] = 3.0
    own_least: Duration = "5m"
    bad_probes: Annotated[int, msgspec.Meta(ge=1)] = 2
    bad_for: Duration = "0s"
    settle: Duration = "2m"
    flapping_falls: Annotated[int, msgspec.Meta(ge=2)] = 3
    flapping_within: Duration = "1h"


class Incident(Part, frozen=True):
    """From when on failures are one incident: so many Spaces (or this share of the watched, up to
    `at_most`) within this time."""

    at_least: Annotated[int, msgspec.Meta(ge=2)] = 5
    at_most: Annotated[int, msgspec.Meta(ge=2)] = 20
    share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.02
    within: Duration = "5m"


class Alerts(Part, frozen=True):
    """Who is told: apprise URLs, or `$NAME` for one in the environment, so that no secret stands in the file.
    Alerts of quiet hours wait until their end."""

    urls: tuple[str, ...] = ()
    cleared: bool = True
    quiet: tuple[Clock, ...] = ()


class Rung(Part, frozen=True):
    """One rung: taken on a trouble of these kinds, of these causes or domains (none named: any), once it has
    been open `after` long, `times` times a trouble, `every` so often for a Space, `per_day` times a day for
    a Space."""

    rung: str
    when: tuple[str, ...] = ("failed", "stuck", "down")
    causes: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ("*",)
    after: Duration = "5m"
    every: Duration = "30m"
    times: Annotated[int, msgspec.Meta(ge=1)] = 1
    per_day: Annotated[int, msgspec.Meta(ge=1)] = 3


class Limits(Part, frozen=True):
    """What holds for all rungs together: no more than so many actions a day, none in quiet hours."""

    per_day: Count = 10
    quiet: tuple[Clock, ...] = ()


class Maintenance(Part, frozen=True):
    """A time in which nothing is told or done about these Spaces: from one moment to another, or at a time
    of the day, on some days."""

    spaces: tuple[str, ...] = ("*",)
    begins: datetime.datetime | None = None
    ends: datetime.datetime | None = None
    daily: Clock | None = None
    days: tuple[Day, ...] = ()


class Policy(Part, frozen=True):
    """The whole file. `retention` is how long the history is kept."""

    poll: Poll = Poll()
    deadlines: Deadlines = Deadlines()
    incident: Incident = Incident()
    alerts: Alerts = Alerts()
    act: tuple[Rung, ...] = ()
    limits: Limits = Limits()
    maintenance: tuple[Maintenance, ...] = ()
    retention: Duration = "400d"
    timezone: str = "UTC"


def seconds(duration: str) -> float:
    """The length of a duration such as 90s or 1.5h."""
    return float(duration[:-1]) * UNITS[duration[-1]]


def settings_of(policy: Policy) -> Settings:
    """The numbers for recognition."""
    given = msgspec.structs.asdict(policy.deadlines)
    values: dict[str, Any] = {
        name: seconds(value) if isinstance(value, str) else value for name, value in given.items()
    }
    incident = policy.incident
    return Settings(**values)._replace(
        many_at_least=incident.at_least,
        many_at_most=max(incident.at_least, incident.at_most),
        many_share=incident.share,
        many_within=seconds(incident.within),
    )


def load(path: str) -> Policy:
    """The policy of a file. Raises UnreadableError for a file that cannot be read, UsageError for one that
    says something unknown or impossible."""
    try:
        with open(path, "rb") as file:
            data = file.read(MOST + 1)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}", where=path) from None
    if len(data) > MOST:
        raise UnreadableError("is larger than 256 KB", where=path, todo="A policy file is short.")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise UnreadableError("is not UTF-8 text", where=path) from None
    return decode(text, path)


def decode(text: str, where: str) -> Policy:
    """The policy in a text; YAML where the name ends in .yaml or .yml, else TOML."""
    if where.endswith((".yaml", ".yml")):
        from unstick.observe.casefile import load_yaml

        plain = load_yaml(text, where) or {}
    else:
        import tomllib

        try:
            plain = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise UsageError(f"is no TOML: {error}", where=where, todo="See docs/watch.md.") from None
    try:
        policy = msgspec.convert(plain, Policy)
    except msgspec.ValidationError as error:
        raise _refused(_plainly(str(error)), where) from None
    _check(policy, where)
    return policy


def _plainly(message: str) -> str:
    """msgspec's words for a wrong duration or time of the day hold a pattern; say the form instead."""
    for pattern, form in (
        (r"[smhd]", "a duration such as 90s, 5m, 1h, 2d"),
        (":[0-5]", "a time such as 22:00-07:00"),
    ):
        if "matching regex" in message and pattern in message:
            _, _, place = message.partition(" - at ")
            return f"Expected {form} - at {place}"
    return message


def _check(policy: Policy, where: str) -> None:
    """What the types cannot say."""
    known = {kind.id for kind in KINDS}
    for rung in policy.act:
        unknown = sorted(set(rung.when) - known)
        if unknown:
            raise _refused(
                f"`{unknown[0]}` is no kind of trouble; there are {', '.join(sorted(known))}", where
            )
    if seconds(policy.poll.every) < 1:
        raise _refused("`poll.every` is less than a second", where)
    try:
        zoneinfo.ZoneInfo(policy.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise _refused(f"`{policy.timezone}` is no time zone, such as Europe/Berlin", where) from None
    for window in policy.maintenance:
        if window.daily is None and (window.begins is None or window.ends is None):
            raise _refused("a maintenance window needs `begins` and `ends`, or `daily`", where)
        if window.begins and window.ends and window.begins.tzinfo != window.ends.tzinfo:
            raise _refused(
                "`begins` and `ends` of a maintenance window need the same kind of time zone", where
            )


def _refused(what: str, where: str) -> UsageError:
    return UsageError(what, where=where, reference="policy", todo="See docs/watch.md.")


def alert_urls(policy: Policy, environment: dict[str, str] | None = None) -> tuple[str, ...]:
    """The apprise URLs, with `$NAME` taken from the environment. Raises UsageError for a name not set."""
    values = os.environ if environment is None else environment
    urls = []
    for url in policy.alerts.urls:
        if url.startswith("$"):
            name = url[1:].strip("{}")
            if not values.get(name):
                raise UsageError(f"the variable {name} is not set", where="alerts.urls", reference="policy")
            url = values[name]
        urls.append(url)
    return tuple(urls)
