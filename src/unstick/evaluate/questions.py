"""What questions are worth: accuracy with the description alone, and after three answered questions.

A case is built from its description only. The other fields that were reported (stage, SDK, hardware, what was
tried, README block, Dockerfile, logs) are hidden and answer the questions.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from unstick.case import Case, Unobserved
from unstick.diagnose.engine import score
from unstick.diagnose.following import answer, observations
from unstick.diagnose.model import Model
from unstick.diagnose.model import load as load_model
from unstick.observe import build, fields
from unstick.observe.labelled import Labelled
from unstick.observe.reported import Reported
from unstick.signs.vocabulary import Sign, signs

QUESTIONS = 3
SEED = 20260101

_PORTS = frozenset(("port-differs", "port-agrees"))
_TRIED = frozenset(sign for _, sign in fields.TRIED)
_HARDWARE = frozenset(sign for _, sign in fields.HARDWARE)

Asks = Callable[[Case], str]
"""Gives the id of the sign to ask for next, or an empty string."""


def after_three(cases: Sequence[Labelled], models: Sequence[Model] | None = None) -> dict[str, float]:
    """The share of cases whose first cause is right: from the description alone, after three of its own
    questions, and after three random ones. `models` judge one case each; without them the
    shipped one judges all."""
    hits = {"description alone": 0, "three of its own questions": 0, "three random questions": 0}
    for index, item in enumerate(cases):
        model = models[index] if models else load_model()
        alone = build.case_from(Reported(text=item.reported.text), name=item.case.name)
        truth = hidden(alone, item)
        chance = random.Random(f"{SEED} {item.case.name}")
        hits["description alone"] += _right(alone, model, item)
        own = asked(alone, truth, item.reported, partial(_own, model))
        hits["three of its own questions"] += _right(own, model, item)
        any_other = asked(alone, truth, item.reported, partial(_random, chance))
        hits["three random questions"] += _right(any_other, model, item)
    return {name: round(count / len(cases), 4) if cases else 0.0 for name, count in hits.items()}


def hidden(alone: Case, item: Labelled) -> dict[str, bool]:
    """What the hidden fields say and the description does not: present or absent by sign."""
    known = {evidence.sign for evidence in alone.evidence}
    found: dict[str, bool] = {}
    for evidence in item.case.evidence:
        if evidence.sign not in known:
            found[evidence.sign] = evidence.present or found.get(evidence.sign, False)
    return found


def asked(case: Case, truth: Mapping[str, bool], reported: Reported, asks: Asks) -> Case:
    """The case after three questions, each answered from the hidden fields or with 'don't know'."""
    for _ in range(QUESTIONS):
        name = asks(case)
        if not name:
            break
        sign, told = reply(signs()[name], truth, reported)
        if told is None:
            case = case._replace(unobserved=(*case.unobserved, Unobserved(name, "asked")))
        else:
            case = answer(case, sign.id, told)
    return case


def reply(sign: Sign, truth: Mapping[str, bool], reported: Reported) -> tuple[Sign, bool | None]:
    """The answer to one question: the sign it is about, and yes, no or None for 'don't know'.

    Of a question with several answers the one that shows is given. A sign whose field was reported and does
    not show is answered no.
    """
    if sign.group:
        shown = [member for member in signs().values() if member.group == sign.group and truth.get(member.id)]
        return (shown[0], True) if shown else (sign, None)
    if sign.id in truth:
        return sign, truth[sign.id]
    return sign, False if _would_show(sign, truth, reported) else None


def _would_show(sign: Sign, truth: Mapping[str, bool], reported: Reported) -> bool:
    """Whether a field that shows the sign, when it is there, was reported."""
    if sign.id.startswith("log-"):
        return bool(reported.build_log if sign.code.startswith("B") else reported.run_log)
    if sign.id.startswith("stage-"):
        return fields.known(reported.stage)
    if sign.id in _PORTS:
        return not _PORTS.isdisjoint(truth)
    if sign.id in _HARDWARE:
        return fields.known(reported.hardware)
    return sign.id in _TRIED and bool(reported.tried)


def _own(model: Model, case: Case) -> str:
    best = observations(case, model, score(case, model), 1)
    return best[0].sign if best else ""


def _random(chance: random.Random, case: Case) -> str:
    """Any question that was not asked and is not answered yet; the answers of a group are one question."""
    seen = {item.sign for item in case.evidence} | {item.sign for item in case.unobserved}
    groups = {sign.group for sign in signs().values() if sign.group and sign.id in seen}
    left: list[str] = []
    for sign in signs().values():
        if sign.question and sign.id not in seen and sign.group not in groups:
            left.append(sign.id)
            if sign.group:
                groups.add(sign.group)
    return chance.choice(left) if left else ""


def _right(case: Case, model: Model, item: Labelled) -> bool:
    found = score(case, model).probabilities
    return min(found, key=lambda cause: (-found[cause], cause)) in item.right
