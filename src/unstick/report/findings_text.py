"""Findings for a person at a terminal."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.report.findings import Checked, counts, shown_path, tally
from unstick.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unstick.space import Finding

_COLORS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "advice": "\x1b[36m"}


def render(checked: Sequence[Checked], *, statistics: bool = False, color: bool = False) -> str:
    """One line for each finding and one for its remedy, then a summary; nothing at all when nothing was
    found."""
    if not any(c.findings for c in checked):
        return ""
    lines = [line for c in checked if c.findings for line in _space(c, color)]
    if statistics:
        lines += ["", *(f"{number:5}  {code}  {rule}" for number, code, rule in tally(checked))]
    return "\n".join([*lines, "", _summary(checked)]) + "\n"


def _space(checked: Checked, color: bool) -> Iterator[str]:
    if checked.note:
        yield f"{printable(shown_path(checked, ''))}: {printable(checked.note)}"
    for finding in checked.findings:
        yield _line(checked, finding, color)
        if finding.remedy:
            yield "    " + printable(finding.remedy)


def _line(checked: Checked, finding: Finding, color: bool) -> str:
    place = finding.place
    where = printable(shown_path(checked, place.path))
    where += f":{place.line}" if place.line else ""
    where += f":{place.column}" if place.line and place.column else ""
    level = finding.severity
    if color:
        level = f"{_COLORS.get(level, '')}{level}\x1b[0m"
    return f"{where}: {level} {finding.code} {finding.rule}: {printable(finding.message)}"


def _summary(checked: Sequence[Checked]) -> str:
    number = counts(checked)
    words = [f"{n} {word if n == 1 or word == 'advice' else word + 's'}" for word, n in number.items() if n]
    edits = [all(e.safe for e in f.edits) for c in checked for f in c.findings if f.edits]
    parts = [", ".join(words)]
    if safe := sum(edits):
        parts.append(f"{safe} can be mended by `unstick fix`")
    if unsafe := len(edits) - sum(edits):
        parts.append(f"{unsafe} {'more ' if safe else ''}by `unstick fix --unsafe`")
    return "; ".join(parts) + "."
