"""What a diagnosis is made of: plain frozen data."""

from __future__ import annotations

from unstick.case import Case, Evidence, Unobserved
from unstick.record import NamedTuple
from unstick.space.types import Edit


class Weight(NamedTuple):
    """What one piece of evidence says about one cause.

    `bits` is the base-2 logarithm of the factor by which it moves the odds of this cause against the
    average of the others: positive speaks for, negative against. The bits of a cause add up, with its
    prior, to its score.
    """

    evidence: Evidence
    bits: float


class Ranked(NamedTuple):
    """One cause in the ranking. `weights` is sorted by size, largest first."""

    cause: str
    code: str
    domain: str
    title: str
    probability: float
    prior_bits: float
    weights: tuple[Weight, ...]


class Observation(NamedTuple):
    """Something that could be observed next.

    `gain` is the expected information in bits, `cost` the effort in minutes of a person, `how` the
    command or URL that makes the observation. `if_yes` and `if_no` name the cause that would then lead,
    with its probability.
    """

    sign: str
    question: str
    gain: float
    cost: float
    how: str
    if_yes: tuple[str, float]
    if_no: tuple[str, float]


class Repair(NamedTuple):
    """Edits that would remove a cause: not yet applied, not yet verified."""

    cause: str
    rule: str
    title: str
    edits: tuple[Edit, ...]
    diff: str


class Diagnosis(NamedTuple):
    """The causes ranked by probability, and what follows from them.

    `turn` is who has to act: 'you', 'owner', 'platform' or 'account'. `causes` holds every cause,
    'none-of-these' included; the probabilities sum to 1.
    """

    verdict: str
    turn: str
    causes: tuple[Ranked, ...]
    unknown: tuple[Unobserved, ...]
    next: tuple[Observation, ...]
    repairs: tuple[Repair, ...]
    case: Case
