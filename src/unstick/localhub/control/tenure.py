"""One hub at a time on a database.

A lock of the data folder does not tell hubs apart that share a PostgreSQL database. There a hub holds an advisory
lock of the session on a connection of its own (PostgreSQL docs, 13.3.5): it ends with that connection, so that
neither a kill of the hub nor one of the database leaves it behind. Who took it last stands in the table `meta`:
a hub that lost its connection learns from it whether another has come meanwhile, and what a hub writes of Spaces is
only taken while its name still stands there. SQLite is a file of one machine; the data folder's lock is enough.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import time

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from unstick.errors import UnreadableError, UsageError
from unstick.localhub.store import meta
from unstick.localhub.store.database import shown, told
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.hub import Hub

KEY = 0x756E737469636B
"""The number of the lock within its database: "unstick" in ASCII."""

LOOK = 1.0
"""Seconds between two looks whether the lock is still held."""

ANSWER = 5.0
"""Seconds after which a database that does not answer counts as gone."""

PATIENCE = 5.0
"""Seconds in which a hub that starts waits for the lock: the server needs a moment to notice a kill."""

SESSION = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
"""A machine that lost its power says no goodbye: the server asks, and frees the lock after 25 seconds."""

NAME = "hub"
"""The row of `meta` that says who is the hub."""


class Replaced(SQLAlchemyError):
    """Another hub has taken the database over: nothing is written."""


class Tenure:
    """That this hub is the only one of its database. Raises UsageError when another is, UnreadableError when the
    database does not answer."""

    def __init__(self, hub: Hub) -> None:
        self._engine = hub.engine
        self._where = shown(hub.settings.database_url)
        self._connection: sa.Connection | None = None
        self._process = 0
        self._own: sa.Engine | None = None
        place = f"process {os.getpid()} on {socket.gethostname()}, with {hub.settings.data}"
        self.name = f"{secrets.token_hex(8)} {place}"
        if self._engine.dialect.name == "postgresql":
            self._own = sa.create_engine(
                self._engine.url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT",
                connect_args={"timeout": ANSWER},
            )  # fmt: skip
        try:
            self._begin()
        except (SQLAlchemyError, OSError) as error:
            self.close()
            raise UnreadableError(f"does not answer: {told(error)}", where=self._where) from None
        except UsageError:
            self.close()
            raise

    def holds(self) -> bool:
        """Whether this hub is the one now: looks, and takes a lock that was lost again. False while the database is
        away. Raises UnreadableError when another hub has come meanwhile."""
        if self._own is None:
            return True
        try:
            if self._process and self._asked() == self._process:
                return True
            self._drop()
            taken = self._taken()
            last = self._last()
        except (SQLAlchemyError, OSError):
            self._drop()
            return False
        if last == self.name:
            # Not taken: the server has not noticed yet that our last connection is gone, or another hub is about to
            # write its name.
            return taken
        raise UnreadableError(
            f"another hub has taken this database: {_place(last)}", where=self._where,
            todo="This one ends. Run one hub for each database.",
        )  # fmt: skip

    def close(self) -> None:
        """Let another hub have it."""
        self._drop()
        if self._own is not None:
            self._own.dispose()

    def _begin(self) -> None:
        until = time.monotonic() + PATIENCE
        while self._own is not None and not self._taken():
            if time.monotonic() > until:
                raise UsageError(
                    f"another hub uses this database: {_place(self._last())}", where=self._where,
                    todo="Stop it, or name another database.",
                )  # fmt: skip
            time.sleep(0.1)
        with self._engine.begin() as connection:
            meta.put(connection, NAME, self.name)

    def _taken(self) -> bool:
        """Try to take the lock; whether it is held now."""
        if self._connection is None:
            assert self._own is not None
            self._connection = self._own.connect()
            for command in SESSION.split("; "):
                self._connection.exec_driver_sql(command)
        if not self._connection.execute(sa.select(sa.func.pg_try_advisory_lock(KEY))).scalar():
            return False
        self._process = self._asked()
        return True

    def _asked(self) -> int:
        """The server's process of the connection: another one, behind a pooler, would not have the lock."""
        assert self._connection is not None
        return int(self._connection.execute(sa.select(sa.func.pg_backend_pid())).scalar_one())

    def _last(self) -> str:
        """Who took the database last."""
        assert self._connection is not None
        return meta.get(self._connection, NAME)

    def _drop(self) -> None:
        connection, self._connection, self._process = self._connection, None, 0
        if connection is not None:
            with contextlib.suppress(Exception):  # it is broken: that is why it is dropped
                connection.invalidate()
            with contextlib.suppress(Exception):
                connection.close()


def hold(connection: sa.Connection, name: str) -> None:
    """Keep others from taking the database over until this transaction ends. Raises Replaced when one has; `name`
    is that of a Tenure ('' for a hub without: nothing is checked)."""
    if not name:
        return
    if meta.get(connection, NAME, hold=True) != name:
        raise Replaced("another hub has taken this database")


def _place(name: str) -> str:
    return name.partition(" ")[2] or "it has not said which"
