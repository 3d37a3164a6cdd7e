"""Where conclusions are gathered: evidence, what is unknown, facts."""

from __future__ import annotations

from unstick.case import Evidence, Unobserved
from unstick.observe.quotes import in_a_line

QUOTED = 240


class Notes:
    """Evidence, unobserved signs and facts of one observation, redacted as they come in."""

    def __init__(self) -> None:
        self.evidence: list[Evidence] = []
        self.unobserved: list[Unobserved] = []
        self.facts: dict[str, str] = {}

    def seen(self, sign: str, source: str, place: str, quote: str = "", *, present: bool = True) -> None:
        """A sign that was looked for and found (or not)."""
        self.evidence.append(Evidence(sign, present, source, in_a_line(place, 160), in_a_line(quote, QUOTED)))

    def unknown(self, sign: str, reason: str) -> None:
        """A sign that could not be observed."""
        self.unobserved.append(Unobserved(sign, in_a_line(reason, QUOTED)))

    def fact(self, name: str, value: object) -> None:
        """A plain value; an empty one is left out."""
        text = in_a_line(str(value), 500) if value is not None else ""
        if text:
            self.facts[name] = text

    def has(self, *signs: str) -> bool:
        """Whether one of these signs was found."""
        return any(item.present and item.sign in signs for item in self.evidence)
