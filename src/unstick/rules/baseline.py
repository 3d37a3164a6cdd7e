"""Baselines: findings that are known and stay quiet, so that only new ones speak."""

from __future__ import annotations

import json

from unstick.errors import UnreadableError
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unstick.space import Finding

Key = tuple[str, str, str]


def key(finding: Finding) -> Key:
    """What makes a finding the same one when lines have moved: rule, file and message."""
    return finding.rule, finding.place.path, finding.message


def dump(findings: Iterable[Finding]) -> str:
    """The text of a baseline that knows these findings."""
    rows = sorted(key(f) for f in findings)
    known = [{"rule": rule, "path": path, "message": message} for rule, path, message in rows]
    return json.dumps({"version": 1, "known": known}, indent=1) + "\n"


def parse(text: str, where: str) -> list[Key]:
    """The findings that a baseline knows, as often as it knows them. Raises UnreadableError when it is
    none."""
    try:
        data = json.loads(text)
        return [(str(row["rule"]), str(row["path"]), str(row["message"])) for row in data["known"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        todo = "Write one with --write-baseline."
        raise UnreadableError("is not a baseline", where=where, todo=todo, reference="baseline") from None


def subtract(findings: Iterable[Finding], known: Iterable[Key]) -> tuple[Finding, ...]:
    """The findings that the baseline does not know; two alike need to be known twice."""
    left = list(known)
    out = []
    for finding in findings:
        if (name := key(finding)) in left:
            left.remove(name)
        else:
            out.append(finding)
    return tuple(out)
