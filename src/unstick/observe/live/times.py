"""Moments as the Hub writes them, and the time that has gone by since."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from unstick.patterns import lazy

_BANNER = lazy(r"=====\s*(?:Application Startup|Build Queued) at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
DAY = 86400.0


def moment(text: str) -> float | None:
    """Seconds since 1970 of '2026-01-01T00:00:00.000Z' and the like, or None."""
    try:
        found = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def header(text: str) -> float | None:
    """Seconds since 1970 of a Date header, or None."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def begun(log: str) -> float | None:
    """When the last start or build in a log began, by the platform's own line."""
    last = None
    for match in _BANNER.finditer(log):
        last = match.group(1)
    return moment(last) if last else None


def spoken(seconds: float) -> str:
    """A length of time for a person: 40 s, 12 min, 3 h, 5 days."""
    for size, unit in ((DAY, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def day(seconds: float) -> str:
    """A moment as a person reads it, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
