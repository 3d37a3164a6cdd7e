"""Edits put into texts by span: everything outside the spans stays as it was."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unstick.space import Edit, Finding


def apply_to_text(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits, whose offsets are all those of `text`.

    Edits must not overlap (see `compatible`); of two insertions at one place the first comes first. Raises
    ValueError for a span outside the text.
    """
    out: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if not at <= edit.start <= edit.end <= len(text):
            raise ValueError(
                f"edit {edit.start}-{edit.end} of {edit.path} overlaps another or leaves the text"
            )
        out += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join([*out, text[at:]])


def compatible(edit: Edit, others: Iterable[Edit]) -> bool:
    """Whether an edit can be applied together with the others: their spans do not overlap.

    An insertion may touch another span, and stand beside a different insertion at the same place.
    """
    for other in others:
        if other.path != edit.path or (edit.end < other.start or other.end < edit.start):
            continue
        if edit.start == edit.end == other.start == other.end:
            continue
        if edit.end == other.start or other.end == edit.start:
            continue
        return False
    return True


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
