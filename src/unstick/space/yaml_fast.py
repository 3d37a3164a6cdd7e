"""Flat YAML blocks without PyYAML, whose import alone costs more than a whole check may."""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.space.types import Place
from unstick.space.yaml_scalars import Field, plain_tag

_KEY = lazy(r"([A-Za-z_][A-Za-z0-9_-]*):(?: +|$)")
_ITEM = lazy(r"( *)- +(?=\S)")
_NOT_PLAIN = frozenset("!&*-?:,[]{}#|>@`\"'%")


def read_flat(text: str, start: int, first_line: int, path: str) -> tuple[Field, ...] | None:
    """Fields of a block of `key: scalar` lines and simple lists, or None when it holds anything else.

    `start` is the offset of `text` in its file, `first_line` the line it begins on. The result is the same as
    that of the full reader, or None.
    """
    if _odd(text):
        return None
    out: list[Field] = []
    at, line = start, first_line
    keys: set[str] = set()
    for raw in text.split("\n"):
        row = raw.removesuffix("\r").rstrip(" ")
        if row and not row.lstrip(" ").startswith("#") and not _take(row, out, keys, at, line, path):
            return None
        at += len(raw) + 1
        line += 1
    return tuple(out) if out else None


def _odd(text: str) -> bool:
    """Whether there are tabs, control characters, line ends that only YAML knows, lone surrogates, a byte
    order mark or a lone CR: left to PyYAML. A joiner inside an emoji is fine."""
    plain = text.replace("\r\n", "").replace("\n", "").replace("\u200d", "")
    return not plain.isprintable()


def _take(row: str, out: list[Field], keys: set[str], at: int, line: int, path: str) -> bool:
    """Read one line into `out`; False when it is not a plain one."""
    key = _KEY.match(row)
    if key:
        name = key.group(1)
        if name in keys or plain_tag(name) != "str":
            return False
        keys.add(name)
        scalar = _scalar(row, key.end(), at, line, path)
        if scalar is None:
            return False
        place = Place(path, line, 1, at, at + len(name))
        if scalar.style == "plain" and not scalar.text:
            after = at + len(name) + 1
            scalar = scalar._replace(value=Place(path, line, len(name) + 2, after, after))
        out.append(scalar._replace(name=name, key=place))
        return True
    item = _ITEM.match(row)
    if item is None or not out:
        return False
    scalar = _scalar(row, item.end(), at, line, path)
    return (
        scalar is not None
        and bool(scalar.text or scalar.style != "plain")
        and _add_item(row, item, out, scalar, at, line)
    )


def _add_item(row: str, item: re.Match[str], out: list[Field], scalar: Field, at: int, line: int) -> bool:
    field, indent = out[-1], len(item.group(1))
    if field.style == "list":
        if field.items[0].value.column == 0 or field.value.column != indent + 1:
            return False
        value = field.value._replace(end=scalar.value.end)
    elif field.style == "plain" and not field.text and field.value.column == len(field.name) + 2:
        value = Place(field.key.path, line, indent + 1, at + indent, scalar.value.end)
    else:
        return False
    out[-1] = field._replace(value=value, style="list", tag="list", items=(*field.items, scalar))
    return True


def _without_comment(text: str) -> str:
    """A value's text up to a ` #` outside quotes."""
    if " #" not in text:
        return text
    start = 0
    if text[0] in "\"'":
        start = text.find(text[0], 1) + 1
        if start == 0 or not text[start:].lstrip(" ").startswith("#"):
            return text
    return text[: text.find(" #", start)].rstrip(" ")


def _scalar(row: str, column: int, at: int, line: int, path: str) -> Field | None:
    text = _without_comment(row[column:])
    place = Place(path, line, column + 1, at + column, at + column + len(text))
    if not text:
        return Field("", place, place, "", "plain", "null")
    if text[0] in "\"'":
        body = text[1:-1]
        if len(text) < 2 or text[-1] != text[0] or text[0] in body or (text[0] == '"' and "\\" in body):
            return None
        return Field("", place, place, body, "double" if text[0] == '"' else "single", "str")
    if text[0] in _NOT_PLAIN or ": " in text or " #" in text or text[-1] == ":" or text in ("---", "..."):
        return None
    return Field("", place, place, text, "plain", plain_tag(text))
