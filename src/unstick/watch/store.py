"""The history database as plain functions of a connection: what is written while watching.

Everything that belongs together is written in one transaction of the caller, so that a kill leaves either
all of it or nothing. Texts are redacted here, whatever the caller did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from unstick.redact import redact
from unstick.watch.change import KEPT_FALLS, KEPT_STAYS
from unstick.watch.recognise import SERVING
from unstick.watch.schema import ACTIONS, ALERTS, CHANGES, RUNS, SPACES, TROUBLES
from unstick.watch.settings import DAY
from unstick.watch.types import ANSWERS, Change, Open, Record, Said, Seen, Stay, Trouble, Url

REMEMBERED = 60 * DAY
"""Stays older than this take no part in recognition."""

LONGEST = 2000
"""Characters kept of a text that came from outside."""


def clean(text: str) -> str:
    """A text fit to be kept: no secret, no NUL (PostgreSQL refuses it), not endless."""
    return redact(text.replace("\x00", "")[: 4 * LONGEST])[:LONGEST]


def keep(connection: Connection, changes: Sequence[Change], records: Iterable[Record]) -> None:
    """Write changes, and the present state of the Spaces that changed."""
    if changes:
        rows = [change._asdict() | {"old": clean(change.old), "new": clean(change.new)} for change in changes]
        connection.execute(sa.insert(CHANGES), rows)
    states = [_row(record) for record in records]
    if not states:
        return
    known = set(
        connection.scalars(
            sa.select(SPACES.c.space).where(SPACES.c.space.in_([row["space"] for row in states]))
        )
        if len(states) <= 500
        else connection.scalars(sa.select(SPACES.c.space))
    )
    new = [row for row in states if row["space"] not in known]
    if new:
        connection.execute(sa.insert(SPACES), new)
    old = [row for row in states if row["space"] in known]
    if old:
        values: dict[str, sa.BindParameter[object]] = {
            name: sa.bindparam(f"_{name}") for name in old[0] if name not in ("space", "first_seen")
        }
        statement = sa.update(SPACES).where(SPACES.c.space == sa.bindparam("_space")).values(values)
        connection.execute(statement, [{f"_{name}": value for name, value in row.items()} for row in old])


def _row(record: Record) -> dict[str, object]:
    seen = record.seen
    row = {name: getattr(seen, name) for name in SPACES.c.keys() if name in Seen._fields}  # noqa: SIM118
    return row | {
        "error": clean(seen.error),
        "first_seen": seen.at,
        "last_seen": seen.at,
        "answer": record.url.answer,
        "answer_since": record.url.since,
    }


def load(connection: Connection, now: float) -> dict[str, Record]:
    """Every Space's record as it was when last written: the state, its latest stays, its URL."""
    stays: dict[str, list[Stay]] = {}
    falls: dict[str, list[float]] = {}
    fallen: set[str] = set()
    columns = (CHANGES.c.space, CHANGES.c.at, CHANGES.c.field, CHANGES.c.old, CHANGES.c.new)
    wanted = sa.select(*columns).where(CHANGES.c.field.in_(("stage", "url", "sha")))
    lately = sa.or_(CHANGES.c.at > now - REMEMBERED, CHANGES.c.id.in_(_latest_stages()))
    for space, at, field, old, new in connection.execute(
        wanted.where(lately).order_by(CHANGES.c.at, CHANGES.c.id)
    ):
        known = stays.setdefault(space, [])
        if field == "stage":
            if known:
                known[-1] = known[-1]._replace(until=at)
            known.append(Stay(new, at, None, bool(old), known[-1].sha if known else ""))
            del known[:-KEPT_STAYS]
            if space in fallen and new not in SERVING:
                falls[space].pop()  # as in `change.merge`: the URL's fall was the stage's
                fallen.discard(space)
        elif field == "sha" and known:
            known[-1] = known[-1]._replace(sha=new)
        elif field == "url" and ANSWERS.get(old) and ANSWERS.get(new) is False:
            falls.setdefault(space, []).append(at)
            fallen.add(space)
        elif field == "url" and ANSWERS.get(new):
            fallen.discard(space)
    records = {}
    for row in connection.execute(sa.select(SPACES)).mappings():
        space = row["space"]
        seen = Seen(
            **{name: row[name] for name in Seen._fields if name not in ("at", "heard")},
            at=row["last_seen"],
        )
        kept = tuple(stays.get(space, ())) or (Stay(seen.stage, row["first_seen"], None, False, seen.sha),)
        kept = (*kept[:-1], kept[-1]._replace(sha=seen.sha))
        url = Url(
            row["answer"],
            row["answer_since"],
            int(bool(row["answer"])),
            tuple(falls.get(space, ())[-KEPT_FALLS:]),
        )
        records[space] = Record(seen, kept, url)
    return records


def _latest_stages() -> sa.Select[tuple[int]]:
    """The number of each Space's latest change of stage."""
    newest = sa.select(sa.func.max(CHANGES.c.id))
    return newest.where(CHANGES.c.field == "stage").group_by(CHANGES.c.space)


