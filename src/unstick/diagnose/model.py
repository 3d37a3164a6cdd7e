"""The likelihood model: what each sign says about each cause, in bits.

The score of a cause is its prior plus the weights of the signs that are there; probabilities are the
scores as powers of two, made to sum to one. So a person can follow the sum. The weights were fitted on
real cases over an expert's (see `unstick.fit`). Each sign counts once, however often it is said, and signs
that tell the same story count less and less: of those that speak mainly for one cause the strongest counts
in full, the next one `ECHO` of what it says, the one after that `ECHO` squared ...

'None of these' has no signs of its own. It stands a fixed distance below the leading cause, and comes
closer by a share of what the leading cause leaves unexplained.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from unstick.causes import NONE_OF_THESE
from unstick.record import NamedTuple

MOST = 0.95
"""No sign is taken to be present with more than this probability under any cause."""

ECHO = 0.6
"""How much a sign counts for each stronger sign that speaks mainly for the same cause."""

EXPLAINED = 0.7
"""The share of an expert's largest weight for a sign that the leading cause has to reach to explain it."""


class Novelty(NamedTuple):
    """Where 'none of these' stands, in bits of the scaled scores: `gap` below the leading cause, nearer by
    `share` of each bit that is left unexplained, by `most` at the utmost."""

    gap: float = 5.0
    share: float = 0.3
    most: float = 2.0


class Model(NamedTuple):
    """Priors and weights in bits.

    `causes` are the ids, `priors` their bits in the same order; 'none-of-these' is not among them. `weights`
    gives for each sign the bits by cause, `bases` how often the sign is present over all cases, `salience`
    the expert's largest weight for it and `themes` the cause that has it. `sharpness` scales the scores
    before they become probabilities, `lift` (a, b) then moves the leading cause's log-odds x to a + b x, the
    others keep their proportions: calibration, both from cross-validation.
    """

    causes: tuple[str, ...]
    priors: tuple[float, ...]
    weights: Mapping[str, Mapping[str, float]]
    bases: Mapping[str, float]
    salience: Mapping[str, float]
    themes: Mapping[str, str]
    novelty: Novelty
    sharpness: float
    lift: tuple[float, float] = (0.0, 1.0)


class Said(NamedTuple):
    """What one observed sign says: bits by cause, how much of it asks for an explanation, the cause that it
    speaks for mainly, and for how much it counts beside the others."""

    sign: str
    bits: Mapping[str, float]
    salience: float
    theme: str = ""
    counts: float = 1.0


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
                themes=themes(),
                novelty=Novelty(*table.NOVELTY),
                sharpness=table.SHARPNESS,
                lift=table.LIFT,
            )
        )
    return _model[0]


def saliences() -> dict[str, float]:
    """For each sign the largest weight that the expert gives it for any cause."""
    from unstick.signs.vocabulary import signs

    return {name: max([bits for _, bits in sign.says], default=0.0) for name, sign in signs().items()}


def themes() -> dict[str, str]:
    """For each sign the cause that the expert gives its largest weight."""
    from unstick.signs.vocabulary import signs

    return {
        name: max(sorted(sign.says), key=lambda pair: pair[1])[0] if sign.says else ""
        for name, sign in signs().items()
    }


def says(model: Model, sign: str, present: bool, bits: Mapping[str, float] | None = None) -> Said:
    """What the presence or absence of a sign says; `bits` are given for signs that the model does not
    know."""
    known = bits if bits is not None else model.weights.get(sign, {})
    theme = model.themes.get(sign) or max(sorted(known), key=lambda cause: known[cause], default="")
    if present:
        salience = model.salience.get(sign, max(known.values(), default=0.0))
        return Said(sign, known, max(salience, 0.0), theme)
    return Said(sign, absent_bits(model, sign, known), 0.0, f"not {theme}")


def echoed(said: Sequence[Said]) -> tuple[Said, ...]:
    """The same with what each counts for: the strongest sign of a theme in full, the others less and less."""
    order = sorted(
        said, key=lambda item: (-(item.salience or max(map(abs, item.bits.values()), default=0.0)), item.sign)
    )
    seen: dict[str, int] = {}
    counts: dict[str, float] = {}
    for item in order:
        counts[item.sign] = ECHO ** seen.get(item.theme, 0)
        seen[item.theme] = seen.get(item.theme, 0) + 1
    return tuple(
        item
        if counts[item.sign] == 1.0
        else item._replace(
            counts=counts[item.sign],
            salience=item.salience * counts[item.sign],
            bits={cause: bits * counts[item.sign] for cause, bits in item.bits.items()},
        )
        for item in said
    )


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
    gap = model.novelty.gap - min(
        model.novelty.most, sum(bits for _, bits in unexplained(model, said, leading))
    )
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


def probabilities(
    values: Mapping[str, float], sharpness: float, lift: tuple[float, float] = (0.0, 1.0)
) -> dict[str, float]:
    """The scores as probabilities, the leading one lifted to what it is worth."""
    top = max(values.values())
    powers = {cause: 2.0 ** ((value - top) * sharpness) for cause, value in values.items()}
    total = sum(powers.values())
    found = {cause: power / total for cause, power in powers.items()}
    leading = max(sorted(found), key=lambda cause: found[cause])
    first = found[leading]
    if first >= 1.0:
        return found
    second = max(value for cause, value in found.items() if cause != leading)
    wanted = lifted(first, lift)
    rest = second / (1 - first)
    wanted = max(wanted, rest / (1 + rest))  # the leading cause stays the leading one
    scale = (1 - wanted) / (1 - first)
    return {cause: wanted if cause == leading else value * scale for cause, value in found.items()}


def lifted(first: float, lift: tuple[float, float]) -> float:
    """The calibrated probability of the leading cause."""
    from math import exp, log

    first = min(max(first, 1e-9), 1 - 1e-9)
    return 1.0 / (1.0 + exp(-(lift[0] + lift[1] * log(first / (1 - first)))))
