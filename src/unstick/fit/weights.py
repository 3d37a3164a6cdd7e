"""The fit: weights in bits over an expert's, as the most probable ones given the cases.

Softmax regression whose penalty pulls each weight to the expert's value (times one common factor) instead
of to zero. A sign that a case shows together with another is not counted twice, because the two share what
they explain; a sign that no case shows keeps the expert's weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

from unstick.causes import NONE_OF_THESE
from unstick.diagnose.engine import decisive
from unstick.diagnose.model import Model, Novelty, echoed, saliences, says, themes
from unstick.observe.labelled import Labelled
from unstick.record import NamedTuple
from unstick.signs.vocabulary import signs

LN2 = float(np.log(2.0))


class Settings(NamedTuple):
    """What is not fitted. `pull`: how strongly weights stay with the expert; `pull_prior`: how strongly
    priors stay with the counts; `label`: the share of a case's truth that its label has when others are
    acceptable too; `expert`: where the common factor on the expert's weights is pulled to."""

    pull: float = 15.0
    pull_prior: float = 2.0
    label: float = 0.7
    expert: float = 0.6
    novelty: Novelty = Novelty()


def fit(cases: Sequence[Labelled], causes: Sequence[str], settings: Settings | None = None) -> Model:
    """The model fitted to the cases, for the causes given ('none-of-these' is added)."""
    settings = settings or Settings()
    causes = [cause for cause in causes if cause != NONE_OF_THESE]
    names = list(signs())
    shown = present(cases, names)
    truth = targets(cases, causes, settings.label)
    expert = expert_weights(names, causes)
    start = np.log((truth.sum(0) + 2.0) / (truth.sum() + 2.0 * len(causes)))
    factor, priors, change = _minimise(shown, truth, expert, start, settings)
    weights = (factor * expert + change) / LN2
    bits = priors / LN2
    return Model(
        causes=tuple(causes),
        priors=tuple(round(float(value), 3) for value in bits),
        weights={
            name: {
                cause: round(float(weights[i, j]), 3)
                for j, cause in enumerate(causes)
                if abs(weights[i, j]) >= 0.05
            }
            for i, name in enumerate(names)
        },
        bases={name: sign.base for name, sign in signs().items()},
        salience=saliences(),
        themes=themes(),
        novelty=settings.novelty,
        sharpness=1.0,
    )


def present(cases: Sequence[Labelled], names: Sequence[str]) -> Any:
    """For how much each sign counts in each case (0: it is not there): an array of shape (cases, signs)."""
    index = {name: i for i, name in enumerate(names)}
    model = expert()
    shown = np.zeros((len(cases), len(names)))
    for row, item in enumerate(cases):
        seen = [e.sign for e in decisive(item.case.evidence) if e.present and e.sign in index]
        for said in echoed([says(model, sign, True) for sign in seen]):
            shown[row, index[said.sign]] = said.counts
    return shown


def expert() -> Model:
    """The expert's own model, without a fit."""
    weights = {name: dict(sign.says) for name, sign in signs().items()}
    bases = {name: sign.base for name, sign in signs().items()}
    return Model((), (), weights, bases, saliences(), themes(), Novelty(), 1.0)


def targets(cases: Sequence[Labelled], causes: Sequence[str], label: float) -> Any:
    """The truth as a distribution over causes: most of it the label's, the rest the acceptable causes'."""
    index = {name: i for i, name in enumerate(causes)}
    truth = np.zeros((len(cases), len(causes)))
    for row, item in enumerate(cases):
        others = [cause for cause in item.right if cause != item.label and cause in index]
        if item.label in index:
            truth[row, index[item.label]] = label if others else 1.0
        for cause in others:
            truth[row, index[cause]] = (
                (1.0 - truth[row].max()) / len(others) if item.label in index else 1.0 / len(others)
            )
        total = truth[row].sum()
        if total:
            truth[row] /= total
    return truth


def expert_weights(names: Sequence[str], causes: Sequence[str]) -> Any:
    """The expert's weights in nats: an array of shape (signs, causes)."""
    index = {name: i for i, name in enumerate(causes)}
    expert = np.zeros((len(names), len(causes)))
    for i, name in enumerate(names):
        for cause, bits in signs()[name].says:
            if cause in index:
                expert[i, index[cause]] = bits * LN2
    return expert


def _minimise(shown: Any, truth: Any, expert: Any, start: Any, settings: Settings) -> tuple[float, Any, Any]:
    rows, columns = expert.shape
    used = np.flatnonzero(shown.sum(0) > 0)
    seen, known = shown[:, used], expert[used]

    def loss(values: Any) -> tuple[float, Any]:
        factor, priors = values[0], values[1 : 1 + columns]
        change = values[1 + columns :].reshape(len(used), columns)
        scores = seen @ (factor * known + change) + priors
        scores -= scores.max(1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(1, keepdims=True))
        wrong = np.exp(logs) * truth.sum(1, keepdims=True) - truth
        steps = seen.T @ wrong
        away = priors - start
        value = -(truth * logs).sum() + settings.pull / 2 * (change**2).sum()
        value += settings.pull_prior / 2 * (away**2).sum() + 5 * (factor - settings.expert) ** 2
        slope = np.concatenate(
            [
                [(steps * known).sum() + 10 * (factor - settings.expert)],
                wrong.sum(0) + settings.pull_prior * away,
                (steps + settings.pull * change).ravel(),
            ]
        )
        return float(value), slope

    first = np.concatenate([[settings.expert], start, np.zeros(len(used) * columns)])
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    change = np.zeros((rows, columns))
    change[used] = found[1 + columns :].reshape(len(used), columns)
    return float(found[0]), found[1 : 1 + columns], change
