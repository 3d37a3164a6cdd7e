"""The history database: opened, migrated, and held by one watcher at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from unstick.database_url import quiet_pool, url_of
from unstick.errors import UnreadableError, UsageError

SECONDS_TO_WAIT = 10
_ADVISORY = 7_860_501
"""The number of PostgreSQL's advisory lock that one watcher holds."""


def connect(given: str, *, create: bool = True) -> sa.Engine:
    """An engine for this address, migrated to the newest schema.

    With `create` false a database that is not there is an error. The engine's connections are checked before
    use, so a restart of the server costs one failed transaction at most.
    """
    quiet_pool()
    url = url_of(given)
    if url.drivername == "sqlite":
        _prepare_file(url, create)
    try:
        engine = sa.create_engine(url, pool_pre_ping=True, connect_args=_arguments(url))
        if url.drivername == "sqlite":
            sa.event.listen(engine, "connect", _set_up_sqlite)
        migrate(engine)
    except (SQLAlchemyError, NoSuchModuleError) as error:
        raise UnreadableError(
            f"cannot be used: {_reason(error)}", where=url.render_as_string(), reference="database",
            todo="Check the address, and that the server runs.",
        ) from None  # fmt: skip
    return engine


def migrate(engine: sa.Engine) -> None:
    """Bring the tables to the newest version; nothing happens when they are there already."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine.begin() as connection:
        if MigrationContext.configure(connection).get_current_revision() == newest:
            return
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise UnreadableError(
                f"was written by a newer unstick: {error}", where=engine.url.render_as_string(),
                reference="database", todo="Update unstick, or name another database.",
            ) from None  # fmt: skip


@contextmanager
def held(engine: sa.Engine) -> Iterator[None]:
    """Hold the database against a second watcher, which would tell everything twice.

    Raises UsageError when another one holds it. The hold ends with the process, however that ends.
    """
    if engine.url.drivername == "sqlite":
        yield from _held_file(str(engine.url.database))
        return
    connection = engine.connect()
    try:
        got = connection.execute(sa.select(sa.func.pg_try_advisory_lock(_ADVISORY))).scalar_one()
        connection.commit()
        if not got:
            raise _watched(engine.url.render_as_string())
        yield
    finally:
        # The server may have been restarted meanwhile, and the connection be gone.
        with suppress(SQLAlchemyError):
            connection.close()


def _held_file(path: str) -> Iterator[None]:
    if path in ("", ":memory:", "None"):
        yield
        return
    import fcntl

    with open(path + ".lock", "a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise _watched(path) from None
        yield


def _watched(where: str) -> UsageError:
    return UsageError(
        "another `unstick watch` uses this database", where=where, reference="already-watched",
        todo="Let it watch these Spaces too, or name another database with --database.",
    )  # fmt: skip


def _prepare_file(url: URL, create: bool) -> None:
    path = url.database or ":memory:"
    if path == ":memory:" or os.path.exists(path):
        return
    if not create:
        raise UnreadableError("there is no history yet", where=path, reference="no-history",
                              todo="`unstick watch owner/name` begins one.")  # fmt: skip
    try:
        os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
        # Private Spaces' names and error messages are nobody else's business.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
    except OSError as error:
        raise UnreadableError(f"cannot be created: {error.strerror}", where=path,
                              todo="Name another file with --database.") from None  # fmt: skip


def _arguments(url: URL) -> dict[str, object]:
    if url.drivername == "sqlite":
        return {"timeout": SECONDS_TO_WAIT, "check_same_thread": False}
    return {"timeout": SECONDS_TO_WAIT}


def _set_up_sqlite(connection: object, _record: object) -> None:
    """A reader never waits for the writer (WAL), and what is committed survives a kill."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _reason(error: Exception) -> str:
    """The driver's words in one line, without the statement and its values."""
    from unstick.observe.quotes import in_a_line

    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return in_a_line(str(cause), 200)
