"""Joins what is kept in memory with the database: everything that one round found is written in one
transaction, and memory follows only when that was committed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from unstick.record import NamedTuple
from unstick.watch import change, outbox, planning, store, wording
from unstick.watch.deciding import Past, decide, in_maintenance, quiet
from unstick.watch.planning import EVERY
from unstick.watch.policy import Policy, seconds, settings_of
from unstick.watch.probe import Probed, wanted
from unstick.watch.recognise import TRANSIENT
from unstick.watch.schema import RUNS, TROUBLES
from unstick.watch.settings import DAY
from unstick.watch.types import GONE, Change, Open, Record, Said, Seen, Stay, Trouble, Url

LOST_TRACK = 900.0
"""Seconds without a watcher after which a stage that ends by itself may have ended and begun again."""

REMEMBERED_ACTIONS = 30 * DAY


class Found(NamedTuple):
    """What one round found: Spaces seen, URLs probed, logs looked at."""

    seen: tuple[Seen, ...] = ()
    probed: tuple[tuple[str, float, Probed], ...] = ()
    logs: tuple[tuple[str, float, str], ...] = ()


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
    """The state of everything that is watched. Its methods block on the database; one at a time."""

    def __init__(
        self, engine: Engine, policy: Policy, endpoint: str, rungs: frozenset[str], dry_run: bool
    ) -> None:
        self.engine = engine
        self.policy = policy
        self.settings = settings_of(policy)
        self.endpoint = endpoint
        self.records: dict[str, Record] = {}
        self.opens: dict[tuple[str, str], Open] = {}
        self.interrupted: tuple[outbox.Alert, ...] = ()
        self._rungs = rungs
        self.is_dry = dry_run
        self._past: list[Past] = []
        self._held: set[int] = set()
        self._members = 0
        self._run = 0
        self._pruned_at = 0.0

    def start(self, now: float) -> None:
        """Load what is known, and settle what a killed watcher left half done."""
        with self.engine.begin() as connection:
            beat = connection.scalar(sa.select(sa.func.max(RUNS.c.beat_at)))
            self.records = store.load(connection, now)
            self.opens = {(one.space, one.family): one for one in store.open_troubles(connection)}
            store.interrupted_actions(connection, now)
            self.interrupted = tuple(outbox.interrupted(connection, now))
            past = store.actions_since(connection, now - REMEMBERED_ACTIONS)
            self._past = [Past(*row) for row in past]
            self._held = {alert.trouble for alert in outbox.waiting(connection, "held")}
            incident = self.opens.get((EVERY, "incident"))
            if incident is not None:
                counted = sa.select(sa.func.count()).where(TROUBLES.c.incident == incident.id)
                self._members = int(connection.scalar(counted) or 0)
            self._run = store.begin_run(connection, now)
        if beat is not None and now - beat > LOST_TRACK:
            self.records = {space: _lost(record, now) for space, record in self.records.items()}

    def settle(self, found: Found, now: float, watched: frozenset[str] | None = None) -> Outcome:
        """Take in what was found: write it, and open, close and decide what follows.

        `watched` are the Spaces of this watcher's targets; troubles of others rest. Raises what the database
        raises, and then nothing has changed.
        """
        fresh, changes, changed = self._merged(found)
        now_known = {**self.records, **fresh}
        mine = [record for space, record in now_known.items() if watched is None or space in watched]
        plan = planning.plan(mine, self.opens, now, self.settings)
        opens, past = dict(self.opens), list(self._past)
        with self.engine.begin() as connection:
            store.keep(connection, changes, [fresh[space] for space in changed])
            closed = self._close(connection, plan.closes, opens, now)
            opened, members = self._open(connection, plan, opens, len(mine), now)
            closed += self._close_incident(connection, opens, members, now)
            held = self._release(connection, opens, now)
            down = [one for one in opens.values() if one.space in plan.present]
            acts = self._decide(connection, down, past, now)
            store.touch(connection, self._run, now)
            self._prune(connection, now)
        self.records, self.opens, self._past = now_known, opens, past
        self._held = held | {one.id for one in opened if self._muted(one.space, now)} - {
            one.id for one, _ in closed
        }
        self._members = members
        return Outcome(tuple(changes), tuple(opened), tuple(closed), tuple(acts))

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
            opens = dict(self.opens)
            self._close(connection, [(known, "the Hub answers again")], opens, now)
        self.opens = opens
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

    def _merged(self, found: Found) -> tuple[dict[str, Record], list[Change], list[str]]:
        """The records that are new or were seen again, the changes, and whose state is to be written."""
        fresh: dict[str, Record] = {}
        changes: list[Change] = []
        changed: dict[str, None] = {}

        def known(space: str) -> Record | None:
            return fresh.get(space) or self.records.get(space)

        for seen in found.seen:
            before = known(seen.space)
            if before is not None and seen.stage == GONE:
                seen = change.absent(before, seen.at)
            fresh[seen.space], made = change.merge(before, seen)
            changes += made
            unasked = self._unasked(fresh[seen.space])
            if unasked is not None:
                fresh[seen.space] = unasked
            if made or unasked or before is None or before.seen[7:] != seen[7:]:
                changed[seen.space] = None
        for space, at, probed in found.probed:
            before = known(space)
            if before is not None:
                fresh[space], made = change.probed(before, at, *probed)
                changes += made
                if made:
                    changed[space] = None
        for space, at, newest in found.logs:
            before = known(space)
            if before is not None:
                fresh[space] = change.log_looked(before, at, newest)
        return fresh, changes, list(changed)

    def _unasked(self, record: Record) -> Record | None:
        """The record without an answer of its URL that nobody will ask for again; None if there is none."""
        if not record.url.answer or wanted(record, self.policy.poll.probe):
            return None
        return record._replace(url=Url(falls=record.url.falls))

    def _open(
        self, connection: Connection, plan: planning.Plan, opens: dict[tuple[str, str], Open],
        watched: int, now: float,
    ) -> tuple[list[Open], int]:  # fmt: skip
        """Open and update troubles; gives the new ones that somebody is told of, and the incident's size."""
        for before, trouble in plan.updates:
            store.update_trouble(connection, before.id, kind=trouble.kind, detail=trouble.detail)
            opens[before.space, before.family] = before._replace(kind=trouble.kind, detail=trouble.detail)
        gathering = planning.gather(plan.opens, opens, watched, now, self.settings)
        opened, members = [], self._members
        incident = opens.get((EVERY, "incident"))
        if gathering.detail:
            trouble = planning.incident_trouble(gathering.detail, now)
            incident = store.open_trouble(connection, trouble, now)
            opens[EVERY, "incident"] = incident
            members = self._take_in(connection, gathering, incident, opens)
            self._tell(connection, incident, now)
            opened.append(incident)
        for trouble in plan.opens:
            belongs = incident is not None and trouble.family == "down" and trouble.space in gathering.members
            number = incident.id if belongs and incident is not None else 0
            known = store.open_trouble(connection, trouble, now, number)
            opens[trouble.space, trouble.family] = known
            members += bool(number)
            if not number:
                self._tell(connection, known, now)
                opened.append(known)
        return opened, members

    def _take_in(
        self, connection: Connection, gathering: planning.Gathering, incident: Open,
        opens: dict[tuple[str, str], Open],
    ) -> int:  # fmt: skip
        """Make troubles that opened just before part of a new incident; their alerts go if not yet sent."""
        taken = 0
        for space in gathering.members:
            known = opens.get((space, "down"))
            if known is not None:
                store.update_trouble(connection, known.id, incident=incident.id)
                outbox.move(connection, known.id, "dropped")
                opens[space, "down"] = known._replace(incident=incident.id)
                taken += 1
        return taken

    def _tell(self, connection: Connection, trouble: Open, now: float) -> None:
        """Queue the alert of a new trouble: its sentence is found first."""
        message = wording.opened(trouble, None, self.endpoint)
        state = "held" if self._muted(trouble.space, now) else "diagnosing"
        outbox.put(connection, trouble.id, "opened", state, *message, now)

    def _close(
        self, connection: Connection, closes: Iterable[tuple[Open, str]],
        opens: dict[tuple[str, str], Open], now: float,
    ) -> list[tuple[Open, str]]:  # fmt: skip
        closed = []
        for known, why in closes:
            store.close_trouble(connection, known.id, now, why)
            del opens[known.space, known.family]
            closed.append((known, why))
            told = outbox.of_trouble(connection, known.id).get("opened", "")
            if told == "held":
                outbox.move(connection, known.id, "dropped")
            elif told and told not in ("dropped", "failed"):
                if told == "diagnosing":
                    outbox.move(connection, known.id, "pending")
                if self.policy.alerts.cleared:
                    message = wording.cleared(known, why, now, self.endpoint)
                    outbox.put(connection, known.id, "cleared", "pending", *message, now)
        return closed

    def _close_incident(
        self, connection: Connection, opens: dict[tuple[str, str], Open], members: int, now: float
    ) -> list[tuple[Open, str]]:
        """Close an incident that is over; what is left of it is told of one by one."""
        ended = planning.incident_over(opens, members, now, self.settings)
        if ended is None:
            return []
        incident, still = ended
        left = f", {len(still)} still down" if still else ""
        closed = self._close(
            connection, [(incident, f"{members - len(still)} of {members} Spaces are up{left}")], opens, now
        )
        for one in still:
            store.update_trouble(connection, one.id, incident=0)
            alone = one._replace(incident=0)
            opens[one.space, one.family] = alone
            if not outbox.of_trouble(connection, one.id):
                self._tell(connection, alone, now)
        return closed

    def _release(self, connection: Connection, opens: Mapping[tuple[str, str], Open], now: float) -> set[int]:
        """Let alerts go that were held, once quiet hours or maintenance are over. Gives those still held."""
        if not self._held:
            return set()
        still = set()
        for one in opens.values():
            if one.id in self._held:
                if self._muted(one.space, now):
                    still.add(one.id)
                else:
                    outbox.move(connection, one.id, "diagnosing")
        return still

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

    def _muted(self, space: str, now: float) -> bool:
        policy = self.policy
        return in_maintenance(policy, space, now) or quiet(policy.alerts.quiet, policy.timezone, now)

    def _prune(self, connection: Connection, now: float) -> None:
        if now - self._pruned_at >= DAY:
            store.prune(connection, now - seconds(self.policy.retention))
            self._pruned_at = now


def _lost(record: Record, now: float) -> Record:
    """A record after a time in which nobody watched: how long a passing stage has lasted is not known."""
    stay = record.now_in
    if stay.stage not in TRANSIENT:
        return record
    return record._replace(stays=(*record.stays[:-1], Stay(stay.stage, now, None, False, stay.sha)))
