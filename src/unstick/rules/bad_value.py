"""A field with a value of the wrong kind.

What it finds: values of another type than the field has (a word for true or false, a text for a list),
values outside the allowed ones, numbers out of range, headers that may not be set, and template
placeholders left in fields that have fixed values.

Why it matters: the Hub refuses the push, or ignores the field.

Example:

    header: small
    pinned: yes

Instead:

    header: mini
    pinned: true

Repair safety: safe where the value was only spelt otherwise (yes, True in quotes, another case); else no
edit.

Source: Hub docs spaces-config-reference, spaces-oauth; huggingface.js types/api/api-space.ts.
"""

from __future__ import annotations

from unstick.contract import readme as contract
from unstick.record import TYPE_CHECKING
from unstick.rules._block import is_placeholder, raw_value, replace_value
from unstick.rules._values import not_allowed
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.yaml_scalars import Field

RULE = Rule(
    code="C111",
    title="Field with a value of the wrong kind",
    severity="warning",
    confidence=0.85,
    needs=("fields",),
    causes=(("readme-config", 3.0),),
)
FIXABLE = True

OWN_RULES = frozenset(
    [
        "colorFrom",
        "colorTo",
        "emoji",
        "sdk",
        "sdk_version",
        "python_version",
        "short_description",
        "app_port",
        "startup_duration_timeout",
        "app_file",
    ]
)
"""Fields whose values other rules judge; this one speaks of placeholders in them only."""
FIXED = frozenset(
    ("colorFrom", "colorTo", "emoji", "sdk_version", "python_version", "app_port", "startup_duration_timeout")
)

YES = {
    "yes": "true",
    "on": "true",
    "true": "true",
    "y": "true",
    "no": "false",
    "off": "false",
    "false": "false",
    "n": "false",
}


def check(space: Space) -> Iterator[Finding]:
    """At most one finding a field."""
    if space.readme.conflicts:
        return
    for value in space.readme.fields:
        field = contract.field(value.name)
        if field is None:
            continue
        found: Finding | None = None
        if is_placeholder(space, value) and (field.name in FIXED or field.types != ("string",)):
            seen = raw_value(space, value).strip()
            what = f"{field.name} still holds the template's placeholder {seen}"
            found = RULE.finding(value.value, what, "Write the real value.", severity="error")
        elif field.name not in OWN_RULES and value.style != "alias":
            found = _wrong_type(space, field, value) or not_allowed(space, RULE, field, value)
        if found is not None:
            yield found


def _wrong_type(space: Space, field: contract.Field, value: Field) -> Finding | None:
    kind = _kind(value)
    if kind in field.types or (kind == "nothing" and "list" in field.types):
        return None
    if field.types == ("string",) and kind not in ("list", "map"):
        return None  # numbers and dates as text fields are taken as they are written
    if "list" in field.types and kind == "string" and "," not in value.text:
        wanted = "a list"
        edits = replace_value(space, value, f"[{raw_value(space, value)}]", safe=True)
    elif field.types == ("boolean",):
        wanted = "true or false"
        meant = YES.get(value.text.strip().lower(), "")
        edits = replace_value(space, value, meant, safe=True) if meant else ()
    elif field.types == ("integer",):
        wanted = "a whole number"
        number = value.text.strip()
        edits = (
            replace_value(space, value, number, safe=True) if number.isascii() and number.isdigit() else ()
        )
    else:
        wanted, edits = f"a {' or '.join(field.types)}", ()
    severity = "error" if field.refused else "advice"
    if kind == "nothing" or value.text.strip().lower() in ("true", "false"):
        severity = "advice"
    what = f"{field.name} is {_seen(space, value)}; the Hub wants {wanted}"
    return RULE.finding(value.value, what, f"Write {wanted}.", severity=severity, edits=edits)


def _kind(value: Field) -> str:
    if value.style in ("list", "map"):
        return value.style
    return {"int": "integer", "bool": "boolean", "null": "nothing", "float": "number"}.get(
        value.tag, "string"
    )


def _seen(space: Space, value: Field) -> str:
    kind = _kind(value)
    if kind in ("list", "map"):
        return f"a {kind}"
    return "empty" if kind == "nothing" else f"the {kind} {raw_value(space, value)}"
