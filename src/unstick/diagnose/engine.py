"""The diagnosis: a pure function of the case."""

from __future__ import annotations

from math import log2

from unstick import causes as cause_files
from unstick.case import Case, Evidence
from unstick.causes import NONE_OF_THESE
from unstick.diagnose import model as likelihood
from unstick.diagnose.model import Model, Said
from unstick.diagnose.types import Diagnosis, Ranked, Weight
from unstick.record import NamedTuple

RULE = "rule:"
"""Before the id of a rule, where what it found is a sign."""

# Whose word counts when two sources contradict each other: the first that is there.
TRUST = (
    "rehearsal", "url", "hub", "answer", "files", "readme", "dockerfile", "run-log", "build-log", "log",
    "stage", "hardware", "tried", "description", "status-page",
)  # fmt: skip


class Scored(NamedTuple):
    """The evidence that counts, what each piece says, the scores in bits and the probabilities by cause."""

    evidence: tuple[Evidence, ...]
    said: tuple[Said, ...]
    scores: dict[str, float]
    probabilities: dict[str, float]


def diagnose(case: Case, *, model: Model | None = None) -> Diagnosis:
    """Rank the causes of a case, and say what follows: whose turn it is, what to observe next, what to
    repair.

    The same case gives the same diagnosis, to the bit.
    """
    from unstick.diagnose import following, repairs, verdict

    model = model or likelihood.load()
    scored = score(case, model)
    ranked = verdict.tempered(rank(scored, model), case)
    turn = verdict.turn(ranked, case)
    return Diagnosis(
        verdict=verdict.sentence(ranked, turn, case),
        turn=turn,
        causes=ranked,
        unknown=following.unknown(case, ranked),
        next=following.observations(case, model, scored),
        repairs=repairs.candidates(case, ranked),
        case=case,
    )


def score(case: Case, model: Model) -> Scored:
    """The evidence that counts, weighed."""
    chosen = decisive(case.evidence)
    given = rule_bits(case)
    said = likelihood.echoed(
        [likelihood.says(model, item.sign, item.present, given.get(item.sign)) for item in chosen]
    )
    totals = likelihood.scores(model, said)
    return Scored(chosen, said, totals, likelihood.probabilities(totals, model.sharpness, model.lift))


def rule_bits(case: Case) -> dict[str, dict[str, float]]:
    """What the findings of a check say, by rule: the rules carry their own weights."""
    if not any(item.sign.startswith(RULE) for item in case.evidence):
        return {}
    from unstick.rules.engine import table

    return {RULE + row.id: dict(row.rule.causes) for row in table()}


def decisive(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """One piece of evidence a sign: that of the source which is trusted most, in a fixed order."""
    best: dict[str, Evidence] = {}
    for item in evidence:
        known = best.get(item.sign)
        if known is None or _trust(item) < _trust(known):
            best[item.sign] = item
    return tuple(best[sign] for sign in sorted(best))


def _trust(item: Evidence) -> tuple[int, bool, str]:
    rank = TRUST.index(item.source) if item.source in TRUST else len(TRUST)
    return rank, not item.present, item.place


def rank(scored: Scored, model: Model) -> tuple[Ranked, ...]:
    """Every cause, the most probable first."""
    names = cause_files.load()
    priors = dict(zip(model.causes, model.priors, strict=True))
    leading = max(sorted(model.causes), key=lambda cause: scored.scores[cause])
    priors[NONE_OF_THESE] = scored.scores[leading] - model.novelty.gap / model.sharpness
    spread = log2(sum(2.0 ** (bits * model.sharpness) for bits in model.priors))
    left = dict(likelihood.unexplained(model, scored.said, leading))
    ranked = []
    for cause, probability in scored.probabilities.items():
        weights = []
        for item, said in zip(scored.evidence, scored.said, strict=True):
            bits = said.bits.get(cause, 0.0) * model.sharpness
            if cause == NONE_OF_THESE:
                bits = left.get(item.sign, 0.0)
            if abs(bits) >= 0.05:
                weights.append(Weight(item, bits))
        weights.sort(key=lambda weight: (-abs(weight.bits), weight.evidence.sign))
        known = names[cause]
        prior = priors[cause] * model.sharpness - spread
        ranked.append(
            Ranked(cause, known.code, known.domain, known.title, probability, prior, tuple(weights))
        )
    ranked.sort(key=lambda item: (-item.probability, item.cause))
    return tuple(ranked)
