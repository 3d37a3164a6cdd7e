"""The closed vocabulary of signs: observable yes/no facts that bear on what is wrong."""

from __future__ import annotations

from unstick.record import NamedTuple


class Sign(NamedTuple):
    """One observable fact.

    `question` asks for it in plain words, `how` says what observes it, `cost` is what that takes in
    minutes of a person. `base` is how often it is present in reports as a whole. `says` gives, for the causes
    it bears on, the expert's weight in bits: the base-2 logarithm of how much likelier it is under that
    cause than on average. Signs of one `group` are answers to one question, `answer` is this one's.
    """

    id: str
    code: str
    title: str
    question: str
    how: str
    cost: float
    base: float
    says: tuple[tuple[str, float], ...]
    group: str = ""
    answer: str = ""


_signs: dict[str, Sign] = {}


def signs() -> dict[str, Sign]:
    """Every sign by its id, in the order of the data files."""
    if not _signs:
        from unstick.signs._table import SIGNS

        for row in SIGNS:
            _signs[row[0]] = Sign(*row)
    return _signs
