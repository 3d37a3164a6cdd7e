"""From a trouble to its diagnosis in one sentence, by the engine that diagnoses everything else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from unstick.case import Case, Evidence
from unstick.errors import UnstickError
from unstick.observe.live.options import Options
from unstick.observe.quotes import in_a_line
from unstick.record import NamedTuple
from unstick.watch.hub import Hub
from unstick.watch.recognise import STARTING
from unstick.watch.types import Record, Said, Trouble

LONGEST = 400
LIVE_SECONDS = 25.0
LIVE_MOST = 5
LIVE_WITHIN = 300.0
"""So many live looks within so many seconds: each takes a dozen requests of the rate limit."""

LATE = ("stuck", "silent-build", "stage-lags")
OVERDUE = "live-stage-overdue"
SURE_ENOUGH = 0.5
"""From which probability on a cause is named as the one that the policy may act on."""


class Situation(NamedTuple):
    """What a diagnosis starts from: the Space, what is known of it, and what was recognised."""

    space: str
    record: Record
    trouble: Trouble


Diagnoser = Callable[[Situation], Awaitable[Said]]
"""What the watcher is given to diagnose with. It may look at the live Space; it may fail, then the alert says
what was recognised, and no more."""


async def from_facts(situation: Situation) -> Said:
    """The diagnosis by what the watcher itself has seen: stage, its age, the platform's error message, the
    hardware. No request is made."""
    return await asyncio.to_thread(_from_facts, situation)


def _from_facts(situation: Situation) -> Said:
    from unstick.observe.build import case_from
    from unstick.observe.reported import Reported

    seen, stay = situation.record.seen, situation.record.now_in
    hours = max(0.0, seen.at - stay.since) / 3600
    told = [f"The stage is {stay.stage}.", seen.error]
    if situation.trouble.kind in ("stuck", "silent-build", "stage-lags") and hours >= 1:
        told.append(f"It has been stuck for {hours:.0f} hours.")
    if situation.record.url.answer == "app":
        told.append("The direct URL works.")
    text = "\n".join(part for part in told if part)
    case = case_from(
        Reported(text=text, stage=seen.stage, sdk=seen.sdk, hardware=seen.hardware), name=situation.space
    )
    return said_of(case)


def said_of(case: Case) -> Said:
    """The sentence of a case's diagnosis."""
    from unstick.diagnose import diagnose

    diagnosis = diagnose(case)
    first = diagnosis.causes[0]
    sure = first.probability >= SURE_ENOUGH
    sentence = in_a_line(diagnosis.verdict, LONGEST)
    return Said(sentence, first.cause if sure else "", first.domain if sure else "")


def live(hub: Hub, clock: Callable[[], float] = time.time) -> Diagnoser:
    """A diagnoser that looks at the live Space, as `unstick diagnose` does, as long as the rate limit leaves
    room for it; else, and where that fails, it goes by the facts. One of them is added in any case: the age
    of the stage, which only a watcher knows."""
    begun: list[float] = []

    async def diagnose(situation: Situation) -> Said:
        now = clock()
        begun[:] = [at for at in begun if now - at < LIVE_WITHIN]
        if len(begun) < LIVE_MOST and not hub.budget.wait(now, optional=True):
            begun.append(now)
            try:
                async with asyncio.timeout(LIVE_SECONDS):
                    return await asyncio.to_thread(_live, situation, hub.options)
            except (UnstickError, TimeoutError):
                pass  # the facts remain
        return await from_facts(situation)

    return diagnose


def _live(situation: Situation, options: Options) -> Said:
    from unstick.observe.live import observe_live

    return said_of(with_age(observe_live(situation.space, options), situation))


def with_age(case: Case, situation: Situation) -> Case:
    """A case with what the watcher knows better than one look: how long the stage lasts already."""
    from unstick.observe.build import rederive

    stay, seen = situation.record.now_in, situation.record.seen
    facts = dict(case.facts)
    if situation.trouble.kind not in LATE or facts.get("stage", stay.stage) != stay.stage:
        return case
    for name in ("health", "health_note", "in_time"):
        facts.pop(name, None)
    hours = max(0.0, seen.at - stay.since) / 3600
    facts["waited_hours"] = f"{max(hours, float(facts.get('waited_hours') or 0)):.3g}"
    evidence = [item for item in case.evidence if item.sign != OVERDUE]
    if stay.stage in STARTING:
        evidence.append(Evidence(OVERDUE, True, "hub", "stage, as watched", situation.trouble.detail))
    return rederive(case._replace(facts=tuple(sorted(facts.items())), evidence=tuple(evidence)))
