"""Calibration: how sharp the probabilities may be, so that '80 %' is right in eight cases of ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, log

from unstick.causes import NONE_OF_THESE
from unstick.diagnose import model as likelihood
from unstick.diagnose.engine import score
from unstick.diagnose.model import Model
from unstick.observe.labelled import Labelled

STEPS = [round(0.4 + 0.05 * step, 2) for step in range(150)]
"""The values that are tried."""

PULL = 2.0
"""How strongly `lift_of` stays with 'leave it as it is'."""

Pair = tuple[Mapping[str, float], float, frozenset[str]]
"""The scores of a case in bits, how far below the first 'none of these' stands in final bits, and what
counts as right."""


def scores_of(model: Model, item: Labelled) -> Pair:
    """The scores of one case under a model that was not fitted to it."""
    scores = dict(score(item.case, model).scores)
    none = scores.pop(NONE_OF_THESE)
    return scores, (max(scores.values()) - none) * model.sharpness, item.right


def sharpness_of(pairs: Sequence[Pair]) -> float:
    """The sharpness under which the causes that count as right get the most probability together (log
    loss)."""
    return min(STEPS, key=lambda sharpness: _loss(pairs, sharpness))


def lift_of(pairs: Sequence[Pair], sharpness: float) -> tuple[float, float]:
    """How the leading cause's log-odds have to be moved so that it predicts best whether it is right.

    Logistic regression on one variable by Newton's method, pulled a little to 'leave it as it is'.
    """
    odds, hits = [], []
    for scores, gap, right in pairs:
        values = _values(scores, gap, sharpness)
        first = max(sorted(values), key=lambda cause: values[cause])
        sure = min(max(values[first], 1e-6), 1 - 1e-6)
        odds.append(log(sure / (1 - sure)))
        hits.append(float(first in right))
    a, b = 0.0, 1.0
    for _ in range(50):
        guess = [1 / (1 + exp(-(a + b * x))) for x in odds]
        slope_a = sum(g - h for g, h in zip(guess, hits, strict=True)) + PULL * a
        slope_b = sum((g - h) * x for g, h, x in zip(guess, hits, odds, strict=True)) + PULL * (b - 1)
        weight = [g * (1 - g) for g in guess]
        aa = sum(weight) + PULL
        ab = sum(w * x for w, x in zip(weight, odds, strict=True))
        bb = sum(w * x * x for w, x in zip(weight, odds, strict=True)) + PULL
        det = aa * bb - ab * ab
        a, b = a - (bb * slope_a - ab * slope_b) / det, b - (aa * slope_b - ab * slope_a) / det
    return round(a, 3), round(b, 3)


def _values(scores: Mapping[str, float], gap: float, sharpness: float) -> dict[str, float]:
    none = max(scores.values()) - gap / sharpness
    return likelihood.probabilities({**scores, NONE_OF_THESE: none}, sharpness)


def _loss(pairs: Sequence[Pair], sharpness: float) -> float:
    total = 0.0
    for scores, gap, right in pairs:
        values = _values(scores, gap, sharpness)
        total -= log(max(sum(p for cause, p in values.items() if cause in right), 1e-4))
    return total / len(pairs)
