"""Novel causes: what the model says of cases whose cause it has never heard of."""

from __future__ import annotations

from collections.abc import Sequence

from unstick.causes import NONE_OF_THESE, load
from unstick.diagnose.engine import score
from unstick.fit.folds import without
from unstick.fit.weights import fit
from unstick.observe.labelled import Labelled

SHARPNESS = 3.5
"""About what cross-validation gives; ranking does not depend on it but for 'none of these'."""


def left_out(cases: Sequence[Labelled]) -> float:
    """Each cause in turn is left out of the fit and of the vocabulary: the share of its cases in which
    'none of these' is among the first three."""
    names = [name for name in load() if name != NONE_OF_THESE]
    hits = total = 0
    for cause in sorted({item.label for item in cases}):
        rest = [name for name in names if name != cause]
        model = fit(without(cases, cause), rest)._replace(sharpness=SHARPNESS)
        for item in (case for case in cases if case.label == cause):
            ranked = sorted(score(item.case, model).scores.items(), key=lambda pair: (-pair[1], pair[0]))
            hits += any(name == NONE_OF_THESE for name, _ in ranked[:3])
            total += 1
    return hits / total
