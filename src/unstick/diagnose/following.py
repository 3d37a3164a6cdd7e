"""What is unknown, and which observation would settle most."""

from __future__ import annotations

from math import inf, log2

from unstick.case import Case, Evidence, Unobserved
from unstick.diagnose import model as likelihood
from unstick.diagnose.model import Model
from unstick.diagnose.types import Observation, Ranked
from unstick.observe.derive import takes_part
from unstick.signs.vocabulary import Sign, signs

LEADING = 6
"""Only signs that part the leading causes from each other are worth asking for."""

WORTH = 1.2
"""Bits by which a sign has to tell two leading causes apart to be a candidate."""

MINUTES = 6.0
"""An observation that takes this long has to promise twice the information of one that takes no time."""

LEAST = 0.02
"""An observation that is expected to tell less than this, in bits, is not worth making."""

SHORT_OF = 0.25
"""An observation is weighed in full only if it promises at least this much of what the last one shown is
worth, or of what one of six minutes has to be worth."""

SHOWN = 3

REHEARSE = "rehearsal-serves"
"""The one question that stands for all that a rehearsal shows."""

IMPORTANT = (
    "sdk-docker", "direct-url-works", "worked-before", "no-change-made", "others-affected",
    "container-log-empty", "build-log-clean", "stuck-hours", "restart-no-help", "works-locally",
)  # fmt: skip


def observations(case: Case, model: Model, scored: object, limit: int = SHOWN) -> tuple[Observation, ...]:
    """The observations worth making, best first: expected information against cost."""
    from unstick.diagnose.engine import Scored

    assert isinstance(scored, Scored)
    now = scored.probabilities
    leading = [cause for cause, _ in sorted(now.items(), key=lambda pair: (-pair[1], pair[0]))[:LEADING]]
    seen = {item.sign for item in scored.evidence} | {
        item.sign for item in case.unobserved if item.reason == "asked"
    }
    if _entropy(now) < LEAST:
        return ()
    found: list[Observation] = []
    for promise, sign in _worth_asking(model, seen | _not_asked_for(case), now, leading):
        if promise < SHORT_OF * (_value(found[limit - 1]) if len(found) >= limit else LEAST / 2):
            break
        made = _among(case, model, sign, now) if sign.group else _yes_or_no(case, model, sign, now)
        if made.gain >= LEAST:
            found.append(made)
            found.sort(key=lambda item: (-_value(item), item.sign))
    return tuple(found[:limit])


def _not_asked_for(case: Case) -> set[str]:
    """The signs that nobody is asked for: those of a live Space, which are looked at or not, and those of a
    rehearsal; of these all but one, and that one only where a checkout is at hand that was not rehearsed
    yet."""
    signs_of_it = {name for name in signs() if name.startswith(("rehearsal-", "live-"))}
    done = any(item.source == "rehearsal" for item in case.evidence)
    at_hand = case.space is not None and case.space.complete and bool(case.space.root)
    return signs_of_it - {REHEARSE} if at_hand and not done else signs_of_it


def _worth_asking(
    model: Model, seen: set[str], now: dict[str, float], leading: list[str]
) -> list[tuple[float, Sign]]:
    """The signs worth asking for, the most promising first, each with what its value will be, roughly."""
    groups = {sign.group for sign in signs().values() if sign.group and sign.id in seen}
    found: list[tuple[float, Sign]] = []
    for sign in signs().values():
        if sign.id in seen or not sign.question or sign.group in groups:
            continue
        if sign.group:
            groups.add(sign.group)
            found.append((inf, sign))
        elif _parts(model, sign, leading):
            found.append((inf if takes_part(sign.id, seen) else _promise(model, sign, now), sign))
    found.sort(key=lambda pair: -pair[0])
    return found


def _promise(model: Model, sign: Sign, now: dict[str, float]) -> float:
    """The value of asking, from the weights of the sign alone: as if nothing that is known told the same,
    and nothing followed from the answer."""
    likelier = {cause: 2.0 ** (bits * model.sharpness) for cause, bits in model.weights[sign.id].items()}
    shares = [(now.get(cause, 0.0), factor) for cause, factor in likelier.items()]
    rest = 1.0 - sum(share for share, _ in shares)
    shares.append((max(rest, 0.0), 1.0))
    scale = sign.base / sum(share * factor for share, factor in shares)
    chances = [(share, min(likelihood.MOST, factor * scale)) for share, factor in shares]
    chance = sum(share * one for share, one in chances)
    gain = _entropy_of_yes(chance) - sum(share * _entropy_of_yes(one) for share, one in chances)
    return gain / (1 + sign.cost / MINUTES)


def _entropy_of_yes(chance: float) -> float:
    """What a yes or no tells, in bits, where a yes has this probability."""
    return -chance * log2(chance) - (1 - chance) * log2(1 - chance) if 0 < chance < 1 else 0.0


