"""A block without its closing line of dashes.

What it finds: a README.md that begins with --- and fields, and has no second line of --- before its text;
also when the closing line is misspelt (--, ----, ---# Heading).

Why it matters: the Hub sees no block at all: CONFIG_ERROR.

Example:

    ---
    sdk: gradio
    ---# My Space

Instead:

    ---
    sdk: gradio
    ---
    # My Space

Repair safety: safe, a line of dashes goes in after the last line that is a field, or the misspelt one is
mended.

Source: Hub docs spaces-config-reference.
"""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules._block import end_of_fields, newline, swallows
from unstick.rules.base import Rule
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C104",
    title="The block is never closed",
    confidence=0.95,
    needs=("block", "unclosed"),
    causes=(("readme-config", 6.5),),
)
FIXABLE = True

_NEARLY = lazy(r"(?P<before>[ \t]*)(?P<dashes>[-–—_=*]{2,})(?P<rest>[^\r\n]*)")


def check(space: Space) -> Iterator[Finding]:
    """One finding where the closing line should be."""
    readme = space.readme
    if readme.conflicts or (readme.state != "unclosed" and not swallows(readme)):
        return
    at = end_of_fields(readme.text, readme.start)
    if at == readme.start:
        return  # a ruler, not a block: block-missing speaks
    edit = _mend_nearly(readme.text, at, readme.path)
    if edit is None:
        end = newline(readme.text)
        lead = "" if readme.text[at - 1 : at] in ("", "\n") else end
        edit = Edit(readme.path, at, at, f"{lead}---{end}", True, "close the block")
    yield RULE.finding(
        readme.lines.place(min(at, len(readme.text.rstrip()))),
        "the block has no closing line: a line of exactly --- is missing after its fields",
        "Put a line of --- below the last field.",
        edits=(edit,) if readme.file and readme.file.encoding == "utf-8" else (),
    )


def _mend_nearly(text: str, at: int, path: str) -> Edit | None:
    """The edit that makes the next line that is not empty a closing line, when it looks like one."""
    start = at + len(text[at:]) - len(text[at:].lstrip("\r\n \t"))
    start = text.rfind("\n", at, start) + 1 or at
    found = _NEARLY.match(text, start)
    if found is None or (rest := found["rest"].strip()).startswith("|"):
        return None
    if rest and found["dashes"][:3] != "---":
        return None
    end = newline(text)
    return Edit(
        path,
        start,
        found.start("rest") if rest else found.end(),
        f"---{end if rest else ''}",
        True,
        "close it",
    )
