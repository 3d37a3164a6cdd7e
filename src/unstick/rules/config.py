"""What a Space's own settings say about checks: unstick.toml, or [tool.unstick] in pyproject.toml."""

from __future__ import annotations

from unstick.errors import UsageError
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rules.base import SEVERITIES
from unstick.rules.engine import matches, table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from unstick.space import Space


class Config(NamedTuple):
    """Rules to run and to leave out (ids, codes, beginnings of codes), and other severities for some of
    them."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, str], ...] = ()


def load(space: Space) -> Config:
    """The settings of a Space; unstick.toml wins over pyproject.toml. Raises UsageError for what cannot be
    right."""
    for path, needle in (("unstick.toml", ""), ("pyproject.toml", "tool.unstick")):
        text = space.text(path) if space.tree.is_file(path) else None
        if text is None or needle not in text:
            continue
        import tomllib

        try:
            data: Any = tomllib.loads(text.removeprefix("\ufeff"))
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"is not valid TOML: {error}", where=path, reference="config") from None
        if path == "pyproject.toml":
            data = data.get("tool", {}).get("unstick")
        if data is not None:
            return _config(path, data)
    return Config()


def _config(path: str, data: Any) -> Config:
    if not isinstance(data, dict):
        raise UsageError("tool.unstick is not a table", where=path, reference="config")
    for key in data:
        if key not in ("select", "ignore", "severity"):
            todo = "Known are select, ignore and severity."
            raise UsageError(f"unknown setting {key!r}", where=path, todo=todo, reference="config")
    lists = {}
    for key in ("select", "ignore"):
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise UsageError(f"{key} has to be a list of rule ids or codes", where=path, reference="config")
        lists[key] = known(value, path)
    severity = data.get("severity", {})
    levels = (*SEVERITIES, "off")
    if not isinstance(severity, dict) or not all(v in levels for v in severity.values()):
        what = f"severity has to be a table of rule ids to {', '.join(levels)}"
        raise UsageError(what, where=path, reference="config")
    known(severity, path)
    return Config(lists["select"], lists["ignore"], tuple(severity.items()))


def known(selectors: Iterable[str], where: str) -> tuple[str, ...]:
    """The selectors, none of which may match no rule; raises UsageError with the nearest name."""
    from unstick.rules._block import nearest

    rows = table()
    selectors = tuple(selectors)
    for selector in selectors:
        if not any(matches(row, selector) for row in rows):
            near = nearest(selector, tuple(row.id for row in rows), 4)
            todo = f"Did you mean {near}?" if near else "`unstick explain` lists the rules."
            raise UsageError(f"{selector!r} is no rule", where=where, todo=todo, reference="unknown-rule")
    return selectors
