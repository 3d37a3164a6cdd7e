"""The likelihood model: what each sign says about each cause, in bits.

The score of a cause is its prior plus the weights of the signs that are there; probabilities are the
scores as powers of two, made to sum to one. So a person can follow the sum. The weights were fitted on
real cases over an expert's (see `unstick.fit`), which keeps signs that usually come together from counting
twice; each sign counts once, however often it is said.

'None of these' has no signs of its own. It stands a fixed distance below the leading cause, and comes closer by
a share of what the leading cause leaves unexplained.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from unstick.causes import NONE_OF_THESE

MOST = 0.95
"""No sign is taken to be present with more than this probability under any cause."""

EXPLAINED = 0.7
"""The share of an expert's largest weight for a sign that the leading cause has to reach to explain it."""


class Novelty(NamedTuple):
    """Where 'none of these' stands, in bits of the final probabilities: `gap` below the leading cause, nearer by `share` of each bit
    that is left unexplained, by `most` at the utmost."""

    gap: float = 6.0
    share: float = 0.4
    most: float = 3.0


class Model(NamedTuple):
    """Priors and weights in bits.

    `causes` are the ids, `priors` their bits in the same order; 'none-of-these' is not among them. `weights`
    gives for each sign the bits by cause, `bases` how often the sign is present over all cases, `salience` the
    expert's largest weight for it. `sharpness` scales the scores before they become probabilities:
    calibration, from cross-validation.
    """

    causes: tuple[str, ...]
    priors: tuple[float, ...]
    weights: Mapping[str, Mapping[str, float]]
    bases: Mapping[str, float]
    salience: Mapping[str, float]
    novelty: Novelty
    sharpness: float


class Said(NamedTuple):
    """What one observed sign says: bits by cause, and how much of it asks for an explanation."""

    sign: str
    bits: Mapping[str, float]
    salience: float


_model: list[Model] = []


def load() -> Model:
    """The shipped model."""
    if not _model:
        from unstick.diagnose import _model as table
        from unstick.signs.vocabulary import signs

        _model.append(
            Model(
                causes=table.CAUSES,
                priors=table.PRIORS,
                weights={sign: dict(row) for sign, row in table.WEIGHTS},
                bases={name: sign.base for name, sign in signs().items()},
                salience=saliences(),
                novelty=Novelty(*table.NOVELTY),
                sharpness=table.SHARPNESS,
            )
        )
    return _model[0]


def saliences() -> dict[str, float]:
    """For each sign the largest weight that the expert gives it for any cause."""
    from unstick.signs.vocabulary import signs

    return {name: max([bits for _, bits in sign.says], default=0.0) for name, sign in signs().items()}


def says(model: Model, sign: str, present: bool, bits: Mapping[str, float] | None = None) -> Said:
    """What the presence or absence of a sign says; `bits` are given for signs that the model does not know."""
    known = bits if bits is not None else model.weights.get(sign, {})
    if present:
        salience = model.salience.get(sign, max(known.values(), default=0.0))
        return Said(sign, known, max(salience, 0.0))
    return Said(sign, absent_bits(model, sign, known), 0.0)


def likelihoods(model: Model, sign: str, bits: Mapping[str, float]) -> list[float]:
    """How probable the sign is under each cause of the model, capped at `MOST`."""
    base = model.bases.get(sign, 0.02)
    return [min(MOST, base * 2.0 ** bits.get(cause, 0.0)) for cause in model.causes]


def absent_bits(model: Model, sign: str, bits: Mapping[str, float]) -> dict[str, float]:
    """What it says when a sign was looked for and is not there."""
    from math import log2

    chances = likelihoods(model, sign, bits)
    base = sum(chances) / len(chances)
    found = {}
    for cause, chance in zip(model.causes, chances, strict=True):
        value = log2((1 - chance) / (1 - base))
        if abs(value) >= 0.05:
            found[cause] = value
    return found


def scores(model: Model, said: Sequence[Said]) -> dict[str, float]:
    """Prior plus all bits for each cause, and the score of 'none of these'."""
    totals = dict(zip(model.causes, model.priors, strict=True))
    for item in said:
        for cause, bits in item.bits.items():
            if cause in totals:
                totals[cause] += bits
    leading = max(sorted(totals), key=lambda cause: totals[cause])
    gap = model.novelty.gap - min(model.novelty.most, sum(bits for _, bits in unexplained(model, said, leading)))
    totals[NONE_OF_THESE] = totals[leading] - gap / model.sharpness
    return totals


def unexplained(model: Model, said: Iterable[Said], leading: str) -> list[tuple[str, float]]:
    """What each sign adds to 'none of these', because the leading cause does not explain it."""
    found = []
    for item in said:
        left = EXPLAINED * item.salience - max(0.0, item.bits.get(leading, 0.0))
        if left > 0:
            found.append((item.sign, model.novelty.share * left))
    return found


def probabilities(values: Mapping[str, float], sharpness: float) -> dict[str, float]:
    """The scores as probabilities."""
    top = max(values.values())
    powers = {cause: 2.0 ** ((value - top) * sharpness) for cause, value in values.items()}
    total = sum(powers.values())
    return {cause: power / total for cause, power in powers.items()}
