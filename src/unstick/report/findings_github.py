"""Findings as workflow commands, which GitHub shows beside the changed lines."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.report.findings import Checked, shown_path, tally
from unstick.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unstick.space import Finding

LEVELS = {"error": "error", "warning": "warning", "advice": "notice"}


def render(checked: Sequence[Checked], *, statistics: bool = False, color: bool = False) -> str:
    """One command a finding; with `statistics` the counts as plain lines after them."""
    lines = [_command(c, f) for c in checked for f in c.findings]
    if statistics:
        lines += [f"{number:5}  {code}  {rule}" for number, code, rule in tally(checked)]
    return "".join(line + "\n" for line in lines)


def _command(checked: Checked, finding: Finding) -> str:
    place = finding.place
    properties = {"file": shown_path(checked, place.path), "title": f"{finding.code} {finding.rule}"}
    if place.line:
        properties["line"] = str(place.line)
        properties["col"] = str(max(place.column, 1))
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = f"{finding.message}. {finding.remedy}" if finding.remedy else finding.message
    return f"::{LEVELS[finding.severity]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
