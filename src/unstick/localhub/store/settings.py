"""Secrets and variables of Spaces."""

from __future__ import annotations

import time

import sqlalchemy as sa

from unstick.localhub.store import schema
from unstick.record import NamedTuple

KINDS = ("secret", "variable")


class Setting(NamedTuple):
    """One secret or variable (`kind`); `updated` in seconds since 1970."""

    kind: str
    name: str
    value: str
    description: str = ""
    updated: float = 0.0


def read(connection: sa.Connection, repo: int, kind: str) -> list[Setting]:
    """All of one kind, by name."""
    table = schema.settings
    rows = connection.execute(
        sa.select(table).where(table.c.repo == repo, table.c.kind == kind).order_by(table.c.name)
    )
    return [Setting(row.kind, row.name, row.value, row.description, row.updated) for row in rows]


def put(connection: sa.Connection, repo: int, setting: Setting) -> None:
    """Set one, instead of what stood under its name."""
    delete(connection, repo, setting.kind, setting.name)
    values = {**setting._asdict(), "updated": setting.updated or time.time()}
    connection.execute(schema.settings.insert().values(repo=repo, **values))


def delete(connection: sa.Connection, repo: int, kind: str, name: str) -> bool:
    """Remove one; whether it was there."""
    table = schema.settings
    wanted = (table.c.repo == repo, table.c.kind == kind, table.c.name == name)
    return bool(connection.execute(table.delete().where(*wanted)).rowcount)
