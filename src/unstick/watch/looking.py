"""Looks that go beyond the stage: direct URLs, and whether a build log still moves."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence

from unstick.observe.live.wire import Wire
from unstick.watch.hub import Hub
from unstick.watch.policy import Policy, seconds
from unstick.watch.probe import Probed, probe, wanted
from unstick.watch.recognise import BUILDING
from unstick.watch.types import Record

WORKERS_A_WIRE = 16
"""Probes at once over the connections of one wire, which keeps twice as many: none waits for another."""

MOST_WORKERS = 128
SLOW = 3.0
"""Seconds that a probe may take on average without a round of probes falling behind."""

LOGS_AT_ONCE = 4
MOST_LOGS = 20
"""Logs looked at in one round: each costs a request of the rate limit."""

LOG_AGE = 180.0
"""Seconds that a build runs before its log is looked at, and between two looks."""

RENEWED_AFTER = 600.0
"""Seconds for which connections and resolved names are kept: names move."""

REFUSED_FOR = 3600.0
"""Seconds for which a log that cannot be read is left alone."""

Looks = tuple[tuple[str, float, Probed], ...]


class Looker:
    """Asks URLs and logs of Spaces, as far as the policy and the rate limit go."""

    def __init__(self, policy: Policy, hub: Hub, clock: Callable[[], float] = time.time) -> None:
        self.probes: dict[str, int] = {}
        self._policy = policy
        self._hub = hub
        self._clock = clock
        self._wires: list[Wire] = []
        self._wires_since = time.monotonic()
        self._refused: dict[str, float] = {}

    async def close(self) -> None:
        """Give the connections back."""
        for wire in self._wires:
            await wire.__aexit__(None, None, None)
        self._wires = []

    async def probe(
        self, records: Sequence[Record], over: float, known: Callable[[str], Record | None]
    ) -> Looks:
        """Ask the direct URL of each Space that may be asked, spread over so many seconds. `known` gives what
        is known of a Space at that moment."""
        if time.monotonic() - self._wires_since > RENEWED_AFTER:
            await self.close()
            self._wires_since = time.monotonic()
        due = [record for record in records if wanted(record, self._policy.poll.probe)]
        random.shuffle(due)
        found: list[tuple[str, float, Probed]] = []
        queue = iter(enumerate(due))
        begun = time.monotonic()
        options, patience = self._hub.options, seconds(self._policy.poll.timeout)

        async def work(wire: Wire) -> None:
            for number, record in queue:
                await asyncio.sleep(max(0.0, begun + over * number / len(due) - time.monotonic()))
                asked_at = self._clock()
                sighted = (known(record.seen.space) or record).seen.at
                probed = await probe(wire, record, options, patience)
                self.probes[probed.answer] = self.probes.get(probed.answer, 0) + 1
                found.append((record.seen.space, asked_at, probed._replace(sighted=sighted)))

        workers = min(len(due), MOST_WORKERS, max(WORKERS_A_WIRE, round(SLOW * len(due) / max(over, 1.0))))
        while len(self._wires) * WORKERS_A_WIRE < workers:
            self._wires.append(Wire())
        await asyncio.gather(*(work(self._wires[number // WORKERS_A_WIRE]) for number in range(workers)))
        return tuple(found)

    async def logs(self, records: Sequence[Record], now: float) -> tuple[tuple[str, float, str], ...]:
        """Look at the build logs of Spaces that have been building for a while: the time stamp of the newest
        line. Only with a token; the Hub shows logs to nobody else."""
        if not self._policy.poll.logs or not self._hub.options.token:
            return ()
        due = [record for record in records if self._is_due(record, now)]
        due.sort(key=lambda record: record.log.looked)
        gate = asyncio.Semaphore(LOGS_AT_ONCE)

        async def look(space: str) -> tuple[str, float, str] | None:
            async with gate:
                if self._hub.budget.wait(self._clock(), optional=True):
                    return None
                newest = await self._hub.newest_line(space, "build")
            if newest is None:
                self._refused[space] = self._clock() + REFUSED_FOR
                return None
            return space, self._clock(), newest

        looks = await asyncio.gather(*(look(record.seen.space) for record in due[:MOST_LOGS]))
        return tuple(one for one in looks if one is not None)

    def _is_due(self, record: Record, now: float) -> bool:
        space, stay = record.seen.space, record.now_in
        if stay.stage not in BUILDING or now - stay.since < LOG_AGE or now - record.log.looked < LOG_AGE:
            return False
        return self._refused.get(space, 0.0) <= now
