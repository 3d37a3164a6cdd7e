"""README.md without a block of fields.

What it finds: a README.md that has no block between two lines of ---, or only the fields without these
lines, in lines of their own or all on one line.

Why it matters: the Hub finds no configuration; the stage is CONFIG_ERROR, "Missing configuration in
README". It is the commonest reason why a repository that runs elsewhere does not start as a Space.

Example:

    title: Demo
    sdk: docker

Instead:

    ---
    title: Demo
    sdk: docker
    ---

Repair safety: safe when the fields are there and only the lines of dashes or the line breaks are missing;
unsafe when the block has to be guessed from the other files.

Source: Hub docs spaces-config-reference.
"""

from __future__ import annotations

import re

from unstick.record import TYPE_CHECKING
from unstick.rules._block import newline, split_fields
from unstick.rules._guess import block_for
from unstick.rules._move import is_example, move_to_top
from unstick.rules.base import Rule
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C102",
    title="README.md has no block of fields",
    confidence=0.95,
    needs=("readme", "no-block"),
    causes=(("readme-config", 7.0),),
)
FIXABLE = True

TODO = "Begin README.md with a block of fields between two lines of ---, with at least sdk."


def check(space: Space) -> Iterator[Finding]:
    """One finding where the block should begin."""
    readme = space.readme
    if readme.conflicts or space.tree.exists(".huggingface.yaml"):
        return
    if readme.state == "bare":
        place = readme.fields[0].key if readme.fields else readme.lines.place(readme.start)
        what = "the fields stand there without the lines of --- around them, so the Hub sees no block"
        yield RULE.finding(
            place, what, "Put --- above and below them, at the very top.", edits=move_to_top(space)
        )
    elif readme.state == "before" and is_example(space):
        what = "README.md has no block of fields at its top, only one as an example in its text"
        yield RULE.finding(Place(readme.path, 1, 1, 0, 0), what, TODO, edits=_guessed(space))
    elif readme.state == "none" or (readme.state != "before" and not _anything_meant(space)):
        yield _none(space)


def _anything_meant(space: Space) -> bool:
    """Whether what stands between dashes (a ruler in Markdown looks alike) has anything of a block."""
    readme = space.readme
    stop = readme.end if readme.close else readme.start + 400
    text = readme.text[readme.start : stop]
    return bool(readme.fields) or re.search(r"^[ \t]*[A-Za-z_]+[ \t]*:", text, re.MULTILINE) is not None


def _none(space: Space) -> Finding:
    readme = space.readme
    place = Place(readme.path, 1, 1, 0, 0)
    one_line = _one_line(space)
    if one_line is not None:
        what = "all fields stand on one line, so the Hub sees no block"
        return RULE.finding(
            place, what, "Give each field its own line, between two lines of ---.", edits=(one_line,)
        )
    if readme.file is not None and readme.file.binary:
        what = "README.md holds bytes that are no text: the Hub has no configuration for this Space"
        return RULE.finding(place, what, TODO)
    what = "README.md is empty" if not readme.text.strip() else "README.md has no block of fields at its top"
    return RULE.finding(
        place, f"{what}: the Hub has no configuration for this Space", TODO, edits=_guessed(space)
    )


def _guessed(space: Space) -> tuple[Edit, ...]:
    """The edit that puts a block at the top for what the files look like."""
    readme = space.readme
    block = block_for(space, newline(readme.text)) if readme.file and readme.file.encoding == "utf-8" else ""
    return (Edit(readme.path, 0, 0, block, False, "put a block at the top"),) if block else ()


def _one_line(space: Space) -> Edit | None:
    """The edit that gives each field its line when the first line that is not empty holds at least three."""
    text = space.readme.text
    start = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    stop = text.find("\n", start)
    stop = len(text) if stop < 0 else stop
    line = text[start:stop].rstrip("\r")
    rows = split_fields(line.strip().removeprefix("---").removesuffix("---").strip())
    if len(rows) < 3:
        return None
    end = newline(text)
    return Edit(
        space.readme.path, 0, start + len(line), end.join(["---", *rows, "---"]), True, "one field a line"
    )
