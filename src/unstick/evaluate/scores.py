"""Scores of ranked causes against labels: accuracy, Brier score, calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import pi, sqrt
from typing import TypeVar

from unstick.causes import NONE_OF_THESE
from unstick.causes import load as load_causes
from unstick.diagnose.engine import score
from unstick.diagnose.model import Model
from unstick.diagnose.model import load as load_model
from unstick.observe.labelled import Labelled
from unstick.record import NamedTuple

BINS = 10

_T = TypeVar("_T")


class Predicted(NamedTuple):
    """One case's ranked causes with probabilities, beside its label."""

    id: str
    label: str
    right: frozenset[str]
    domain: str
    confirmed_by: str
    causes: tuple[tuple[str, float], ...]

    @property
    def first(self) -> bool:
        """Whether the most probable cause is right."""
        return self.causes[0][0] in self.right

    @property
    def third(self) -> bool:
        """Whether one of the first three is right."""
        return any(cause in self.right for cause, _ in self.causes[:3])


class Scores(NamedTuple):
    """`brier` is the mean squared distance over all causes (0 best, 2 worst); `ece` the calibration error
    of the first cause's probability in ten bins of equal count, `ece_perfect` what perfect calibration would
    give at that n."""

    n: int
    top1: float
    top3: float
    domain: float
    brier: float
    ece: float
    ece_perfect: float


def predict(cases: Sequence[Labelled], models: Sequence[Model] | None = None) -> list[Predicted]:
    """The ranked causes of each case, by the shipped model or by the one given for it."""
    shipped = None if models else load_model()
    found = []
    for index, item in enumerate(cases):
        model = models[index] if models else shipped
        assert model is not None
        ranked = score(item.case, model).probabilities
        causes = tuple(sorted(ranked.items(), key=lambda pair: (-pair[1], pair[0])))
        found.append(
            Predicted(item.case.name, item.label, item.right, item.domain, item.confirmed_by, causes)
        )
    return found


def domain_right(item: Predicted) -> bool:
    """Whether the most probable domain is the case's, or the usual one of its label or of an acceptable
    cause."""
    names = load_causes()
    mass: dict[str, float] = {}
    for cause, probability in item.causes:
        if cause != NONE_OF_THESE:
            domain = names[cause].domain
            mass[domain] = mass.get(domain, 0.0) + probability
    best = max(sorted(mass), key=lambda name: mass[name])
    usual = {names[cause].domain for cause in item.right if cause in names}
    return best == item.domain or best in usual


def summarise(predicted: Sequence[Predicted]) -> Scores:
    """All scores of a set of predictions."""
    n = len(predicted)
    first = [item.causes[0][1] for item in predicted]
    hits = [item.first for item in predicted]
    return Scores(
        n=n,
        top1=sum(hits) / n,
        top3=sum(item.third for item in predicted) / n,
        domain=sum(map(domain_right, predicted)) / n,
        brier=sum(map(brier, predicted)) / n,
        ece=calibration_error(first, [float(hit) for hit in hits]),
        ece_perfect=perfect_error(first),
    )


def brier(item: Predicted) -> float:
    """The squared distance of the probabilities from the truth; mass on an acceptable cause counts for the
    label."""
    right = sum(probability for cause, probability in item.causes if cause in item.right)
    return (1 - right) ** 2 + sum(p**2 for cause, p in item.causes if cause not in item.right)


def calibration_error(first: Sequence[float], hits: Sequence[float]) -> float:
    """The mean distance of confidence and accuracy over ten bins of equal count, weighted by their size."""
    order = sorted(range(len(first)), key=lambda index: first[index])
    total = 0.0
    for part in chunks(order, BINS):
        confidence = sum(first[index] for index in part)
        accuracy = sum(hits[index] for index in part)
        total += abs(confidence - accuracy)
    return total / len(first)


def perfect_error(first: Sequence[float]) -> float:
    """What the calibration error would be on average if each probability were exactly true.

    The sum of independent yes/no outcomes of a bin scatters around its mean like a normal variable: the mean
    absolute deviation is sqrt(2/pi) standard deviations.
    """
    order = sorted(first)
    return sum(sqrt(2 / pi * sum(p * (1 - p) for p in part)) for part in chunks(order, BINS)) / len(first)


def chunks(items: Sequence[_T], count: int) -> list[Sequence[_T]]:
    """`count` runs of (almost) equal length; empty ones are left out."""
    edges = [round(len(items) * index / count) for index in range(count + 1)]
    return [items[a:b] for a, b in pairwise(edges) if b > a]


def by_confirmation(predicted: Sequence[Predicted]) -> dict[str, tuple[int, float]]:
    """Number of cases and top-1 for each way in which the outcome was confirmed."""
    groups: dict[str, list[bool]] = {}
    for item in predicted:
        groups.setdefault(item.confirmed_by or "unknown", []).append(item.first)
    return {name: (len(hits), sum(hits) / len(hits)) for name, hits in sorted(groups.items())}


def confusion(predicted: Sequence[Predicted]) -> list[tuple[str, str, int]]:
    """Label, wrongly first cause, how often: the most frequent first."""
    counts: dict[tuple[str, str], int] = {}
    for item in predicted:
        if not item.first:
            pair = (item.label, item.causes[0][0])
            counts[pair] = counts.get(pair, 0) + 1
    return sorted(((a, b, n) for (a, b), n in counts.items()), key=lambda row: (-row[2], row[0], row[1]))


def worst(predicted: Sequence[Predicted], most: int = 10) -> list[Predicted]:
    """The misses in which the model was surest of something wrong."""
    return sorted(
        (item for item in predicted if not item.first), key=lambda item: (-item.causes[0][1], item.id)
    )[:most]


def as_json(predicted: Sequence[Predicted]) -> dict[str, object]:
    """The scores and every case's ranking, for `--json`."""
    scores: Mapping[str, float] = summarise(predicted)._asdict()
    return {
        **{name: round(value, 4) for name, value in scores.items()},
        "by_confirmed": {
            name: {"n": n, "top1": round(top, 4)} for name, (n, top) in by_confirmation(predicted).items()
        },
        "confusion": [{"label": a, "first": b, "n": n} for a, b, n in confusion(predicted)],
        "cases": [
            {
                "id": item.id,
                "label": item.label,
                "causes": [{"id": cause, "probability": round(p, 5)} for cause, p in item.causes],
            }
            for item in predicted
        ],
    }
