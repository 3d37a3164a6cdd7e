"""A block that is no valid YAML.

What it finds: the first place where the block cannot be read: a colon in an unquoted value, no blank after
a colon, a tab, an open quote, a value that begins with a character YAML keeps for itself.

Why it matters: the Hub refuses the push ("YAML metadata verification") or the Space ends in CONFIG_ERROR.

Example:

    title: Chat: the demo

Instead:

    title: "Chat: the demo"

Repair safety: safe where quoting a value, a blank after a colon, or blanks for tabs makes the whole block
readable; nothing is guessed otherwise.

Source: Hub docs spaces-config-reference; YAML 1.2.
"""

from __future__ import annotations

import re

from unstick.contract.readme import field as contract_field
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules._block import newline, quoted, split_fields, swallows
from unstick.rules.base import Rule
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C105",
    title="The block is no valid YAML",
    confidence=0.95,
    needs=("block", "yaml-error"),
    causes=(("readme-config", 6.5),),
)
FIXABLE = True

_ROW = lazy(r"(?P<key>[A-Za-z_][\w-]*)[ \t]*:(?P<gap>[ \t\u00a0]*)(?P<value>.*)")


def check(space: Space) -> Iterator[Finding]:
    """One finding at the first error, with the edit when one mends the whole block."""
    readme = space.readme
    error = readme.error
    if error is None or readme.conflicts or readme.state not in ("top", "before") or swallows(readme):
        return
    if not re.search(r"^[ \t]*[A-Za-z_]\w*[ \t]*:", readme.text[readme.start : readme.end], re.MULTILINE):
        return  # rulers around a text, not a block: block-missing speaks
    edits = mend(space)
    place = error.place
    if edits and (first := readme.lines.place(edits[0].start)).line < place.line:
        place = first  # an open quote is noticed only further down
    yield RULE.finding(
        place,
        f"the block is no valid YAML: {error.reason}",
        "Quote values that hold a colon or begin with a special character; one `key: value` a line.",
        edits=edits,
    )


def mend(space: Space) -> tuple[Edit, ...]:
    """One edit for each line that has to change so that the block can be read, or nothing when that does
    not do."""
    readme = space.readme
    text = readme.text[readme.start : readme.end]
    if readme.file is None or readme.file.encoding != "utf-8" or len(text) > 20_000:
        return ()
    for way in (_mended, _flattened):
        edits: list[Edit] = []
        at = readme.start
        rows = []
        for row in text.split("\n"):
            new = way(row)
            if new != row:
                edits.append(Edit(readme.path, at, at + len(row), new, True, "make the line readable"))
            rows.append(new)
            at += len(row) + 1
        if edits and _readable("\n".join(rows)):
            return tuple(edits)
    return ()


def _flattened(row: str) -> str:
    """The line as `_mended` gives it, without blanks before a field of the block."""
    key = row.strip().partition(":")[0]
    return _mended(row.lstrip() if contract_field(key) else row)


def _mended(row: str) -> str:
    """One line as it was probably meant."""
    body = row.rstrip("\r")
    end = row[len(body) :]
    if len(rows := split_fields(body)) > 2:
        return f"{end}\n".join(rows) + end
    body = re.sub(r"^[ \t]+", lambda m: m[0].replace("\t", "  "), body)
    found = _ROW.fullmatch(body)
    if found is None:
        return body + end
    value = found["value"].strip()
    if not value:
        return body + end
    if not _readable(f"k: {value}"):
        value = quoted(_unquoted(value))
    gap = found["gap"] if found["gap"] and set(found["gap"]) == {" "} else " "
    plain = f"{found['key']}:{gap}{value}"
    return (body if plain == body.rstrip() else plain) + end


def _unquoted(value: str) -> str:
    """A value without the one quote that opens or closes it."""
    for sign in "\"'":
        if value.startswith(sign) or value.endswith(sign):
            return value.removeprefix(sign).removesuffix(sign)
    return value


def _readable(text: str) -> bool:
    from unstick.space import Space as Reader

    end = newline(text)
    return Reader.from_files({"README.md": f"---{end}{text}{end}---{end}"}).readme.error is None
