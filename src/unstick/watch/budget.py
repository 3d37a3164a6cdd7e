"""The Hub's rate limit, shared by everything that one watcher asks.

The Hub says with each answer what is left (`RateLimit: "api";r=0;t=55`) and what the limit is
(`RateLimit-Policy: "fixed window";"api";q=500;w=300`). Nothing is assumed before it has said so.
"""

from __future__ import annotations

from collections.abc import Mapping

KEPT_BACK = 0.2
"""The share of the limit that is left to needs that cannot wait (and to others with the same token)."""

USED = 0.8
"""The share of the limit that regular polling may use."""

UNKNOWN_WAIT = 30.0
"""Seconds to wait after a 429 that does not say how long."""

LONGEST_WAIT = 3600.0


class Budget:
    """What may be asked now. Times are seconds of one clock, given by the caller."""

    def __init__(self) -> None:
        self.limit: int | None = None
        self.window: float = 300.0
        self.left: int | None = None
        self.resets_at = 0.0
        self.refused = 0

    def sent(self) -> None:
        """A request goes out now."""
        if self.left is not None:
            self.left -= 1

    def heard(self, status: int, headers: Mapping[str, str], now: float) -> None:
        """An answer came: headers with lower-case names."""
        policy = _parameters(headers.get("ratelimit-policy", ""))
        if policy.get("q", 0) > 0:
            self.limit = int(policy["q"])
            self.window = float(policy.get("w") or self.window)
        state = _parameters(headers.get("ratelimit", ""))
        if "r" in state:
            self.left = int(state["r"])
            self.resets_at = now + min(state.get("t", self.window), LONGEST_WAIT)
        if status == 429:
            self.refused += 1
            wait = state.get("t") or _number(headers.get("retry-after", "")) or UNKNOWN_WAIT
            self.left = 0
            self.resets_at = now + min(max(wait, 1.0), LONGEST_WAIT)

    def wait(self, now: float, *, optional: bool = False) -> float:
        """Seconds until one more request may go out. What is `optional` leaves a reserve."""
        if self.left is None or now >= self.resets_at:
            return 0.0
        reserve = KEPT_BACK * self.limit if optional and self.limit else 0
        return 0.0 if self.left > reserve else self.resets_at - now

    @property
    def usable(self) -> int:
        """How many requests of a window polling may use."""
        return int(USED * (self.limit or 0))

    def share(self, seconds: float, now: float, first: bool) -> int | None:
        """How many requests polling may make in a round of so many seconds; None while the limit is not
        known. The first round may use what is left but for the reserve, so that everything is seen soon."""
        if not self.limit:
            return None
        even = int(self.usable * seconds / self.window)
        if self.left is None or now >= self.resets_at:
            left = self.limit
        else:
            left = self.left
        most = max(0, left - int(KEPT_BACK * self.limit))
        return most if first else min(even, most)

    def shortest_round(self, requests: int) -> float:
        """The seconds in which the limit bears so many requests of polling; 0 when unknown."""
        if not self.limit:
            return 0.0
        return requests * self.window / (USED * self.limit)


def _parameters(header: str) -> dict[str, float]:
    """The numbers of `"api";r=0;t=55`; of several limits the one named api, else the first."""
    items = [item for item in header[:500].split(",") if item.strip()]
    chosen = next((item for item in items if '"api"' in item), items[0] if items else "")
    found = {}
    for part in chosen.split(";"):
        name, _, value = part.strip().partition("=")
        number = _number(value)
        if name and number is not None:
            found[name] = number
    return found


def _number(text: str) -> float | None:
    text = text.strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
