"""Plain values out of decoded JSON that anybody may have written."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.text import one_line, printable

if TYPE_CHECKING:
    from typing import Any


def mapping(value: Any) -> dict[str, Any]:
    """An object, or {}."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """A list, or []."""
    return value if isinstance(value, list) else []


def text(value: Any, most: int, *, lines: bool = False) -> str:
    """A string without control characters, cut at `most` characters; '' for anything else."""
    if not isinstance(value, str):
        return ""
    if len(value) > most:
        # Between two words where there are any: half of a token is not known for one.
        value = value[:most].rstrip()
        value = value[: 1 + max(map(value.rfind, " \n"))] or value
    return printable(value, lines=True) if lines else one_line(value)


def integer(value: Any) -> int | None:
    """A whole number of a size that can be meant, or None."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**12:
        return None
    return value


def flag(value: Any) -> bool | None:
    """True or False, or None for anything else."""
    return value if isinstance(value, bool) else None
