"""What the rules of the README block share: raw values, placeholders, edits of values and lines."""

from __future__ import annotations

import re

from unstick.contract.readme import FIELDS
from unstick.record import TYPE_CHECKING
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from unstick.space import Space
    from unstick.space.readme import Readme
    from unstick.space.yaml_scalars import Field

_FIELD = r"[A-Za-z_][\w-]*[ \t]*:|[ \t]+\S|[ \t]*-[ \t]|[ \t]*#[ \t]*[a-z]"


def raw_value(space: Space, field: Field) -> str:
    """A field's value as it stands in the file, quotes and brackets included."""
    return space.readme.text[field.value.start : field.value.end]


def is_placeholder(space: Space, field: Field) -> bool:
    """Whether a value was left from a template: {{sdk}}, <your-title>, ${SDK}, %SDK%, [INSERT …], YOUR_…,
    TODO."""
    raw = raw_value(space, field).strip().strip("\"'").strip()
    pairs = (("{{", "}}"), ("{%", "%}"), ("${", "}"), ("<%", "%>"), ("__", "__"), ("%", "%"))
    if any(raw.startswith(a) and raw.endswith(b) and len(raw) > len(a) + len(b) for a, b in pairs):
        return True
    inner = raw[1:-1].lower()
    if raw[:1] == "<" and raw[-1:] == ">" and inner and not inner.startswith(("http", "!")):
        return True
    if raw[:1] == "[" and raw[-1:] == "]" and inner.startswith(("insert ", "your ", "enter ", "add your ")):
        return True
    return raw in ("TODO", "FIXME", "CHANGEME", "CHANGE_ME", "REPLACE_ME") or raw.startswith(
        ("YOUR_", "YOUR-")
    )


def replace_value(space: Space, field: Field, text: str, *, safe: bool, title: str = "") -> tuple[Edit, ...]:
    """The edit that gives a field another value, written as `text`."""
    start, end = field.value.start, field.value.end
    if not 0 <= start <= end or field.style in ("literal", "folded", "alias"):
        return ()
    before = space.readme.text[start - 1 : start]
    lead = " " if start == end and before == ":" else ""
    return (Edit(space.readme.path, start, end, lead + text, safe, title or f"set {field.name} to {text}"),)


def remove_lines(space: Space, first: Place, last: Place, *, safe: bool, title: str) -> tuple[Edit, ...]:
    """The edit that takes out the whole lines from one place to another."""
    text = space.readme.text
    start = text.rfind("\n", 0, first.start) + 1
    stop = text.find("\n", max(last.end - 1, first.start))
    return (Edit(space.readme.path, start, len(text) if stop < 0 else stop + 1, "", safe, title),)


def split_fields(line: str) -> list[str]:
    """The `field: value` parts of a line that holds several of them; empty when it does not begin with
    one, or names one twice."""
    if line.count(":") < 2 or len(line) > 4000:
        return []
    names = "|".join(f.name for f in FIELDS)
    found = list(re.finditer(rf"(?:(?<=\s)|^)({names}):(?=\s)", line))
    if not found or found[0].start() > 0 or len({m[1] for m in found}) < len(found):
        return []
    ends = [m.start() for m in found[1:]] + [len(line)]
    return [line[m.start() : end].strip() for m, end in zip(found, ends, strict=True)]


def swallows(readme: Readme) -> bool:
    """Whether a block that cannot be read goes on over the text below it, to a ruler: it was never closed."""
    if readme.state != "top" or readme.error is None or readme.close is None:
        return False
    rest = readme.text[end_of_fields(readme.text, readme.start) : readme.close.start].strip()
    return rest.startswith("#")


def end_of_fields(text: str, start: int) -> int:
    """Where the lines that look like fields, list items, remarks or blank lines between them end."""
    at = end = start
    for row in text[start : start + 20_000].split("\n"):
        word = row.strip()
        if word and (not re.match(_FIELD, row) or not word.strip("-–—")):
            break
        at = min(at + len(row) + 1, len(text))
        if word:
            end = at
    return end


def newline(text: str) -> str:
    """The line end that a text uses: that of its first line."""
    at = text.find("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def quoted(text: str) -> str:
    """A text as a YAML scalar in double quotes."""
    escaped = (
        text.replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
    )
    return f'"{escaped}"'


def nearest(word: str, words: tuple[str, ...], most: int = 2) -> str:
    """The one of `words` that differs from `word` by the fewest letters, at most `most`; '' when there is
    none."""
    plain = word.lower().replace("-", "_").replace(" ", "_")
    best, found = most + 1, ""
    for other in words:
        if abs(len(other) - len(plain)) < best:
            distance = edit_distance(plain, other.lower(), best)
            if distance < best:
                best, found = distance, other
    return found


def edit_distance(one: str, other: str, limit: int = 100) -> int:
    """How many letters have to be put in, taken out, replaced, or swapped with the next; at most `limit`."""
    if one == other:
        return 0
    older: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row = row, [i]
        for j, b in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if older and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) >= limit:
            return limit
        older = above
    return min(row[-1], limit)
