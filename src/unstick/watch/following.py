"""What follows from a round: diagnoses and actions, each in a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable

from sqlalchemy.exc import SQLAlchemyError

from unstick.watch.diagnosing import Situation
from unstick.watch.ledger import Act
from unstick.watch.parts import Parts, Tell
from unstick.watch.planning import EVERY
from unstick.watch.types import Open, Said, Trouble

DIAGNOSES_AT_ONCE = 4
DIAGNOSIS_SECONDS = 30.0
ACTION_SECONDS = 120.0


class Follower:
    """Diagnoses and acts. `tasks` are under way, `acted` counts actions by what came of them. `lock` is held
    while the ledger is at work; `fails` is told of an error of the database."""

    def __init__(
        self, parts: Parts, tell: Tell, clock: Callable[[], float], lock: asyncio.Lock,
        fails: Callable[[SQLAlchemyError], None],
    ) -> None:  # fmt: skip
        self.tasks: set[asyncio.Task[None]] = set()
        self.acted: dict[str, int] = {}
        self._parts = parts
        self._tell = tell
        self._clock = clock
        self._lock = lock
        self._fails = fails
        self._diagnosing: set[int] = set()
        self._slots = asyncio.Semaphore(DIAGNOSES_AT_ONCE)

    async def follow_up(self, acts: Iterable[Act] = ()) -> None:
        """Take actions, begin the diagnoses that alerts wait for, and let the other alerts go."""
        for act in acts:
            self._spawn(self._act(act))
        try:
            waiting = await asyncio.to_thread(self._parts.ledger.undiagnosed)
        except SQLAlchemyError as error:
            self._fails(error)
            return
        for trouble in waiting:
            if trouble.id not in self._diagnosing:
                self._diagnosing.add(trouble.id)
                self._spawn(self._diagnose(trouble))
        self._parts.sender.wake()

    async def _diagnose(self, trouble: Open) -> None:
        said: Said | None = None
        about = self._example(trouble)
        try:
            async with self._slots, asyncio.timeout(DIAGNOSIS_SECONDS):
                record = self._parts.ledger.records.get(about)
                if record is not None:
                    recognised = Trouble(about, trouble.family, trouble.kind, trouble.since, trouble.detail)
                    said = await self._parts.diagnose(Situation(about, record, recognised))
        except Exception as error:  # a diagnosis that fails keeps no alert back
            self._tell("undiagnosed", {"trouble": trouble, "why": type(error).__name__})
        try:
            async with self._lock:
                await asyncio.to_thread(self._parts.ledger.say, trouble, said)
            self._tell("diagnosed", {"trouble": trouble, "said": said})
        except SQLAlchemyError as error:
            self._fails(error)
        finally:
            self._diagnosing.discard(trouble.id)
        self._parts.sender.wake()

    def _example(self, trouble: Open) -> str:
        """The Space to diagnose: of an incident, one that belongs to it."""
        if trouble.space != EVERY:
            return trouble.space
        opens = self._parts.ledger.opens.values()
        return min((one.space for one in opens if one.incident == trouble.id), default="")

    async def _act(self, act: Act) -> None:
        if self._parts.ledger.is_dry:
            self._tell("acted", {"act": act, "ok": True, "detail": "dry run: nothing was done"})
            return
        try:
            async with asyncio.timeout(ACTION_SECONDS):
                ok, detail = await self._parts.actor.act(act.space, act.rung)
        except Exception as error:  # an actor that fails is a failed action
            ok, detail = False, type(error).__name__
        try:
            async with self._lock:
                await asyncio.to_thread(self._parts.ledger.acted, act, ok, detail, self._clock())
        except SQLAlchemyError as error:
            self._fails(error)
        outcome = "done" if ok else "failed"
        self.acted[outcome] = self.acted.get(outcome, 0) + 1
        self._tell("acted", {"act": act, "ok": ok, "detail": detail})

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
