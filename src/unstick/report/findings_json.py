"""Findings as one JSON object."""

from __future__ import annotations

import json

from unstick.record import TYPE_CHECKING
from unstick.report.findings import Checked, counts, tally

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from unstick.space import Finding


def render(checked: Sequence[Checked], *, statistics: bool = False, color: bool = False) -> str:
    """An object with `findings`, `notes` and `unobserved`; each path is relative to its `space`, the folder
    as it was given.

    Everything outside ASCII is escaped, so that the text drives no terminal.
    """
    data: dict[str, Any] = {
        "findings": [finding_data(c, f) for c in checked for f in c.findings],
        "summary": counts(checked),
        "notes": [{"space": c.path, "note": c.note} for c in checked if c.note],
        "unobserved": [{"space": c.path, "reason": reason} for c in checked for reason in c.unobserved],
    }
    if statistics:
        data["statistics"] = [{"rule": rule, "code": code, "count": n} for n, code, rule in tally(checked)]
    return json.dumps(data, indent=2) + "\n"


def finding_data(checked: Checked, finding: Finding) -> dict[str, Any]:
    """One finding as plain data."""
    return {
        "rule": finding.rule,
        "code": finding.code,
        "severity": finding.severity,
        "confidence": round(finding.confidence, 3),
        "space": checked.path,
        "path": finding.place.path,
        "line": finding.place.line,
        "column": finding.place.column,
        "message": finding.message,
        "remedy": finding.remedy,
        "related": [{"path": p.path, "line": p.line, "column": p.column} for p in finding.related],
        "data": dict(finding.data),
        "edits": [edit._asdict() for edit in finding.edits],
    }
