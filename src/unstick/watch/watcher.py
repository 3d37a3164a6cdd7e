"""The watcher: rounds of asking, writing, telling and acting, on one event loop."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from unstick.watch.asking import Asker
from unstick.watch.following import Follower
from unstick.watch.ledger import Outcome
from unstick.watch.looking import Looks
from unstick.watch.merging import Found
from unstick.watch.parts import Parts, Tell
from unstick.watch.policy import seconds
from unstick.watch.recognise import next_deadlines
from unstick.watch.targets import covers, names_of
from unstick.watch.types import Record

BLIND_AFTER = 300.0
"""Seconds without an answer of the Hub after which somebody is told."""

OUT_OF_SIGHT = 3.0
"""Rounds without an answer after which a Space was out of sight."""

MOST_CHECKS = 20
"""Spaces asked for at their deadline, between two rounds."""


CLOCKS_DIFFER = 0.01
"""Seconds that a sleep may end early by the clock of the day: a moment before its deadline nothing is stuck."""


class Watcher:
    """Watches until it is told to stop. One instance for one database."""

    def __init__(
        self, parts: Parts, tell: Tell, *, clock: Callable[[], float] = time.time, seed: int | None = None
    ) -> None:
        self.parts = parts
        self.every = seconds(parts.policy.poll.every)
        self.rounds = 0
        self.failed_rounds = 0
        self.answered_at = 0.0
        self.ended_at = clock()
        self.period = self.every
        self.lag = 0.0
        self.database_fails = False
        self._targets = names_of(parts.targets)
        self._tell = tell
        self._clock = clock
        self._random = random.Random(seed)
        self.asker = Asker(parts.targets, parts.hub, tell, self._random, clock, self.every)
        self._stop = asyncio.Event()
        self._lock = asyncio.Lock()
        self.follower = Follower(parts, tell, clock, self._lock, self._database)
        self._blind_since = 0.0

    def stop(self) -> None:
        """Ask it to end after what is under way."""
        self._stop.set()

    async def start(self) -> None:
        """Load the history, and take up what was left."""
        ledger = self.parts.ledger
        await asyncio.to_thread(ledger.start, self._clock())
        self._blind_since = self._clock()
        if ledger.interrupted:
            await self.parts.sender.tell_interrupted(ledger.interrupted, list(ledger.opens.values()))
        await self.follower.follow_up()

    async def run(self) -> None:
        """Rounds until it is stopped."""
        self.parts.ledger.gap = OUT_OF_SIGHT * self.every
        helpers = [
            asyncio.create_task(self.parts.sender.run(self._stop)),
            asyncio.create_task(self._look_on()),
        ]
        for helper in helpers:
            # None of them ends by itself: without it the watcher would only seem to watch.
            helper.add_done_callback(lambda _: self.stop())
        try:
            while not self._stop.is_set():
                begun = self._clock()
                await self.round()
                await self._until(begun + self._pause())
        finally:
            await self._end(helpers)
        for helper in helpers:
            if not helper.cancelled():
                helper.result()

    async def _end(self, helpers: list[asyncio.Task[None]]) -> None:
        self.stop()
        for task in (*helpers, *self.follower.tasks):
            task.cancel()
        await asyncio.gather(*helpers, *self.follower.tasks, return_exceptions=True)
        await self.parts.hub.close()
        await self.parts.looker.close()

    async def once(self) -> bool:
        """One round with everything that follows from it; whether the Hub answered."""
        try:
            answered = await self.round()
            async with asyncio.timeout(self.every * 2 + 60):
                await self._take_in(Found(probed=await self._probe(0.0)))
            while self.follower.tasks:
                await asyncio.gather(*self.follower.tasks)
            await self.parts.sender.drain()
        finally:
            await self.parts.hub.close()
            await self.parts.looker.close()
        return answered

    async def round(self) -> bool:
        """Ask for everything once, and take in what came; whether anything was answered."""
        begun = self._clock()
        asked = await self.asker.everything(self.parts.ledger.records)
        self.rounds += 1
        self.failed_rounds += asked.answered is False
        await self._sight(asked.answered)
        logs = await self.parts.looker.logs(self.watched(), self._clock()) if asked.answered else ()
        await self._take_in(Found(asked.seen, logs=logs))
        self.ended_at = self._clock()
        self.lag = self.ended_at - begun
        self._tell("round", {"seen": len(asked.seen), "seconds": self.lag, "answered": bool(asked.answered)})
        return bool(asked.answered)

    async def _sight(self, answered: bool | None) -> None:
        """Tell once when the Hub has not answered for long, and once when it does again. None: nothing was
        asked, as everything rests after failures."""
        now = self._clock()
        if answered:
            self.answered_at = self._blind_since = now
        ledger = self.parts.ledger
        try:
            async with self._lock:
                if answered:
                    over = await asyncio.to_thread(ledger.note_sight, now)
                    if over is not None:
                        self._tell("closed", {"trouble": over, "why": "the Hub answers again"})
                elif now - self._blind_since >= BLIND_AFTER:
                    begun = await asyncio.to_thread(ledger.note_blind, self.asker.why, now)
                    if begun is not None:
                        self._tell("opened", {"trouble": begun})
        except SQLAlchemyError as error:
            self._database(error)
        self.parts.sender.wake()

    async def _take_in(self, found: Found) -> None:
        """Write what was found and do what follows. When the database fails nothing was taken in: the next
        round finds the same."""
        async with self._lock:
            try:
                outcome = await asyncio.to_thread(
                    self.parts.ledger.settle, found, self._clock(), self._watched(found)
                )
            except SQLAlchemyError as error:
                self._database(error)
                return
        self.database_fails = False
        self._report(outcome)
        await self.follower.follow_up(outcome.acts)

    def _report(self, outcome: Outcome) -> None:
        for change in outcome.changes:
            self._tell("changed", {"change": change})
        for trouble in outcome.opened:
            self._tell("opened", {"trouble": trouble})
        for trouble, why in outcome.closed:
            self._tell("closed", {"trouble": trouble, "why": why})

    async def _look_on(self) -> None:
        """Probe direct URLs, spread over the time between two rounds."""
        while not self._stop.is_set():
            begun = self._clock()
            if not self.rounds:
                await self._sleep(0.2)
                continue
            found = await self._probe(0.8 * self.every)
            if found:
                await self._take_in(Found(probed=found))
            await self._sleep(max(0.2, begun + self.every - self._clock()))

    async def _probe(self, over: float) -> Looks:
        ledger = self.parts.ledger
        return await self.parts.looker.probe(self.watched(), over, lambda space: ledger.records.get(space))

    async def _until(self, then: float) -> None:
        """Wait for the next round; Spaces whose deadline comes before it are asked for at that moment, so
        that they are told of at once and not a round later."""
        while not self._stop.is_set():
            now = self._clock()
            ahead = sorted(
                (at, space)
                for at, space in next_deadlines(self.watched(), self.parts.ledger.settings)
                if now < at < then
            )
            await self._sleep(max(0.0, (ahead[0][0] if ahead else then) - now))
            if not ahead or self._stop.is_set():
                return
            due = [space for at, space in ahead if at <= self._clock() + 0.5][:MOST_CHECKS]
            late = max(at for at, space in ahead if space in due) if due else 0.0
            await self._sleep(max(0.0, late + CLOCKS_DIFFER - self._clock()))
            if self.parts.hub.budget.wait(self._clock(), optional=True):
                continue
            await self._take_in(Found(await self.asker.these(due, self.parts.ledger.records)))

    def _pause(self) -> float:
        """Seconds from the beginning of one round to that of the next, with jitter. What the rate limit does
        not bear in one round is spread over several."""
        requests, budget = self.asker.requests(), self.parts.hub.budget
        least = budget.shortest_round(requests)
        if least > self.every:
            self._tell("stretched", {"every": least, "requests": requests, "limit": budget.limit})
        self.period = max(least, self.every)
        self.parts.ledger.gap = OUT_OF_SIGHT * self.period
        return self.every * self._random.uniform(1 - self.parts.policy.poll.jitter, 1.0)

    def watched(self) -> list[Record]:
        """The records of this watcher's targets."""
        records = self.parts.ledger.records
        return [one for name, one in records.items() if covers(self._targets, name)]

    def _watched(self, found: Found) -> frozenset[str]:
        names = (record.seen.space for record in self.watched())
        return frozenset((*names, *(seen.space for seen in found.seen)))

    def _database(self, error: SQLAlchemyError) -> None:
        self.database_fails = True
        self._tell("database", {"why": type(error).__name__})

    async def _sleep(self, length: float) -> None:
        """Sleep, or until it is stopped."""
        try:
            async with asyncio.timeout(max(0.001, length)):
                await self._stop.wait()
        except TimeoutError:
            return
