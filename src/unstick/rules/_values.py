"""Values of the right type that their field does not allow: words, numbers, headers, hardware, licences."""

from __future__ import annotations

from unstick.contract import readme as contract
from unstick.record import TYPE_CHECKING
from unstick.rules._block import nearest, replace_value

if TYPE_CHECKING:
    from unstick.rules.base import Rule
    from unstick.space import Finding, Space
    from unstick.space.yaml_scalars import Field


def not_allowed(space: Space, rule: Rule, field: contract.Field, value: Field) -> Finding | None:
    """A finding when a value of the right type is outside what its field allows."""
    if field.name == "custom_headers":
        return _headers(rule, value)
    if field.name == "base_path" and not value.text.startswith("/"):
        edits = (
            replace_value(space, value, "/" + value.text, safe=True)
            if value.style == "plain" and value.text
            else ()
        )
        return rule.finding(
            value.value,
            f"base_path is {value.text!r}; it has to begin with /",
            "Put / before it.",
            edits=edits,
        )
    if field.name == "suggested_hardware":
        return _hardware(rule, value)
    if field.name == "license":
        return _licence(space, rule, value)
    if field.types == ("integer",):
        number = value.integer()
        if number is not None and not field.minimum <= number <= field.maximum:
            what = f"{field.name} is {number}; allowed are {field.minimum} to {field.maximum}"
            return rule.finding(value.value, what, "Write a number in that range.", severity="error")
        return None
    if not field.allowed:
        return None
    rows = value.items if value.style == "list" else (value,)
    return next((_outside(space, rule, field, row) for row in rows if row.text not in field.allowed), None)


def _outside(space: Space, rule: Rule, field: contract.Field, row: Field) -> Finding:
    near = nearest(row.text, field.allowed)
    same = near.lower() == row.text.strip().lower()
    listed = ", ".join(field.allowed)
    return rule.finding(
        row.value,
        f"{field.name} holds {row.text!r}; allowed are {listed}",
        f"Write {near}." if near else "Write one of these.",
        severity="error" if field.refused else "advice",
        edits=replace_value(space, row, near, safe=same) if near else (),
    )


def _headers(rule: Rule, value: Field) -> Finding | None:
    known = dict(contract.CUSTOM_HEADERS)
    for row in value.items:
        allowed = known.get(row.name)
        if allowed is None:
            what = f"custom_headers sets {row.name!r}; allowed are {', '.join(known)} in lower case"
            return rule.finding(row.key, what, "Leave it out, or set it in the app.", severity="error")
        if row.text not in allowed:
            what = f"{row.name} is {row.text!r}; allowed are {', '.join(allowed)}"
            return rule.finding(row.value, what, "Write one of these.", severity="error")
    return None


def _licence(space: Space, rule: Rule, value: Field) -> Finding | None:
    from unstick.contract.licences import LICENCES, meant

    for row in value.items if value.style == "list" else (value,):
        if row.text not in LICENCES and row.text:
            near = meant(row.text)
            return rule.finding(
                row.value,
                f"license is {row.text!r}, which is no licence identifier of the Hub",
                f"Write {near}." if near else "Write one of the identifiers, or `other` with license_name.",
                severity="" if near else "advice",
                edits=replace_value(space, row, near, safe=True) if near else (),
            )
    return None


def _hardware(rule: Rule, value: Field) -> Finding | None:
    from unstick.contract.hardware import HARDWARE, SUGGESTED

    if value.text in SUGGESTED:
        return None
    known = any(h.id == value.text for h in HARDWARE)
    near = nearest(value.text, SUGGESTED)
    what = f"suggested_hardware is {value.text!r}, which the documentation does not list"
    todo = f"Write {near}." if near else f"Documented are {', '.join(SUGGESTED)}."
    return rule.finding(value.value, what, todo, severity="advice", confidence=0.7 if known else 0.8)
