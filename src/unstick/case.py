"""A case: what is known of one Space's trouble, as evidence with sources and places."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any


SOURCES = (
    "description", "build-log", "run-log", "log", "readme", "dockerfile", "files", "stage", "hardware",
    "tried", "hub", "url", "status-page", "rehearsal", "answer",
)  # fmt: skip


class Evidence(NamedTuple):
    """A sign that was observed as present or absent.

    `source` is one of `SOURCES`, `place` the exact place for a person ('README.md:3', 'run log, line 14',
    'description, line 2'), `quote` the words or values seen there, redacted and free of control characters.
    """

    sign: str
    present: bool
    source: str
    place: str = ""
    quote: str = ""


class Unobserved(NamedTuple):
    """A sign that could not be observed, and why."""

    sign: str
    reason: str


class Case(NamedTuple):
    """One Space's trouble, as far as it is known.

    `evidence` holds each sign at most once for each source. `facts` are plain values by name, for the support
    request and for rules that compare values: sdk, stage, hardware, space_id, app_port, announced_port,
    sha, since ... `space` is the parsed Space (`unstick.space.Space`) or None; `description`, `build_log`
    and `run_log` are redacted texts.
    """

    name: str = ""
    evidence: tuple[Evidence, ...] = ()
    unobserved: tuple[Unobserved, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    description: str = ""
    build_log: str = ""
    run_log: str = ""
    tried: tuple[str, ...] = ()
    findings: tuple[Any, ...] = ()
    space: Any = None

    def fact(self, name: str) -> str:
        """The value of one fact, or the empty string."""
        return dict(self.facts).get(name, "")
