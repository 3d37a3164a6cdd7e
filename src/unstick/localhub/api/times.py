"""Times as the Hub writes them."""

from __future__ import annotations

import time


def iso(seconds: float) -> str:
    """Seconds since 1970 as '2026-01-01T00:00:00.000Z'."""
    whole = int(seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{int((seconds - whole) * 1000):03d}Z"
