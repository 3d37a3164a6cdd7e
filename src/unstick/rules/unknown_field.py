"""A field that the Hub does not know.

What it finds: keys of the block that are no field: misspelt ones, ones for things that live in the settings
only (hardware, secrets), and others.

Why it matters: the Hub takes unknown keys without a word and ignores them, so a misspelt app_port is a port
that was never set.

Example:

    app-port: 8501

Instead:

    app_port: 8501

Repair safety: safe for another spelling of the same words (app-port, appPort), unsafe for what is only
similar.

Source: Hub docs spaces-config-reference.
"""

from __future__ import annotations

from unstick.contract.readme import CARD_FIELDS, FIELDS, NOT_FIELDS
from unstick.record import TYPE_CHECKING
from unstick.rules._block import nearest
from unstick.rules.base import Rule
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.yaml_scalars import Field

RULE = Rule(
    code="C108",
    title="Field that the Hub does not know",
    severity="warning",
    confidence=0.85,
    needs=("fields",),
    causes=(("readme-config", 1.5),),
)
FIXABLE = True

_NAMES = tuple(f.name for f in FIELDS)


def check(space: Space) -> Iterator[Finding]:
    """One finding a key; a warning when it was clearly meant to have an effect, else advice."""
    if space.readme.conflicts:
        return
    settings = dict(NOT_FIELDS)
    for field in space.readme.fields:
        if not field.name or field.name in _NAMES or field.name in CARD_FIELDS:
            continue
        if field.name in settings:
            what = f"{field.name} is no field of the block and has no effect: {settings[field.name]}"
            yield RULE.finding(field.key, what, "Set it there, and remove the line.")
        elif meant := _meant(field.name):
            yield _misspelt(space, field, meant)
        else:
            what = f"{field.name} is no field of the block and has no effect"
            severity = (
                "warning" if "oauth" in field.name.lower() or "port" in field.name.lower() else "advice"
            )
            yield RULE.finding(
                field.key, what, "Remove it if it was meant to do something.", severity=severity
            )


def _misspelt(space: Space, field: Field, meant: str) -> Finding:
    taken = space.field(meant) is not None
    quoted = field.key.end - field.key.start != len(field.name)
    edit = Edit(
        space.readme.path,
        field.key.start,
        field.key.end,
        meant,
        plain(field.name) == plain(meant),
        f"write {meant}",
    )
    return RULE.finding(
        field.key,
        f"{field.name} is no field of the block and has no effect; the field is called {meant}",
        f"Write {meant}." if not taken else f"Remove it, {meant} is already there.",
        edits=() if taken or quoted else (edit,),
    )


def _meant(name: str) -> str:
    same = next((n for n in _NAMES if plain(n) == plain(name)), "")
    return same or (nearest(name, _NAMES, 2 if len(name) > 6 else 1) if len(name) > 3 else "")


def plain(name: str) -> str:
    """A name without what spellings differ in: case, dashes, underscores."""
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")
