"""What can be wrong with a Space: one TOML file for each cause, its id the file's name.

`tools/generate.py` turns the files into `_table.py`, as a compiled module loads in a millisecond.
"""

from __future__ import annotations

from unstick.record import NamedTuple

DOMAINS = ("config", "build", "app", "platform", "account", "client", "unknown")
TURNS = ("you", "owner", "platform", "account")
NONE_OF_THESE = "none-of-these"


class Cause(NamedTuple):
    """One thing that can be wrong.

    `domain` is the usual one of `DOMAINS`, `turn` who has to act (one of `TURNS`). `says` is a clause that
    completes 'Most likely …'. `explanation` holds paragraphs parted by an empty line, `remedy` the steps
    with the most effective first, `observe` what would prove it, `references` names of documentation pages
    and public sources, `neighbours` the ids of causes it is mistaken for, `aliases` words that people
    search for. Backquotes mark what is typed or seen literally.
    """

    id: str
    code: str
    title: str
    domain: str
    turn: str
    says: str
    explanation: str
    remedy: tuple[str, ...]
    observe: str
    references: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


def load() -> dict[str, Cause]:
    """Every cause by id, sorted by id; 'none-of-these' is one of them."""
    from unstick.causes._table import CAUSES

    return {row[0]: Cause(*row) for row in CAUSES}
