"""The outbox: alerts that wait in the database until they are sent, each at most once.

States: `diagnosing` (its sentence is still being found), `pending` (to be sent), `held` (quiet hours or
maintenance), `sending`, and the last ones: `sent`, `failed` (given up), `dropped` (nothing to tell any
more), `unknown` (unstick was stopped while it sent this, so that it may have arrived or not).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from unstick.record import NamedTuple
from unstick.watch.schema import ALERTS
from unstick.watch.store import clean

WAITING = ("diagnosing", "pending", "held")
ATTEMPTS = 12
FIRST_WAIT = 5.0
LONGEST_WAIT = 900.0


class Alert(NamedTuple):
    """One alert: `event` is opened or cleared."""

    id: int
    trouble: int
    event: str
    state: str
    title: str
    body: str
    attempts: int


_COLUMNS = [ALERTS.c[name] for name in Alert._fields]


def put(
    connection: Connection, trouble: int, event: str, state: str, title: str, body: str, now: float
) -> None:
    """Put an alert into the outbox. The database refuses a second one of the same event."""
    values = {
        "trouble": trouble, "event": event, "state": state, "title": clean(title), "body": clean(body),
        "created_at": now, "attempts": 0, "next_at": now,
    }  # fmt: skip
    connection.execute(sa.insert(ALERTS).values(values))


def of_trouble(connection: Connection, trouble: int) -> dict[str, str]:
    """The states of a trouble's alerts by event."""
    found = connection.execute(sa.select(ALERTS.c.event, ALERTS.c.state).where(ALERTS.c.trouble == trouble))
    return {row.event: row.state for row in found}


def states(connection: Connection) -> dict[str, int]:
    """How many alerts are in which state."""
    found = connection.execute(sa.select(ALERTS.c.state, sa.func.count()).group_by(ALERTS.c.state))
    return {state: int(count) for state, count in found}


def waiting(connection: Connection, state: str, event: str = "") -> list[Alert]:
    """The alerts in one of the states of `WAITING`, oldest first."""
    wanted = sa.select(*_COLUMNS).where(ALERTS.c.state == state).order_by(ALERTS.c.id)
    if event:
        wanted = wanted.where(ALERTS.c.event == event)
    return [Alert(*row) for row in connection.execute(wanted)]


def move(connection: Connection, trouble: int, state: str, *, body: str = "", event: str = "opened") -> None:
    """Put an alert that still waits into another state, perhaps with a new text."""
    values = {"state": state} | ({"body": clean(body)} if body else {})
    connection.execute(
        sa.update(ALERTS)
        .where(ALERTS.c.trouble == trouble, ALERTS.c.event == event, ALERTS.c.state.in_(WAITING))
        .values(values)
    )


def take(connection: Connection, now: float) -> Alert | None:
    """The next alert to send, marked as being sent; None when there is nothing to do now.

    An alert that clears waits for the one that opened the same trouble.
    """
    earlier = ALERTS.alias()
    blocked = sa.exists().where(
        earlier.c.trouble == ALERTS.c.trouble,
        earlier.c.id < ALERTS.c.id,
        earlier.c.state.in_((*WAITING, "sending")),
    )
    row = connection.execute(
        sa.select(*_COLUMNS)
        .where(ALERTS.c.state == "pending", ALERTS.c.next_at <= now, ~blocked)
        .order_by(ALERTS.c.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    connection.execute(
        sa.update(ALERTS).where(ALERTS.c.id == row.id).values(state="sending", attempts=ALERTS.c.attempts + 1)
    )
    return Alert(*row)


def done(connection: Connection, alert: Alert, sent: bool, now: float) -> str:
    """Note what came of sending: `sent`, `pending` (again later) or `failed`."""
    tries = alert.attempts + 1
    state = "sent" if sent else "pending" if tries < ATTEMPTS else "failed"
    wait = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
    values: dict[str, object] = {"state": state, "next_at": now + wait}
    if state != "pending":
        values["done_at"] = now
    connection.execute(sa.update(ALERTS).where(ALERTS.c.id == alert.id).values(values))
    return state


def next_at(connection: Connection) -> float | None:
    """When the next alert is due, or None."""
    wanted = sa.select(sa.func.min(ALERTS.c.next_at)).where(ALERTS.c.state == "pending")
    found = connection.execute(wanted).scalar()
    return None if found is None else float(found)


def interrupted(connection: Connection, now: float) -> list[Alert]:
    """Settle the alerts that a killed watcher was sending: they are not sent again. Gives them."""
    found = [
        Alert(*row)
        for row in connection.execute(
            sa.select(*_COLUMNS).where(ALERTS.c.state == "sending").order_by(ALERTS.c.id)
        )
    ]
    if found:
        numbers = [alert.id for alert in found]
        connection.execute(
            sa.update(ALERTS).where(ALERTS.c.id.in_(numbers)).values(state="unknown", done_at=now)
        )
    return found
