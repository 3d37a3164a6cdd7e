"""What a plain YAML scalar means on the Hub, which reads YAML 1.2 (3.10 is the number 3.1, `yes` a word)."""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import NamedTuple
from unstick.space.types import Place

_INT = lazy(r"[-+]?(?:0|[1-9][0-9_]*|0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+)\Z")
_FLOAT = lazy(
    r"(?:[-+]?(?:[0-9][0-9_]*)(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)
_TIMESTAMP = lazy(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:"
)
_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE", "false", "False", "FALSE"), "bool"),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), "null"),
}


class Field(NamedTuple):
    """One field, list item or map entry of the block.

    `key` and `value` are places (of a list item `key` is its value's). `text` is the scalar as read, `style`
    one of plain, single, double, literal, folded, list, map, alias; `tag` one of str, int, float, bool, null,
    timestamp, list, map, other. `items` holds a list's items (without a name) or a map's entries.
    """

    name: str
    key: Place
    value: Place
    text: str = ""
    style: str = "plain"
    tag: str = "str"
    items: tuple[Field, ...] = ()

    def integer(self) -> int | None:
        """The number when the value is one, or a quoted string of digits; else None."""
        digits = self.text.replace("_", "") if self.tag == "int" else self.text
        if self.tag not in ("int", "str") or len(digits) > 18:
            return None
        try:
            return (
                int(digits, 0)
                if self.tag == "int" and digits[:1] == "0" and digits.strip("0")
                else int(digits, 10)
            )
        except ValueError:
            return None

    def strings(self) -> tuple[str, ...]:
        """The texts of a list's items, or the one scalar."""
        return (
            tuple(i.text for i in self.items) if self.style == "list" else (self.text,) if self.text else ()
        )


def plain_tag(text: str) -> str:
    """The type that an unquoted scalar has."""
    word = _WORDS.get(text)
    if word:
        return word
    if not (text[0].isdigit() or text[0] in "-+."):
        return "str"
    if text.isdigit() and text[0] != "0" and text.isascii():
        return "int"
    if text.count(".") > 1 and text.replace(".", "").isdigit():
        return "str"
    if _INT.match(text):
        return "int"
    if _FLOAT.match(text):
        return "float"
    return "timestamp" if _TIMESTAMP.match(text) else "str"
