"""A field that is there twice.

What it finds: the second and later ones of the same field in the block.

Why it matters: a duplicated key is an error of the YAML reader that the Hub uses: the push is refused, or
the whole block is lost.

Example:

    sdk: gradio
    app_file: app.py
    sdk: gradio

Instead:

    sdk: gradio
    app_file: app.py

Repair safety: safe when both have the same value, unsafe (the first one stays) when they differ.

Source: YAML 1.2, 3.2.1.1; the Hub's answer "duplicated mapping key".
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._block import remove_lines
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C106",
    title="A field is there twice",
    confidence=0.95,
    needs=("duplicates",),
    causes=(("readme-config", 5.0),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """One finding for each later one."""
    readme = space.readme
    if readme.conflicts:
        return
    for field in readme.duplicates:
        first = readme.field(field.name)
        if first is None:
            continue
        same = (first.text, first.tag) == (field.text, field.tag) and not first.items and not field.items
        values = "with the same value" if same else f"first with {first.text!r}, then with {field.text!r}"
        safe = same and field.value.line == field.key.line
        yield RULE.finding(
            field.key,
            f"{field.name} is there twice, {values}",
            "Keep one of them.",
            related=(first.key,),
            edits=remove_lines(
                space, field.key, field.value, safe=safe, title=f"remove the second {field.name}"
            ),
        )
