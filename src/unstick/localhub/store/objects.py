"""Large files: which there are, and which repository has brought which.

Whoever knows the SHA-256 of another's file must not get the file for it, so that every repository holds only
what was uploaded to it.
"""

from __future__ import annotations

import time

import sqlalchemy as sa

from unstick.localhub.store import schema
from unstick.record import NamedTuple


class Held(NamedTuple):
    """A large file of a repository: `filename` as it was last committed ('' before that), `pushed` in seconds
    since 1970."""

    oid: str
    size: int
    filename: str
    pushed: float


def held(connection: sa.Connection, repo: int) -> dict[str, Held]:
    """All large files of a repository by their SHA-256, the oldest first."""
    rows = connection.execute(
        _joined().where(schema.holdings.c.repo == repo).order_by(schema.holdings.c.pushed)
    )
    return {one.oid: one for one in map(_held, rows)}


def find(connection: sa.Connection, repo: int, oid: str) -> Held | None:
    """One large file of a repository, or None."""
    wanted = (schema.holdings.c.repo == repo, schema.holdings.c.oid == oid)
    row = connection.execute(_joined().where(*wanted)).first()
    return None if row is None else _held(row)


def hold(connection: sa.Connection, repo: int, oid: str, size: int) -> None:
    """Note that a repository has a large file, which is stored already."""
    now = time.time()
    if not connection.execute(sa.select(schema.objects.c.oid).where(schema.objects.c.oid == oid)).first():
        connection.execute(schema.objects.insert().values(oid=oid, size=size, created=now))
    if find(connection, repo, oid) is None:
        connection.execute(schema.holdings.insert().values(repo=repo, oid=oid, filename="", pushed=now))


def name(connection: sa.Connection, repo: int, oid: str, filename: str) -> None:
    """Note under which name a large file was committed."""
    table = schema.holdings
    connection.execute(
        table.update().where(table.c.repo == repo, table.c.oid == oid).values(filename=filename)
    )


def drop(connection: sa.Connection, repo: int, oids: list[str]) -> None:
    """Note that a repository no longer has these."""
    table = schema.holdings
    connection.execute(table.delete().where(table.c.repo == repo, table.c.oid.in_(oids)))


def copy(connection: sa.Connection, source: int, target: int) -> None:
    """Give a repository all large files of another: it is its duplicate."""
    for one in held(connection, source).values():
        hold(connection, target, one.oid, one.size)
        name(connection, target, one.oid, one.filename)


def unheld(connection: sa.Connection, older: float) -> list[str]:
    """The large files that no repository has, stored before a time."""
    table = schema.objects
    nobody = ~sa.exists().where(schema.holdings.c.oid == table.c.oid)
    return [
        row.oid for row in connection.execute(sa.select(table.c.oid).where(nobody, table.c.created < older))
    ]


def everything(connection: sa.Connection) -> set[str]:
    """The SHA-256 of all large files."""
    return {row.oid for row in connection.execute(sa.select(schema.objects.c.oid))}


def forget(connection: sa.Connection, oid: str) -> None:
    """Take a large file that nobody has out of the table."""
    connection.execute(schema.objects.delete().where(schema.objects.c.oid == oid))


def total(connection: sa.Connection, repo: int) -> int:
    """The bytes of all large files of a repository."""
    joined = schema.holdings.join(schema.objects, schema.holdings.c.oid == schema.objects.c.oid)
    asked = sa.select(sa.func.coalesce(sa.func.sum(schema.objects.c.size), 0)).select_from(joined)
    return int(connection.execute(asked.where(schema.holdings.c.repo == repo)).scalar_one())


def _held(row: sa.Row[tuple[str, int, str, float]]) -> Held:
    return Held(row.oid, row.size, row.filename, row.pushed)


def _joined() -> sa.Select[tuple[str, int, str, float]]:
    joined = schema.holdings.join(schema.objects, schema.holdings.c.oid == schema.objects.c.oid)
    return sa.select(
        schema.objects.c.oid, schema.objects.c.size, schema.holdings.c.filename, schema.holdings.c.pushed
    ).select_from(joined)