def _value(item: Observation) -> float:
    """Expected information against cost."""
    return item.gain / (1 + item.cost / MINUTES)


def unknown(case: Case, ranked: tuple[Ranked, ...]) -> tuple[Unobserved, ...]:
    """What would matter and was not observed, with the reason."""
    seen = {item.sign for item in case.evidence}
    table = signs()
    groups = {table[name].group for name in seen if name in table and table[name].group}
    listed = list(case.unobserved)
    named = {item.sign for item in listed}
    for name in IMPORTANT:
        sign = table.get(name)
        if sign is None or name in seen or name in named or (sign.group and sign.group in groups):
            continue
        listed.append(Unobserved(name, "not reported"))
    return tuple(listed)


def _parts(model: Model, sign: Sign, leading: list[str]) -> bool:
    row = model.weights.get(sign.id, {})
    values = [row.get(cause, 0.0) for cause in leading]
    return max(values) - min(values) >= WORTH


def _yes_or_no(case: Case, model: Model, sign: Sign, now: dict[str, float]) -> Observation:
    after = with_answer(case, sign, model)
    ratio = _ratios(model, now, after)
    chances = {cause: min(likelihood.MOST, sign.base * factor) for cause, factor in ratio.items()}
    yes = _posterior(now, chances)
    no = _posterior(now, {cause: 1 - chance for cause, chance in chances.items()})
    chance = sum(now[cause] * chances[cause] for cause in now)
    gain = _entropy(now) - chance * _entropy(yes) - (1 - chance) * _entropy(no)
    return Observation(
        sign.id, sign.question, max(gain, 0.0), sign.cost, how(sign, case), _first(yes), _first(no)
    )


def _among(case: Case, model: Model, first: Sign, now: dict[str, float]) -> Observation:
    """A question with several answers, of which one is true: which SDK."""
    members = [sign for sign in signs().values() if sign.group == first.group]
    weights = {sign.id: _ratios(model, now, with_answer(case, sign, model)) for sign in members}
    total = {cause: sum(sign.base * weights[sign.id][cause] for sign in members) for cause in now}
    gain = _entropy(now)
    outcomes: list[tuple[float, tuple[str, float]]] = []
    for sign in members:
        chances = {cause: sign.base * weights[sign.id][cause] / total[cause] for cause in now}
        chance = sum(now[cause] * chances[cause] for cause in now)
        after = _posterior(now, chances)
        gain -= chance * _entropy(after)
        outcomes.append((chance, (f"{sign.answer}: {_first(after)[0]}", _first(after)[1])))
    outcomes.sort(key=lambda pair: -pair[0])
    usual = outcomes[0]
    other = max(outcomes[1:], key=lambda pair: pair[0] * (usual[1][1] - _kept(pair[1], usual[1])))
    return Observation(
        first.id, first.question, max(gain, 0.0), first.cost, how(first, case), usual[1], other[1]
    )


def _kept(outcome: tuple[str, float], usual: tuple[str, float]) -> float:
    """How much of the usual answer's leading cause another answer leaves, about."""
    same = outcome[0].partition(": ")[2] == usual[0].partition(": ")[2]
    return outcome[1] if same else 1 - outcome[1]


def with_answer(case: Case, sign: Sign, model: Model, present: bool = True) -> dict[str, float]:
    """The probabilities if the sign were observed, with all that follows from it."""
    from unstick.diagnose.engine import score

    return score(answer(case, sign.id, present), model).probabilities


def answer(case: Case, sign: str, present: bool) -> Case:
    """The case with one question answered, and what follows from the answer derived anew."""
    from unstick.observe.build import rederive

    given = Evidence(sign, present, "answer", "answered", "yes" if present else "no")
    return rederive(case._replace(evidence=(*case.evidence, given)))


def how(sign: Sign, case: Case) -> str:
    """The command or address that observes a sign, with the Space's name or folder where it is known."""
    owner, _, name = case.fact("space_id").partition("/")
    if sign.id == REHEARSE and case.space is not None and " " not in case.space.root:
        return sign.how.replace("PATH", case.space.root or "PATH")
    return sign.how.replace("OWNER", owner or "OWNER").replace("NAME", name or "NAME")


def _ratios(model: Model, now: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """How much likelier the answer is under each cause than on average, from the move of the
    probabilities."""
    floor = 1e-12
    return {cause: (after[cause] + floor) / (now[cause] + floor) for cause in now}


def _posterior(now: dict[str, float], chances: dict[str, float]) -> dict[str, float]:
    joint = {cause: now[cause] * chances[cause] for cause in now}
    total = sum(joint.values()) or 1.0
    return {cause: value / total for cause, value in joint.items()}


def _entropy(values: dict[str, float]) -> float:
    return -sum(value * log2(value) for value in values.values() if value > 0)


def _first(values: dict[str, float]) -> tuple[str, float]:
    cause = max(sorted(values), key=lambda name: values[name])
    return cause, values[cause]
