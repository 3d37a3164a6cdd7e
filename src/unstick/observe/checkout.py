"""Evidence from a Space's files: what they declare, and what the rules find in them."""

from __future__ import annotations

from unstick.case import Evidence
from unstick.observe import fields
from unstick.record import TYPE_CHECKING
from unstick.rules.engine import check, chosen, table
from unstick.rules.needs import applies

if TYPE_CHECKING:
    from unstick.space import Space
    from unstick.space.types import Finding

RULE = "rule:"
SURE = 5.0
"""Bits from which on a rule that finds nothing speaks against its cause, if that is one of `SETTLED`."""

SETTLED = frozenset(("app-file", "loopback-bind", "port-mismatch", "readme-config"))
"""Causes that the files alone decide. Of any other, rules know some forms only: no syntax error does not mean
that the app does not crash."""


def observe(space: Space, values: dict[str, str]) -> tuple[list[Evidence], tuple[Finding, ...]]:
    """The evidence and the findings of a checkout. `values` takes the facts: sdk, app_port, listens …"""
    found = check(space)
    evidence = [
        Evidence(RULE + rule, True, "files", place, message)
        for rule, (place, message) in _first(found).items()
    ]
    if space.complete:
        quiet = {item.rule for item in found}
        evidence += [
            Evidence(RULE + row.id, False, "files", "all files", f"no {row.id}")
            for row in chosen(table())
            if row.id not in quiet and _speaks(row.rule.causes) and applies(space, row.rule.needs)
        ]
    sdk = space.sdk.lower()
    if sdk in fields.SDKS:
        field = space.field("sdk")
        place = str(field.value) if field is not None else "README.md"
        evidence.append(Evidence(f"sdk-{sdk}", True, "readme", place, f"sdk: {sdk}"))
        values["sdk"] = sdk
    if space.app_port:
        values["app_port"] = str(space.app_port)
    elif space.complete or space.readme.state == "top":
        values["no_app_port"] = "yes"
    return evidence, found


def _first(found: tuple[Finding, ...]) -> dict[str, tuple[str, str]]:
    """The first place and message of each rule, errors before warnings before advice."""
    order = {"error": 0, "warning": 1, "advice": 2}
    first: dict[str, tuple[str, str]] = {}
    for item in sorted(found, key=lambda finding: order.get(finding.severity, 3)):
        if item.rule != "internal-error":
            first.setdefault(item.rule, (str(item.place), item.message))
    return first


def _speaks(causes: tuple[tuple[str, float], ...]) -> bool:
    return any(bits >= SURE and cause in SETTLED for cause, bits in causes)
