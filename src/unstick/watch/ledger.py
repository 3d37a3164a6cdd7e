"""Joins what is kept in memory with the database: everything that one round found is written in one
transaction, and memory follows only when that was committed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from unstick.record import NamedTuple
from unstick.watch import merging, outbox, planning, store, wording
from unstick.watch.book import Book, State
from unstick.watch.deciding import Past, decide
from unstick.watch.merging import Found
from unstick.watch.planning import EVERY
from unstick.watch.policy import Policy, seconds, settings_of
from unstick.watch.recognise import TRANSIENT
from unstick.watch.schema import RUNS, TROUBLES
from unstick.watch.settings import DAY
from unstick.watch.types import Change, Open, Record, Said, Trouble

REMEMBERED_ACTIONS = 30 * DAY


class Act(NamedTuple):
    """An action that is in the audit log as begun, and is to be taken now."""

    id: int
    space: str
    rung: str
    trouble: int


class Outcome(NamedTuple):
    """What a round came to."""

    changes: tuple[Change, ...]
    opened: tuple[Open, ...]
    closed: tuple[tuple[Open, str], ...]
    acts: tuple[Act, ...]


class Ledger:
    """The state of everything that is watched. Its methods block on the database; one at a time. `gap` is
    after how many seconds without an answer a Space was out of sight: only who watches without pause sets it."""

    def __init__(
        self, engine: Engine, policy: Policy, endpoint: str, rungs: frozenset[str], dry_run: bool
    ) -> None:
        self.engine = engine
        self.policy = policy
        self.settings = settings_of(policy)
        self.endpoint = endpoint
        self.records: dict[str, Record] = {}
        self.state = State({})
        self.interrupted: tuple[outbox.Alert, ...] = ()
        self._rungs = rungs
        self.is_dry = dry_run
        self.gap = inf
        self._past: list[Past] = []
        self._run = 0
        self._pruned_at = 0.0

    def start(self, now: float) -> None:
        """Load what is known, and settle what a killed watcher left half done."""
        with self.engine.begin() as connection:
            beat = connection.scalar(sa.select(sa.func.max(RUNS.c.beat_at)))
            self.records = store.load(connection, now)
            opens = {(one.space, one.family): one for one in store.open_troubles(connection)}
            store.interrupted_actions(connection, now)
            self.interrupted = tuple(outbox.interrupted(connection, now))
            past = store.actions_since(connection, now - REMEMBERED_ACTIONS)
            self._past = [Past(*row) for row in past]
            held = frozenset(alert.trouble for alert in outbox.waiting(connection, "held"))
            self.state = State(opens, held, _members(connection, opens))
            self._run = store.begin_run(connection, now)
        if beat is not None:
            # Written only when something changes, but for a stage that ends by itself, which is written each
            # time; the others were in sight until somebody stopped watching.
            self.records = {space: _last_seen(record, beat) for space, record in self.records.items()}

    def settle(self, found: Found, now: float, watched: frozenset[str] | None = None) -> Outcome:
        """Take in what was found: write it, and open, close and decide what follows.

        `watched` are the Spaces of this watcher's targets; troubles of others rest. Raises what the database
        raises, and then nothing has changed.
        """
        merged = merging.merged(self.records, found, self.policy.poll.probe, self.gap)
        known = {**self.records, **merged.fresh}
        mine = [record for space, record in known.items() if watched is None or space in watched]
        plan = planning.plan(mine, self.opens, now, self.settings)
        past = list(self._past)
        with self.engine.begin() as connection:
            store.keep(connection, merged.changes, [merged.fresh[space] for space in merged.changed])
            book = self._book(connection, now)
            book.enter(plan, len(mine))
            down = [one for one in book.opens.values() if one.space in plan.present]
            acts = self._decide(connection, down, past, now)
            store.touch(connection, self._run, now)
            self._prune(connection, now)
        self.records, self.state, self._past = known, book.state, past
        return Outcome(merged.changes, tuple(book.opened), tuple(book.closed), tuple(acts))

    @property
    def opens(self) -> dict[tuple[str, str], Open]:
        """The open troubles by Space and family."""
        return self.state.opens

    def note_blind(self, why: str, now: float) -> Open | None:
        """Open the trouble that the Hub cannot be asked; None when it is open already."""
        if (EVERY, "blind") in self.opens:
            return None
        trouble = Trouble(EVERY, "blind", "blind", now, why)
        with self.engine.begin() as connection:
            known = store.open_trouble(connection, trouble, now)
            message = wording.opened(known, None, self.endpoint)
            outbox.put(connection, known.id, "opened", "pending", *message, now)
        self.opens[EVERY, "blind"] = known
        return known

    def note_sight(self, now: float) -> Open | None:
        """Close the trouble that the Hub cannot be asked; None when it is not open."""
        known = self.opens.get((EVERY, "blind"))
        if known is None:
            return None
        with self.engine.begin() as connection:
            book = self._book(connection, now)
            book.close([(known, "the Hub answers again")])
        self.state = book.state
        return known

    def undiagnosed(self) -> list[Open]:
        """The open troubles whose alert waits for its sentence."""
        with self.engine.connect() as connection:
            numbers = {alert.trouble for alert in outbox.waiting(connection, "diagnosing")}
        return [one for one in self.opens.values() if one.id in numbers]

    def say(self, trouble: Open, said: Said | None) -> None:
        """Keep a diagnosis, and let the alert go."""
        kept = said or Said("")
        with self.engine.begin() as connection:
            store.say(connection, trouble.id, kept)
            body = wording.opened(trouble, said, self.endpoint).body
            outbox.move(connection, trouble.id, "pending", body=body)
        known = self.opens.get((trouble.space, trouble.family))
        if known is not None and known.id == trouble.id:
            self.opens[trouble.space, trouble.family] = known._replace(
                cause=kept.cause, domain=kept.domain, sentence=kept.sentence
            )

    def acted(self, act: Act, ok: bool, detail: str, now: float) -> None:
        """Write what came of an action."""
        with self.engine.begin() as connection:
            store.end_action(connection, act.id, now, "done" if ok else "failed", detail)

    def _book(self, connection: Connection, now: float) -> Book:
        return Book(connection, self.policy, self.settings, self.endpoint, self.state, now)

    def _decide(
        self, connection: Connection, down: Iterable[Open], past: list[Past], now: float
    ) -> list[Act]:
        """Write the actions that the policy wants now into the audit log."""
        if not self.policy.act:
            return []
        acts = []
        for one in down:
            rung = decide(self.policy, one, past, now).rung
            if not rung or rung not in self._rungs:
                continue
            outcome = "dry-run" if self.is_dry else "begun"
            number = store.begin_action(connection, one.space, one.id, rung, now, outcome)
            past.append(Past(one.space, one.id, rung, now))
            acts.append(Act(number, one.space, rung, one.id))
        return acts

    def _prune(self, connection: Connection, now: float) -> None:
        if now - self._pruned_at >= DAY:
            store.prune(connection, now - seconds(self.policy.retention))
            self._pruned_at = now


def _members(connection: Connection, opens: Mapping[tuple[str, str], Open]) -> int:
    """How many Spaces the open incident has had."""
    incident = opens.get((EVERY, "incident"))
    if incident is None:
        return 0
    counted = sa.select(sa.func.count()).where(TROUBLES.c.incident == incident.id)
    return int(connection.scalar(counted) or 0)


def _last_seen(record: Record, at: float) -> Record:
    until = record.seen.at if record.now_in.stage in TRANSIENT else max(at, record.seen.at)
    seen = record.seen._replace(at=until)
    return record._replace(seen=seen, sighted=record.now_in.since)
