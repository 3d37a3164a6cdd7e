"""A diagnosis as JSON, for programs; `unstick.report.schema` describes it."""

from __future__ import annotations

import json

from unstick.record import TYPE_CHECKING
from unstick.report.schema import VERSION
from unstick.text import json_safe

if TYPE_CHECKING:
    from typing import Any

    from unstick.diagnose.types import Diagnosis, Observation, Ranked, Repair

DIGITS = 6
"""Decimals of probabilities and bits."""


def render(diagnosis: Diagnosis) -> str:
    """The diagnosis as indented JSON, ending in a newline; nothing in it can drive a terminal."""
    return json_safe(json.dumps(document(diagnosis), ensure_ascii=False, indent=2)) + "\n"


def document(diagnosis: Diagnosis) -> dict[str, Any]:
    """The diagnosis as plain values, all causes in it; the probabilities sum to 1 within rounding."""
    first = diagnosis.causes[0]
    return {
        "schema": VERSION,
        "name": diagnosis.case.name,
        "verdict": diagnosis.verdict,
        "turn": diagnosis.turn,
        "domain": first.domain,
        "causes": [_cause(item) for item in diagnosis.causes],
        "unknown": [{"sign": item.sign, "reason": item.reason} for item in diagnosis.unknown],
        "next": [_observation(item) for item in diagnosis.next],
        "repairs": [_repair(item) for item in diagnosis.repairs],
        "facts": dict(sorted(diagnosis.case.facts)),
    }


def _cause(ranked: Ranked) -> dict[str, Any]:
    return {
        "id": ranked.cause,
        "code": ranked.code,
        "domain": ranked.domain,
        "title": ranked.title,
        "probability": round(ranked.probability, DIGITS),
        "prior_bits": round(ranked.prior_bits, DIGITS),
        "evidence": [
            {
                "sign": weight.evidence.sign,
                "present": weight.evidence.present,
                "source": weight.evidence.source,
                "place": weight.evidence.place,
                "quote": weight.evidence.quote,
                "bits": round(weight.bits, DIGITS),
            }
            for weight in ranked.weights
        ],
    }


def _observation(item: Observation) -> dict[str, Any]:
    return {
        "sign": item.sign,
        "question": item.question,
        "gain": round(item.gain, DIGITS),
        "cost": item.cost,
        "how": item.how,
        "if_yes": {"cause": item.if_yes[0], "probability": round(item.if_yes[1], DIGITS)},
        "if_no": {"cause": item.if_no[0], "probability": round(item.if_no[1], DIGITS)},
    }


def _repair(repair: Repair) -> dict[str, Any]:
    return {
        "cause": repair.cause,
        "rule": repair.rule,
        "title": repair.title,
        "diff": repair.diff,
        "edits": [
            {"path": edit.path, "start": edit.start, "end": edit.end, "text": edit.text, "safe": edit.safe}
            for edit in repair.edits
        ],
    }
