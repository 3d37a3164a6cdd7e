"""The rungs of the ladder, gentlest first, as public reports show them to work."""

from __future__ import annotations

from unstick.record import NamedTuple


class Rung(NamedTuple):
    """One step. `does` completes the sentence 'This …', `tells` is what its outcome says.

    `rebuilds` means that the image is built anew: with today's packages it may not come back. `stops` means
    that a version which serves is stopped, and what it wrote to its own disk is lost. `costs` that it may cost
    money. `tried` is the word for it among what was tried (observe/fields). `minutes` is how long its effect
    is waited for at most, before the start-up timeout that the Space declares.
    """

    id: str
    title: str
    does: str
    tells: str
    tried: str
    rebuilds: bool = False
    stops: bool = False
    costs: bool = False
    minutes: float = 15.0
    source: str = ""


_PATTERNS = "reports of stuck Spaces, remedies in the order in which they helped"

RUNGS = (
    Rung(
        "restart", "restart", "restarts the Space from its cached build",
        "cured: the platform had lost track of it, or found no machine", "restart", stops=True, minutes=10,
        source="about 8 of 10 scheduling failures were cured by it, within 2 minutes",
    ),
    Rung(
        "no-op-commit", "no-op commit", "commits README.md with one line end more or less, which starts a build",
        "cured: the build queue had lost the last commit", "commit", rebuilds=True, stops=True,
        source=_PATTERNS,
    ),
    Rung(
        "factory-rebuild", "factory rebuild", "builds the Space anew without any cache and starts it",
        "cured: a stale cache or image", "factory-rebuild", rebuilds=True, stops=True, minutes=30,
        source=_PATTERNS,
    ),
    Rung(
        "pause-resume", "pause and resume", "pauses the Space and restarts it",
        "cured: what is wanted and what is had drifted apart", "pause", rebuilds=True, stops=True,
        source=_PATTERNS,
    ),
    Rung(
        "hardware", "other hardware and back", "moves the Space to other hardware, and back once it serves",
        "cured: the machines of that flavour", "other-hardware", rebuilds=True, stops=True, costs=True,
        source=_PATTERNS,
    ),
    Rung(
        "duplicate", "duplicate", "makes a private copy, looks whether that serves, and removes it again",
        "the copy serves: it is this Space's state on the platform; it does not: the files or the account",
        "duplicate", costs=True, minutes=20, source=_PATTERNS,
    ),
)  # fmt: skip


def rung(name: str) -> Rung | None:
    """The rung of this id, or None."""
    return next((row for row in RUNGS if row.id == name), None)
