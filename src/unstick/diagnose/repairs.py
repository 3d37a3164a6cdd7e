"""Repairs that the findings of a case offer for its causes."""

from __future__ import annotations

from collections.abc import Sequence

from unstick.case import Case
from unstick.diagnose.types import Ranked, Repair
from unstick.space.edits import apply_to_text, together, unified
from unstick.space.types import Edit, Finding

LEAST = 0.05
"""A repair is offered only for a cause that is at least this probable."""


def candidates(case: Case, ranked: tuple[Ranked, ...]) -> tuple[Repair, ...]:
    """The repairs for the causes that are probable enough, in their order; none whose edits overlap."""
    found: list[Repair] = []
    for item in ranked:
        if item.probability < LEAST:
            break
        found += [
            Repair(
                item.cause,
                finding.rule,
                finding.edits[0].title or finding.remedy,
                finding.edits,
                diff(case, finding.edits),
            )
            for finding in case.findings
            if finding.edits and together(finding.edits) and main_cause(finding) == item.cause
        ]
        if item.cause == "port-mismatch" and not any(repair.cause == item.cause for repair in found):
            found += declared_port(case)
    return tuple(found)


def declared_port(case: Case) -> list[Repair]:
    """`app_port` put into the README block, where a log or a description names the port that the app
    announced."""
    readme = case.space.readme if case.space is not None else None
    ports = case.fact("listens").split()
    if readme is None or readme.state != "top" or len(ports) != 1 or case.fact("sdk") != "docker":
        return []
    field = readme.field("app_port")
    if field is not None:
        return []
    line = f"app_port: {ports[0]}"
    at, text = readme.insert_field(line)
    edits = (Edit("README.md", at, at, text, True, f"declare the app's port: {line}"),)
    return [
        Repair("port-mismatch", "port-mismatch", f"declare the app's port: {line}", edits, diff(case, edits))
    ]


def main_cause(finding: Finding) -> str:
    """The cause that a finding speaks for most, or an empty string."""
    from unstick.rules.engine import table

    said = next((row.rule.causes for row in table() if row.id == finding.rule), ())
    return max(said, key=lambda pair: pair[1])[0] if said else ""


def diff(case: Case, edits: Sequence[Edit]) -> str:
    """A unified diff of the edits without secrets, or an empty string when the files are not known or are
    not those that the edits were made for."""
    from unstick.redact import redact

    parts: list[str] = []
    for path in sorted({edit.path for edit in edits}):
        old = case.space.text(path) if case.space is not None else None
        try:
            new = apply_to_text(old or "", [edit for edit in edits if edit.path == path])
        except ValueError:
            return ""
        parts.append(unified(path, old, new, context=2))
    return redact("".join(parts))
