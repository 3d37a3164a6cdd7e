"""What a watched Space went through: read from the history database, computed by pure functions."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from unstick.record import NamedTuple
from unstick.watch.recognise import BUILDING, STARTING, durations
from unstick.watch.schema import ACTIONS, CHANGES, RUNS, SPACES, TROUBLES
from unstick.watch.types import Stay

JOINED = 300.0
"""Seconds between two runs of the watcher that still count as watched: a restart of the machine, a round of
cron."""


class Incident(NamedTuple):
    """A trouble of this Space. `closed_at` is None while it is open."""

    kind: str
    since: float
    opened_at: float
    closed_at: float | None
    detail: str
    sentence: str
    cause: str
    ended_by: str
    of_many: bool


class Action(NamedTuple):
    """An action of the audit log."""

    rung: str
    begun_at: float
    outcome: str
    detail: str


class History(NamedTuple):
    """What is known of one Space between two moments.

    `stays` are its times in each stage (the first may have begun earlier), `in_stage` the seconds spent in
    each, as far as somebody watched; `watched` those seconds in all, `unwatched` the others. `starts` and
    `builds` are the seconds of those that were seen from beginning to end.
    """

    space: str
    since: float
    until: float
    stays: tuple[Stay, ...]
    in_stage: dict[str, float]
    watched: float
    unwatched: float
    starts: tuple[float, ...]
    builds: tuple[float, ...]
    incidents: tuple[Incident, ...]
    actions: tuple[Action, ...]
    answers: tuple[tuple[float, str], ...]


def known(connection: Connection) -> list[str]:
    """The Spaces of the database."""
    return list(connection.scalars(sa.select(SPACES.c.space).order_by(SPACES.c.space)))


def history(connection: Connection, space: str, since: float, now: float) -> History | None:
    """What a Space went through since a moment; None when it was never watched. Its name is compared without
    regard to case."""
    name = connection.scalar(sa.select(SPACES.c.space).where(sa.func.lower(SPACES.c.space) == space.lower()))
    if name is None:
        return None
    changes = connection.execute(
        sa.select(CHANGES.c.at, CHANGES.c.field, CHANGES.c.old, CHANGES.c.new)
        .where(CHANGES.c.space == name, CHANGES.c.field.in_(("stage", "url", "error")))
        .order_by(CHANGES.c.at, CHANGES.c.id)
    ).all()
    runs = [
        (row.started_at, row.beat_at)
        for row in connection.execute(sa.select(RUNS).order_by(RUNS.c.started_at))
    ]
    every = stays_of([tuple(row) for row in changes], now)
    shown = tuple(stay for stay in every if stay.until is None or stay.until > since)
    watched_spans = spans(runs, JOINED)
    begins = max(since, shown[0].since if shown else now)
    in_stage: dict[str, float] = {}
    for stay in shown:
        span = (max(stay.since, begins), stay.until if stay.until is not None else now)
        in_stage[stay.stage] = in_stage.get(stay.stage, 0.0) + overlap(span, watched_spans)
    watched = sum(in_stage.values())
    return History(
        space=name,
        since=begins,
        until=now,
        stays=shown,
        in_stage=in_stage,
        watched=watched,
        unwatched=max(0.0, now - begins - watched),
        starts=tuple(durations(every, STARTING)),
        builds=tuple(durations(every, BUILDING)),
        incidents=_incidents(connection, name, since),
        actions=_actions(connection, name, since),
        answers=tuple((row.at, row.new) for row in changes if row.field == "url" and row.at >= since),
    )


def stays_of(changes: Sequence[tuple[float, str, str, str]], now: float) -> list[Stay]:
    """The stays that changes of stage make up, oldest first; changes of the error message belong to the stay
    in which they came."""
    stays: list[Stay] = []
    for at, field, old, new in changes:
        if field == "stage":
            if stays:
                stays[-1] = stays[-1]._replace(until=at)
            stays.append(Stay(new, at, None, bool(old)))
        elif field == "error" and stays:
            stays[-1] = stays[-1]._replace(error=new)
    return stays


def spans(runs: Sequence[tuple[float, float]], joined: float) -> list[tuple[float, float]]:
    """When somebody watched: runs in order, those that are close to each other as one."""
    found: list[tuple[float, float]] = []
    for begins, ends in runs:
        if found and begins - found[-1][1] <= joined:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def overlap(span: tuple[float, float], others: Sequence[tuple[float, float]]) -> float:
    """The seconds of a span that lie in one of the others."""
    return sum(max(0.0, min(span[1], ends) - max(span[0], begins)) for begins, ends in others)


def _incidents(connection: Connection, space: str, since: float) -> tuple[Incident, ...]:
    columns = [TROUBLES.c[name] for name in Incident._fields if name != "of_many"]
    still = sa.or_(TROUBLES.c.closed_at.is_(None), TROUBLES.c.closed_at >= since)
    found = connection.execute(
        sa.select(*columns, TROUBLES.c.incident)
        .where(TROUBLES.c.space == space, still)
        .order_by(TROUBLES.c.opened_at)
    )
    return tuple(Incident._make((*row[:-1], bool(row[-1]))) for row in found)


def _actions(connection: Connection, space: str, since: float) -> tuple[Action, ...]:
    columns = [ACTIONS.c[name] for name in Action._fields]
    found = connection.execute(
        sa.select(*columns)
        .where(ACTIONS.c.space == space, ACTIONS.c.begun_at >= since)
        .order_by(ACTIONS.c.id)
    )
    return tuple(Action(*row) for row in found)
