"""What could make a Space serve that a rehearsal showed to fail: the repairs to try, the best first."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.edits import together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.case import Case
    from unstick.rehearse.types import Rehearsal
    from unstick.space import Edit, Space

SEEN = 0.6
"""What a repair counts at least whose fault the rehearsal saw itself."""

UNSAFE = 0.9
SEVERITY = {"error": 1.0, "warning": 0.8, "advice": 0.4}
LEAST = 0.01


class Candidate(NamedTuple):
    """Edits to try together. `origin` is the rule that offers them, 'diagnosis' or 'rehearsal'; `worth` the
    probability of the cause, times how sure it is that the edits remove it."""

    cause: str
    origin: str
    title: str
    edits: tuple[Edit, ...]
    worth: float = 0.0


def candidates(space: Space, rehearsal: Rehearsal) -> tuple[Candidate, ...]:
    """The repairs to try for a Space of which a rehearsal failed, each set of edits once, best first."""
    from unstick.diagnose import diagnose
    from unstick.rehearse.evidence import case_of

    case = case_of(space, rehearsal)
    diagnosis = diagnose(case)
    odds = {item.cause: item.probability for item in diagnosis.causes}
    rows = [*_observed(space, rehearsal, odds), *_of_findings(case, odds)]
    rows += [
        Candidate(r.cause, "diagnosis", r.title, r.edits, odds.get(r.cause, 0.0)) for r in diagnosis.repairs
    ]
    best: dict[tuple[tuple[object, ...], ...], Candidate] = {}
    for row in sorted(rows, key=lambda row: -row.worth):
        if row.edits and row.worth >= LEAST and together(row.edits):
            best.setdefault(tuple(sorted(edit[:4] for edit in row.edits)), row)
    return tuple(best.values())


def _observed(space: Space, rehearsal: Rehearsal, odds: dict[str, float]) -> Iterator[Candidate]:
    from unstick.repair.observed import observed

    for row in observed(space, rehearsal):
        yield row._replace(worth=max(odds.get(row.cause, 0.0), SEEN) * (row.worth or 1.0))


def _of_findings(case: Case, odds: dict[str, float]) -> Iterator[Candidate]:
    """The edits of the findings, weighed by the cause that they speak for."""
    from unstick.diagnose.repairs import main_cause

    for finding in case.findings:
        if not finding.edits:
            continue
        cause = main_cause(finding)
        sure = finding.confidence * SEVERITY.get(finding.severity, 0.4)
        sure *= 1.0 if all(edit.safe for edit in finding.edits) else UNSAFE
        title = finding.edits[0].title or finding.remedy
        yield Candidate(cause, finding.rule, title, finding.edits, odds.get(cause, 0.0) * sure)
