"""Asks the Hub for everything that is watched, and rests after failures."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from unstick.record import NamedTuple
from unstick.watch.hub import Hub, HubTrouble
from unstick.watch.targets import Question, Targets, absent, questions
from unstick.watch.types import Record, Seen

LISTS_AT_ONCE = 4
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 600.0


class Asked(NamedTuple):
    """What came of asking. `answered` is None when nothing was asked, as everything rests."""

    seen: tuple[Seen, ...]
    answered: bool | None


class Asker:
    """Puts questions to a Hub. `why` is the clause of the last failure."""

    def __init__(
        self, targets: Targets, hub: Hub, tell: Callable[[str, dict[str, Any]], None],
        chance: random.Random, clock: Callable[[], float], every: float,
    ) -> None:  # fmt: skip
        self.why = ""
        self._targets = targets
        self._hub = hub
        self._tell = tell
        self._random = chance
        self._clock = clock
        self._every = every
        self._saved = 0
        self._pauses: dict[str, tuple[float, int]] = {}
        self._asked_at: dict[str, float] = {}

    def requests(self) -> int:
        """How many requests a round takes, as far as is known by now."""
        asked = questions(self._targets, self._hub.pages_of)
        return sum(1 if one.space else max(1, self._hub.pages_of(one.owner)) for one in asked)

    async def everything(self, records: Mapping[str, Record]) -> Asked:
        """Ask for all targets but those that rest, as far as the rate limit goes: those that have waited
        longest come first, and the others have their turn in the next round."""
        await self._hub.renew()
        asked = questions(self._targets, self._hub.pages_of)
        self._random.shuffle(asked)
        due = [one for one in asked if self._pauses.get(_name(one), (0.0, 0))[0] <= self._clock()]
        due.sort(key=lambda one: self._asked_at.get(_name(one), 0.0))
        answers = []
        if due and self._hub.budget.limit is None:
            # The first answer tells the limit.
            answers.append(await self._ask(due.pop(0), records))
        gate = asyncio.Semaphore(LISTS_AT_ONCE)

        async def ask(question: Question) -> list[Seen] | None:
            async with gate:
                return await self._ask(question, records)

        answers += await asyncio.gather(*map(ask, self._affordable(due)))
        seen = tuple(one for answer in answers if answer for one in answer)
        return Asked(seen, any(answer is not None for answer in answers) if answers else None)

    def _affordable(self, due: list[Question]) -> list[Question]:
        """As many questions as the rate limit bears in this round. What a round leaves over is saved for a
        list that takes more than one round's share."""
        first = any(_name(one) not in self._asked_at for one in due)
        share = self._hub.budget.share(self._every, self._clock(), first)
        if share is None:
            return due
        most = self._hub.budget.usable
        self._saved = min(self._saved + share, most)
        taken: list[Question] = []
        for one in due:
            cost = 1 if one.space else min(most, max(1, self._hub.pages_of(one.owner)))
            if cost > self._saved:
                break
            self._saved -= cost
            taken.append(one)
        return taken

    async def these(self, spaces: Iterable[str], records: Mapping[str, Record]) -> tuple[Seen, ...]:
        """Ask for single Spaces now."""
        answers = [await self._ask(Question("", space), records) for space in spaces]
        return tuple(one for answer in answers if answer for one in answer)

    async def _ask(self, question: Question, records: Mapping[str, Record]) -> list[Seen] | None:
        """The answer to one question; None when there was none, and then it rests for a while."""
        self._asked_at[_name(question)] = self._clock()
        try:
            if question.space:
                found = [await self._hub.one(question.space)]
            else:
                found = await self._hub.owner(question.owner)
                found += [await self._hub.one(space) for space in absent(question, found, records)]
        except HubTrouble as trouble:
            self.why = trouble.why
            self._rest(_name(question), trouble)
            return None
        self._pauses.pop(_name(question), None)
        if question.wanted is not None:
            found = [one for one in found if one.space in question.wanted]
        return found

    def _rest(self, name: str, trouble: HubTrouble) -> None:
        """After a failure a question rests: twice as long each time, with jitter, and never beyond ten
        minutes; at a rate limit for as long as the Hub says."""
        _, failures = self._pauses.get(name, (0.0, 0))
        pause = min(FIRST_PAUSE * 2**failures, LONGEST_PAUSE) * self._random.uniform(0.75, 1.25)
        limited = self._hub.budget.wait(self._clock())
        until = self._clock() + max(limited, 0.0 if trouble.status == 429 else pause)
        self._pauses[name] = (until, failures + 1)
        self._tell("unanswered", {"asked": name, "why": trouble.why})


def _name(question: Question) -> str:
    return question.owner or question.space
