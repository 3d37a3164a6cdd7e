"""One transaction's entries: troubles that open and close, with their alerts in the outbox."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from unstick.record import NamedTuple
from unstick.watch import outbox, planning, store, wording
from unstick.watch.deciding import in_maintenance, quiet
from unstick.watch.planning import EVERY, Gathering, Plan
from unstick.watch.policy import Policy
from unstick.watch.settings import Settings
from unstick.watch.types import Open, Trouble


class State(NamedTuple):
    """The open troubles by Space and family, those whose alert is held, and the size of the open incident."""

    opens: dict[tuple[str, str], Open]
    held: frozenset[int] = frozenset()
    members: int = 0


class Book:
    """Writes into one transaction and keeps count; `state` is what holds once that is committed."""

    def __init__(
        self,
        connection: Connection,
        policy: Policy,
        settings: Settings,
        endpoint: str,
        state: State,
        now: float,
    ) -> None:
        self.opens = dict(state.opens)
        self.opened: list[Open] = []
        self.closed: list[tuple[Open, str]] = []
        self._connection = connection
        self._policy = policy
        self._settings = settings
        self._endpoint = endpoint
        self._held = set(state.held)
        self._members = state.members
        self._now = now

    @property
    def state(self) -> State:
        """What holds after this."""
        numbers = {one.id for one in self.opens.values()}
        return State(self.opens, frozenset(self._held & numbers), self._members)

    def enter(self, plan: Plan, watched: int) -> None:
        """Everything that a plan says, for so many watched Spaces."""
        self.close(plan.closes)
        for before, trouble in plan.updates:
            store.update_trouble(self._connection, before.id, kind=trouble.kind, detail=trouble.detail)
            self.opens[before.space, before.family] = before._replace(
                kind=trouble.kind, detail=trouble.detail
            )
        gathering = planning.gather(plan.opens, self.opens, watched, self._now, self._settings)
        if gathering.detail:
            self._begin_incident(gathering)
        incident = self.opens.get((EVERY, "incident"))
        for trouble in plan.opens:
            belongs = trouble.family == "down" and trouble.space in gathering.members
            self._open(trouble, incident.id if incident is not None and belongs else 0)
        self._end_incident()
        self._release()

    def tell(self, trouble: Open) -> None:
        """Queue the alert of a trouble: its sentence is found first, unless nobody is to be told now."""
        message = wording.opened(trouble, None, self._endpoint)
        muted = self._muted(trouble.space)
        if muted:
            self._held.add(trouble.id)
        state = "held" if muted else "diagnosing"
        outbox.put(self._connection, trouble.id, "opened", state, *message, self._now)

    def close(self, closes: Iterable[tuple[Open, str]]) -> None:
        """Close troubles; who was told of one is told that it is over."""
        for known, why in closes:
            store.close_trouble(self._connection, known.id, self._now, why)
            del self.opens[known.space, known.family]
            self.closed.append((known, why))
            told = outbox.of_trouble(self._connection, known.id).get("opened", "")
            if told == "held":
                outbox.move(self._connection, known.id, "dropped")
            elif told and told not in ("dropped", "failed"):
                outbox.move(self._connection, known.id, "pending")
                if self._policy.alerts.cleared:
                    message = wording.cleared(known, why, self._now, self._endpoint)
                    outbox.put(self._connection, known.id, "cleared", "pending", *message, self._now)

    def _open(self, trouble: Trouble, incident: int) -> None:
        known = store.open_trouble(self._connection, trouble, self._now, incident)
        self.opens[trouble.space, trouble.family] = known
        if incident:
            self._members += 1
            return
        self.tell(known)
        self.opened.append(known)

    def _begin_incident(self, gathering: Gathering) -> None:
        """Open an incident, and take in the troubles that opened just before: their alerts go if not sent."""
        trouble = planning.incident_trouble(gathering.detail, self._now)
        self._members = 0
        self._open(trouble, 0)
        incident = self.opens[EVERY, "incident"]
        for space in gathering.members:
            known = self.opens.get((space, "down"))
            if known is not None:
                store.update_trouble(self._connection, known.id, incident=incident.id)
                outbox.move(self._connection, known.id, "dropped")
                self.opens[space, "down"] = known._replace(incident=incident.id)
                self._members += 1

    def _end_incident(self) -> None:
        """Close an incident that is over; what is left of it is told of one by one."""
        ended = planning.incident_over(self.opens, self._members, self._now, self._settings)
        if ended is None:
            return
        incident, still = ended
        left = f", {len(still)} still down" if still else ""
        self.close([(incident, f"{self._members - len(still)} of {self._members} Spaces are up{left}")])
        for one in still:
            store.update_trouble(self._connection, one.id, incident=0)
            alone = one._replace(incident=0)
            self.opens[one.space, one.family] = alone
            if not outbox.of_trouble(self._connection, one.id):
                self.tell(alone)
                self.opened.append(alone)

    def _release(self) -> None:
        """Let alerts go that were held, once quiet hours or maintenance are over."""
        for one in self.opens.values():
            if one.id in self._held and not self._muted(one.space):
                self._held.discard(one.id)
                outbox.move(self._connection, one.id, "diagnosing")

    def _muted(self, space: str) -> bool:
        policy = self._policy
        return in_maintenance(policy, space, self._now) or quiet(
            policy.alerts.quiet, policy.timezone, self._now
        )
