"""Calibration: how sharp the probabilities may be, so that '80 %' is right in eight cases of ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

from unstick.causes import NONE_OF_THESE
from unstick.diagnose import model as likelihood
from unstick.diagnose.engine import score
from unstick.diagnose.model import Model
from unstick.observe.labelled import Labelled

STEPS = [round(0.4 + 0.05 * step, 2) for step in range(150)]
"""The values that are tried."""

Pair = tuple[Mapping[str, float], float, frozenset[str]]
"""The scores of a case in bits, how far below the first 'none of these' stands in final bits, and what counts as right."""


def scores_of(model: Model, item: Labelled) -> Pair:
    """The scores of one case under a model that was not fitted to it."""
    scores = dict(score(item.case, model).scores)
    none = scores.pop(NONE_OF_THESE)
    return scores, (max(scores.values()) - none) * model.sharpness, item.right


def sharpness_of(pairs: Sequence[Pair]) -> float:
    """The sharpness under which the first cause's probability predicts best whether it is right (log loss)."""
    return min(STEPS, key=lambda sharpness: _loss(pairs, sharpness))


def _loss(pairs: Sequence[Pair], sharpness: float) -> float:
    total = 0.0
    for scores, gap, right in pairs:
        none = max(scores.values()) - gap / sharpness
        values = likelihood.probabilities({**scores, NONE_OF_THESE: none}, sharpness)
        first = max(sorted(values), key=lambda cause: values[cause])
        sure = min(max(values[first], 0.01), 0.995)
        total -= log(sure if first in right else 1 - sure)
    return total / len(pairs)
