"""The engine: opened, checked, and given out as transactions."""

from __future__ import annotations

import sqlalchemy as sa

from unstick.database_url import quiet_pool
from unstick.errors import UnreadableError
from unstick.localhub.store import meta, schema
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

BUSY_SECONDS = 30


def open_database(url: str) -> sa.Engine:
    """The engine of a database, its tables made where they are not there.

    `url` is SQLAlchemy's: 'sqlite:////path/hub.db' or 'postgresql+pg8000://…'. Raises UnreadableError when
    it cannot be opened, or was written by a newer unstick.
    """
    try:
        engine = sa.create_engine(url, pool_pre_ping=True, connect_args=_arguments(url))
        quiet_pool()
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _durable)
            sa.event.listen(engine, "begin", _begin)
        schema.metadata.create_all(engine)
        with engine.begin() as connection:
            _check_version(connection, shown(url))
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        raise UnreadableError(
            f"cannot be opened: {told(error)}", where=shown(url),
            todo="Check the address, and that the database runs.",
        ) from None  # fmt: skip
    return engine


def _arguments(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        # pysqlite opens transactions late by itself; BEGIN is ours (SQLAlchemy docs, pysqlite dialect).
        return {"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None}
    return {}


def _durable(connection: Any, _: object) -> None:
    """An acknowledged commit outlives a kill and a loss of power."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def reading(engine: sa.Engine) -> sa.Engine:
    """The same database for transactions that only read: they neither wait for a writer nor hold one up."""
    return engine.execution_options(unstick_reads=True)


def _begin(connection: sa.Connection) -> None:
    """Writers take the lock at once: two transactions that read first and write later would fail."""
    reads = connection.get_execution_options().get("unstick_reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _check_version(connection: sa.Connection, where: str) -> None:
    version = meta.get(connection, "version")
    if not version:
        meta.put(connection, "version", str(schema.VERSION))
    elif version != str(schema.VERSION):
        raise UnreadableError(
            f"has tables of version {version}, this unstick has {schema.VERSION}", where=where,
            todo="Use the unstick that made it, or another data folder.",
        )  # fmt: skip


def told(error: Exception) -> str:
    """What a database's error says, in a line."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def shown(url: str) -> str:
    """A database's address without its password."""
    return sa.engine.make_url(url).render_as_string(hide_password=True)
