"""What the policy allows: a table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from unstick.watch.deciding import Past, decide, in_maintenance, quiet
from unstick.watch.policy import Policy, decode
from unstick.watch.types import Open

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC).timestamp()  # a Tuesday
HOUR = 3600.0
RESTART = "[[act]]\nrung = 'restart'\nafter = '5m'\nevery = '30m'\nper_day = 3\n"
LADDER = RESTART + "[[act]]\nrung = 'factory-rebuild'\nafter = '1h'\n"
PLATFORM = RESTART + "domains = ['platform']\n"


def trouble(**changes: object) -> Open:
    base = Open(
        7, "acme/app", "down", "stuck", NOON - 9000, NOON - 9000, "", "scheduling-capacity", "platform"
    )
    return base._replace(**changes)  # type: ignore[arg-type]


def past(*hours_ago: float, trouble: int = 1, space: str = "acme/app", rung: str = "restart") -> list[Past]:
    return [Past(space, trouble, rung, NOON - hours * HOUR) for hours in hours_ago]


TABLE = [
    (RESTART, trouble(), [], "restart", ""),
    ("", trouble(), [], "", "no rung"),
    (RESTART, trouble(opened_at=NOON - 60), [], "", "less than 5m"),
    (RESTART, trouble(), past(0.1, trouble=7), "", "less than 30m ago"),
    (RESTART, trouble(), past(2, trouble=7), "", "done already"),
    (RESTART, trouble(), past(2, 3, 4), "", "3 times today"),
    (RESTART, trouble(), past(30, 40, 50), "restart", ""),
    (LADDER, trouble(), past(2, trouble=7), "factory-rebuild", ""),
    (LADDER, trouble(opened_at=NOON - 600), past(2, trouble=7), "", "less than 1h"),
    (RESTART, trouble(kind="flapping"), [], "", "no rung"),
    (RESTART, trouble(family="start", kind="slower-starts"), [], "", "no rung"),
    (PLATFORM, trouble(), [], "restart", ""),
    (PLATFORM, trouble(domain="app", cause="app-crash"), [], "", "no rung"),
    (PLATFORM, trouble(domain=""), [], "", "no rung"),
    (RESTART + "spaces = ['other/*']\n", trouble(), [], "", "no rung"),
    (RESTART, trouble(incident=3), [], "", "incident"),
    (RESTART + "[limits]\nper_day = 2\n", trouble(), past(2, 3, space="x/y"), "", "2 actions a day"),
    (RESTART + "[limits]\nquiet = ['11:00-13:00']\n", trouble(), [], "", "quiet hours"),
    (RESTART + "[[maintenance]]\ndaily = '11:00-13:00'\n", trouble(), [], "", "maintenance"),
]


@pytest.mark.parametrize(("text", "open_trouble", "done", "rung", "why_not"), TABLE)
def test_decides(text: str, open_trouble: Open, done: list[Past], rung: str, why_not: str) -> None:
    decision = decide(decode(text, "p.toml"), open_trouble, done, NOON)
    assert decision.rung == rung
    assert why_not in decision.why_not


@pytest.mark.parametrize(
    ("clock", "timezone", "is_quiet"),
    [
        ("11:00-13:00", "UTC", True),
        ("12:00-12:01", "UTC", True),
        ("11:00-12:00", "UTC", False),
        ("22:00-12:30", "UTC", True),
        ("22:00-07:00", "UTC", False),
        ("13:00-13:30", "Europe/Berlin", True),
    ],
)
def test_quiet_hours(clock: str, timezone: str, is_quiet: bool) -> None:
    assert quiet([clock], timezone, NOON) is is_quiet


def window(text: str) -> Policy:
    return decode(f"[[maintenance]]\n{text}", "p.toml")


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("begins = 2026-11-24T11:00:00Z\nends = 2026-11-24T13:00:00Z", True),
        ("begins = 2026-11-24T11:00:00\nends = 2026-11-24T12:00:00", False),
        ("daily = '11:00-13:00'\ndays = ['tue']", True),
        ("daily = '11:00-13:00'\ndays = ['wed']", False),
        ("daily = '23:00-13:00'\ndays = ['mon']", True),
        ("daily = '23:00-13:00'\ndays = ['tue']", False),
        ("daily = '11:00-13:00'\nspaces = ['acme/b*']", False),
        ("daily = '11:00-13:00'\nbegins = 2027-01-01T00:00:00Z\nends = 2027-02-01T00:00:00Z", False),
    ],
)
def test_maintenance(text: str, is_open: bool) -> None:
    assert in_maintenance(window(text), "acme/app", NOON) is is_open
