"""What the commits of a repository say about it: its files, and the block of its README."""

from __future__ import annotations

import threading
from collections import OrderedDict

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.readme import Readme
from unstick.space.text_file import TextFile

if TYPE_CHECKING:
    from typing import Any

    from unstick.localhub.repository import Item, Repository
    from unstick.space.yaml_scalars import Field

MOST_README = 128 * 1024
KEPT = 64 * 1024 * 1024
"""Bytes, roughly, of the cards that are remembered: a list asks for those of all Spaces."""

COST = (500, 250)
"""Bytes, roughly, of a card and of each of its files."""


class Card(NamedTuple):
    """One commit: its files with whole paths, and the fields of the README's block (None: no usable block)."""

    files: tuple[Item, ...] = ()
    block: dict[str, Any] | None = None


_known: OrderedDict[tuple[str, str], tuple[Card, int]] = OrderedDict()
_cost = 0
_lock = threading.Lock()


def card_of(repository: Repository, commit: str) -> Card:
    """The card of a commit; '' has an empty one. The last ones asked for are kept."""
    if not commit:
        return Card()
    key = (repository.path, commit)
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key][0]
    files = tuple(item for item in repository.tree(commit, recursive=True) if item.kind in ("file", "link"))
    readme = next((item for item in files if item.path == "README.md" and item.kind == "file"), None)
    card = Card(files, _block(repository, readme.oid) if readme else None)
    _keep(key, card, COST[0] + COST[1] * len(files) + (min(readme.size, MOST_README) if readme else 0))
    return card


def _keep(key: tuple[str, str], card: Card, cost: int) -> None:
    global _cost
    with _lock:
        if key in _known:
            return
        _known[key] = (card, cost)
        _cost += cost
        while _cost > KEPT:
            _, (_, gone) = _known.popitem(last=False)
            _cost -= gone


def _block(repository: Repository, oid: str) -> dict[str, Any] | None:
    text = repository.read(oid, MOST_README).decode("utf-8", "replace")
    readme = Readme(TextFile("README.md", text))
    if readme.state != "top" or readme.error is not None:
        return None
    return {_clean(field.name): value_of(field) for field in readme.fields}


def value_of(field: Field) -> Any:
    """A field as JSON has it."""
    if field.style == "list":
        return [value_of(item) for item in field.items]
    if field.style == "map":
        return {_clean(item.name): value_of(item) for item in field.items}
    if field.tag == "null":
        return None
    if field.tag == "bool":
        return field.text.lower() == "true"
    if field.tag == "int":
        whole = field.integer()
        return _clean(field.text) if whole is None else whole
    if field.tag == "float":
        return _float(field.text)
    return _clean(field.text)


def _clean(text: str) -> str:
    """A text without halves of characters, which no JSON has."""
    return text.encode("utf-8", "replace").decode()


def _float(text: str) -> float | str:
    try:
        number = float(text.replace("_", ""))
    except ValueError:
        return text
    return number if abs(number) < 1e300 else text