def touch(connection: Connection, run: int, now: float) -> None:
    """Note that somebody still watches."""
    connection.execute(sa.update(RUNS).where(RUNS.c.id == run).values(beat_at=now))


def begin_run(connection: Connection, now: float) -> int:
    """Note that somebody begins to watch; the number of the run."""
    return _inserted(connection, sa.insert(RUNS).values(started_at=now, beat_at=now))


def open_troubles(connection: Connection) -> list[Open]:
    """Every open trouble, oldest first."""
    columns = [TROUBLES.c[name] for name in Open._fields]
    found = connection.execute(
        sa.select(*columns).where(TROUBLES.c.closed_at.is_(None)).order_by(TROUBLES.c.id)
    )
    return [Open(*row) for row in found]


def open_trouble(connection: Connection, trouble: Trouble, now: float, incident: int = 0) -> Open:
    """Write a new trouble."""
    detail = clean(trouble.detail)
    values = {
        "space": trouble.space, "family": trouble.family, "kind": trouble.kind, "since": trouble.since,
        "opened_at": now, "detail": detail, "incident": incident,
        "cause": "", "domain": "", "sentence": "", "ended_by": "",
    }  # fmt: skip
    number = _inserted(connection, sa.insert(TROUBLES).values(values))
    return Open(
        number, trouble.space, trouble.family, trouble.kind, trouble.since, now, detail, incident=incident
    )


def update_trouble(connection: Connection, number: int, **values: object) -> None:
    """Change some columns of a trouble."""
    kept = {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}
    connection.execute(sa.update(TROUBLES).where(TROUBLES.c.id == number).values(kept))


def close_trouble(connection: Connection, number: int, now: float, ended_by: str) -> None:
    """Close a trouble, saying what ended it."""
    update_trouble(connection, number, closed_at=now, ended_by=ended_by)


def say(connection: Connection, number: int, said: Said) -> None:
    """Keep a trouble's diagnosis."""
    update_trouble(connection, number, sentence=said.sentence, cause=said.cause, domain=said.domain)


def begin_action(
    connection: Connection, space: str, trouble: int, rung: str, now: float, outcome: str
) -> int:
    """Write an action into the audit log before it is taken; its number."""
    values = {
        "space": space,
        "trouble": trouble,
        "rung": rung,
        "begun_at": now,
        "outcome": outcome,
        "detail": "",
    }
    return _inserted(connection, sa.insert(ACTIONS).values(values))


def end_action(connection: Connection, number: int, now: float, outcome: str, detail: str) -> None:
    """Write what came of an action."""
    values = {"ended_at": now, "outcome": outcome, "detail": clean(detail)}
    connection.execute(sa.update(ACTIONS).where(ACTIONS.c.id == number).values(values))


def interrupted_actions(connection: Connection, now: float) -> int:
    """Settle actions that a killed watcher had begun: what came of them is unknown, and they are not taken
    again. Gives their number."""
    done = connection.execute(
        sa.update(ACTIONS)
        .where(ACTIONS.c.outcome == "begun")
        .values(outcome="unknown", ended_at=now, detail="unstick was stopped meanwhile; not repeated")
    )
    return int(done.rowcount)


def actions_since(connection: Connection, since: float) -> list[tuple[str, int, str, float]]:
    """Space, trouble, rung and time of every action since then, oldest first."""
    columns = (ACTIONS.c.space, ACTIONS.c.trouble, ACTIONS.c.rung, ACTIONS.c.begun_at)
    found = connection.execute(sa.select(*columns).where(ACTIONS.c.begun_at >= since).order_by(ACTIONS.c.id))
    return [tuple(row) for row in found]


def prune(connection: Connection, before: float) -> int:
    """Forget what is older, but keep each Space's latest stay and everything of open troubles. Gives the
    number of rows that went."""
    still_open = sa.select(TROUBLES.c.id).where(TROUBLES.c.closed_at.is_(None))
    old_troubles = sa.and_(TROUBLES.c.closed_at.is_not(None), TROUBLES.c.closed_at < before)
    gone = 0
    for statement in (
        sa.delete(CHANGES).where(CHANGES.c.at < before, CHANGES.c.id.not_in(_latest_stages())),
        sa.delete(ALERTS).where(
            ALERTS.c.created_at < before, ALERTS.c.done_at.is_not(None), ALERTS.c.trouble.not_in(still_open)
        ),
        sa.delete(ACTIONS).where(ACTIONS.c.begun_at < before),
        sa.delete(TROUBLES).where(old_troubles),
        sa.delete(RUNS).where(RUNS.c.beat_at < before),
    ):
        gone += int(connection.execute(statement).rowcount)
    return gone


def _inserted(connection: Connection, statement: sa.Insert) -> int:
    key = connection.execute(statement).inserted_primary_key
    return int(key[0]) if key else 0
