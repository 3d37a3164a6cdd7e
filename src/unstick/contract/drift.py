"""What installs without a complaint and then breaks, because a release of something else moved on.

These are the shapes; the rows stand in drift.toml, with a source each, and in drift_table.py, generated
from it.
"""

from __future__ import annotations

from unstick.record import NamedTuple

Bounds = tuple[tuple[str, str], ...]


class Pair(NamedTuple):
    """`distribution` within `versions` breaks with `other` within `other_versions`, or on `python`, or by
    itself.

    `effect` says when it shows: import, launch, call. `pin` is the requirement that mends it, `uses` a
    module that has to be
    imported by the app for it to matter, `unless` distributions with which it does not happen,
    `parts` the classes of the distribution of which the app has to use one.
    """

    distribution: str
    versions: Bounds
    other: str
    other_versions: Bounds
    python: Bounds
    effect: str
    severity: str
    symptom: str
    pin: str
    unless: tuple[str, ...]
    uses: str
    source: str
    parts: tuple[str, ...] = ()


class Clash(NamedTuple):
    """Distributions that write over each other's `module`; `right` is the one that is usually meant."""

    module: str
    distributions: tuple[str, ...]
    right: str


class Moved(NamedTuple):
    """A part of a distribution that is gone in `gone_in`; `newest` is what an unbounded requirement takes."""

    distribution: str
    module: str
    gone_in: str
    newest: str
    remedy: str
    unless: tuple[str, ...]
    source: str


class Need(NamedTuple):
    """What a distribution needs and does not declare: one of `needs`; `module` and `call` show that it is
    used."""

    distribution: str
    module: str
    needs: tuple[str, ...]
    call: str
    severity: str
    bounds: Bounds
    newest: str
    source: str


class Engine(NamedTuple):
    """An npm package whose `versions` need one of the Node.js releases `node` or newer within its major;
    `newest` is what
    an open range takes."""

    package: str
    versions: Bounds
    node: tuple[str, ...]
    newest: str
    source: str
