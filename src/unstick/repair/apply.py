"""Which edits of a list of findings go in together."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.space.edits import compatible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unstick.space import Edit, Finding


def choose(findings: Sequence[Finding], *, unsafe: bool) -> tuple[list[Edit], list[Finding]]:
    """Edits to apply together, and the findings they belong to.

    A finding's edits go in together or not at all, and only when all are safe or `unsafe` is set; of
    findings whose edits overlap the first one wins, the others have to wait for the next look. The same
    edit of two findings counts once.
    """
    chosen: list[Edit] = []
    owners: list[Finding] = []
    for finding in findings:
        if not finding.edits or not (unsafe or all(e.safe for e in finding.edits)):
            continue
        new = [e for e in finding.edits if not any(_same(e, c) for c in chosen)]
        if all(compatible(e, chosen) for e in new):
            chosen += new
            owners.append(finding)
    return chosen, owners


def _same(one: Edit, other: Edit) -> bool:
    return one[:4] == other[:4]
