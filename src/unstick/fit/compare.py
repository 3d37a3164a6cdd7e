"""Simpler ways on the same folds as the model."""

from __future__ import annotations

from collections.abc import Sequence

from unstick.evaluate.baselines import BASELINES
from unstick.fit.folds import assign
from unstick.observe.labelled import Labelled


def baselines(cases: Sequence[Labelled], folds: int, repeats: int) -> dict[str, tuple[float, float]]:
    """First right and among the first three, for each simpler way, over all folds and repeats."""
    found: dict[str, tuple[float, float]] = {}
    for name, train in BASELINES:
        first = third = total = 0
        for seed in range(repeats):
            fold = assign(cases, folds, seed)
            for number in range(folds):
                rank = train([c for c, f in zip(cases, fold, strict=True) if f != number])
                for item in (c for c, f in zip(cases, fold, strict=True) if f == number):
                    ranked = rank(item)
                    first += ranked[0] in item.right
                    third += any(cause in item.right for cause in ranked[:3])
                    total += 1
        found[name] = (first / total, third / total)
    return found
