"""The one sentence that says what is most likely wrong, and whose turn it is."""

from __future__ import annotations

from unstick import causes as cause_files
from unstick.case import Case
from unstick.causes import NONE_OF_THESE
from unstick.diagnose.types import Ranked

SURE = 0.9
LIKELY = 0.5
BESIDE = (
    ("live-status-red", "the status page shows trouble"),
    ("live-api-failing", "the Hub's API fails or is slow"),
    ("live-log-missing", "its logs are empty"),
)
"""What may be wrong around a Space with which nothing is wrong."""

UNSEEN = 0.05
"""Probability that something is wrong with a Space that shows nothing wrong. Set, not fitted: the corpus
holds no Space that is well."""

TURNS = {
    "you": "It is your turn",
    "owner": "It is the Space owner's turn",
    "platform": "It is the platform's turn",
    "account": "It is a matter of the account",
    "nobody": "It is nobody's turn",
}
"""The account's causes are settled between the owner and Hugging Face: billing, moderation, access."""


def well(case: Case) -> str:
    """What is known of a live Space with which nothing is wrong that can be seen: 'serves' or 'in-time'; ''
    for any other, and where somebody describes a trouble. A Space that is on its way and whose files have a
    mistake that will stop it is not well: why wait for that?"""
    health = case.fact("health")
    if case.description.strip() or (
        health == "in-time" and any(finding.severity == "error" for finding in case.findings)
    ):
        return ""
    return health


def tempered(ranked: tuple[Ranked, ...], case: Case) -> tuple[Ranked, ...]:
    """The ranking of a live Space that is well: that something is wrong all the same has `UNSEEN` in all, so
    'none of these' leads."""
    if not well(case):
        return ranked
    rest = sum(item.probability for item in ranked if item.cause != NONE_OF_THESE) or 1.0
    scaled = [
        item._replace(
            probability=1 - UNSEEN if item.cause == NONE_OF_THESE else item.probability * UNSEEN / rest
        )
        for item in ranked
    ]
    return tuple(sorted(scaled, key=lambda item: (-item.probability, item.cause)))


def turn(ranked: tuple[Ranked, ...], case: Case) -> str:
    """Who has to act: the turn that holds most of the probability; 'you' is 'owner' when the asker is a
    visitor. 'nobody' where nothing is wrong."""
    if well(case):
        return "nobody"
    names = cause_files.load()
    mass: dict[str, float] = {}
    for item in ranked:
        if item.cause != NONE_OF_THESE:
            who = names[item.cause].turn
            mass[who] = mass.get(who, 0.0) + item.probability
    first = next(item for item in ranked if item.cause != NONE_OF_THESE)
    who = names[first.cause].turn
    if first.probability < LIKELY:
        who = max(sorted(mass), key=lambda name: mass[name])
    if who == "you" and case.fact("asker") == "visitor":
        return "owner"
    return who


def sentence(ranked: tuple[Ranked, ...], who: str, case: Case) -> str:
    """The verdict for a person."""
    if well(case):
        return _well(case)
    serves = any(item.sign == "live-serves" and item.present for item in case.evidence)
    first = "It is RUNNING, and the app answers. " if serves and not case.description.strip() else ""
    return first + here_and_there(case) + _ranked(ranked, who, case)


def here_and_there(case: Case) -> str:
    """What a rehearsal of a live Space's files shows beside the Space itself, as a sentence to begin with."""
    live = next(
        (item for item in case.evidence if item.source == "hub" and item.sign.startswith("stage-")), None
    )
    here = next((item for item in case.evidence if item.sign == "rehearsal-serves"), None)
    if live is None or here is None:
        return ""
    stage = case.fact("stage") or live.quote
    moving = any(stage.endswith(word) for word in ("STARTING", "BUILDING"))
    if here.present:
        there = (
            f"stuck at {stage}" if moving else f"{stage}, and not serving," if stage == "RUNNING" else stage
        )
        return f"The same files are RUNNING and serve here, and are {there} there. "
    return f"The same files fail here, too ({case.fact('rehearsal') or 'not serving'} here, {stage} there). "


def _ranked(ranked: tuple[Ranked, ...], who: str, case: Case) -> str:
    """The verdict by the ranking."""
    names = cause_files.load()
    first, second = ranked[0], ranked[1]
    if first.cause == NONE_OF_THESE and first.probability >= LIKELY:
        return (
            "What is known fits none of the causes that unstick knows. "
            "Look at what it says to observe next, and ask in the forum with `unstick report`."
        )
    said = [item for item in ranked if item.cause != NONE_OF_THESE]
    first, second = said[0], said[1]
    says = names[first.cause].says
    percent = f"{first.probability:.0%}"
    if first.probability >= SURE:
        return f"{TURNS[who]}: {says} ({percent})."
    if first.probability >= LIKELY:
        return f"{TURNS[who]}, most likely: {says} ({percent})."
    if not any(item.present and not item.sign.startswith("sdk-") for item in case.evidence):
        return (
            "Nothing in it tells what is wrong, so this is little more than how often each cause occurs. "
            "Say what the Space's page shows, or give its folder or its logs."
        )
    return (
        f"Not settled yet. {TURNS[who]} by what is known: perhaps {says} ({percent}), "
        f"or {names[second.cause].says} ({second.probability:.0%})."
    )


def _well(case: Case) -> str:
    """The verdict for a live Space that is as it should be."""
    note = case.fact("health_note")
    beside = [words for sign, words in BESIDE if any(e.sign == sign and e.present for e in case.evidence)]
    also = f" Beside that, {', and '.join(beside)}." if beside else ""
    if case.fact("health") == "in-time":
        what = note or "it is on its way"
        return f"Nothing is wrong so far: {what}, and that is not long. Look again, or wait for it.{also}"
    commit = f" at its newest commit ({case.fact('sha')[:8]})" if _at_head(case) else ""
    doubt = case.fact("session_doubt")
    if doubt:
        return (
            f"It is RUNNING{commit}, and the page answers. But its script runs only once somebody opens it, and by "
            f"the files it fails there: {doubt}.{also}"
        )
    return (
        f"Nothing is wrong that can be seen from outside: it is RUNNING{commit}, and the app answers.{also}"
    )


def _at_head(case: Case) -> bool:
    return bool(case.fact("sha")) and case.fact("sha") == case.fact("runtime_sha")
