"""Findings as SARIF 2.1.0, the exchange format of code scanners."""

from __future__ import annotations

import json
from urllib.parse import quote

from unstick import __version__
from unstick.record import TYPE_CHECKING
from unstick.report.findings import Checked, shown_path
from unstick.rules.engine import INTERNAL, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from unstick.space import Edit, Finding, Place

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "advice": "note"}


def render(checked: Sequence[Checked], *, statistics: bool = False, color: bool = False) -> str:
    """One run with the rules that spoke, their results, and the edits as fixes."""
    ids = sorted({f.rule for c in checked for f in c.findings})
    driver: dict[str, Any] = {"name": "unstick", "version": __version__, "rules": [_rule(i) for i in ids]}
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(c, f, ids) for c in checked for f in c.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule_id: str) -> dict[str, Any]:
    rule = next((row.rule for row in table() if row.id == rule_id), INTERNAL)
    return {
        "id": rule_id,
        "name": "".join(word.capitalize() for word in rule_id.split("-")),
        "shortDescription": {"text": rule.title},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"code": rule.code, "precision": _precision(rule.confidence)},
    }


def _precision(confidence: float) -> str:
    return "very-high" if confidence >= 0.95 else "high" if confidence >= 0.8 else "medium"


def _result(checked: Checked, finding: Finding, ids: list[str]) -> dict[str, Any]:
    text = f"{finding.message}. {finding.remedy}" if finding.remedy else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": ids.index(finding.rule),
        "level": LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [_location(checked, finding.place)],
        "partialFingerprints": {"finding/v1": f"{finding.rule}:{finding.place.path}:{finding.message}"},
        "properties": {"confidence": round(finding.confidence, 3)},
    }
    if finding.related:
        result["relatedLocations"] = [_location(checked, place) for place in finding.related]
    if finding.edits:
        result["fixes"] = [_fix(checked, finding)]
    return result


def _location(checked: Checked, place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(checked, place.path)}
    if place.line:
        region = {"startLine": place.line, "startColumn": max(place.column, 1)}
        if 0 <= place.start < place.end:
            region |= {"charOffset": place.start, "charLength": place.end - place.start}
        physical["region"] = region
    return {"physicalLocation": physical}


def _artifact(checked: Checked, path: str) -> dict[str, str]:
    return {"uri": quote(shown_path(checked, path), errors="surrogateescape")}


def _fix(checked: Checked, finding: Finding) -> dict[str, Any]:
    paths = sorted({e.path for e in finding.edits})
    changes = [
        {
            "artifactLocation": _artifact(checked, path),
            "replacements": [_replacement(e) for e in finding.edits if e.path == path],
        }
        for path in paths
    ]
    title = "; ".join(e.title for e in finding.edits if e.title) or finding.remedy or finding.rule
    return {"description": {"text": title}, "artifactChanges": changes}


def _replacement(edit: Edit) -> dict[str, Any]:
    return {
        "deletedRegion": {"charOffset": edit.start, "charLength": edit.end - edit.start},
        "insertedContent": {"text": edit.text},
    }
