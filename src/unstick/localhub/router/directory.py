"""What the hub knows of a host and of its visitors, kept for a moment so that requests do not wait for the
database."""

from __future__ import annotations

import asyncio
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from unstick.localhub.store import accounts, repos, schema, spaces
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from unstick.localhub.hub import Hub

FRESH = 0.25
"""Seconds for which an answer of the database is used again, where nothing is said to have changed."""

STALE = 60.0
"""Seconds for which it serves while the database does not answer."""

MOST = 4096
VISIT_SECONDS = 60.0


class Known(NamedTuple):
    """What is behind a host label: `repo` and `row` None where there is no Space; `refused` while the router
    fails to connect to its app."""

    repo: repos.Repo | None = None
    row: spaces.Row | None = None
    refused: bool = False


class _Kept(NamedTuple):
    value: Any
    at: float
    version: int


class Directory:
    """Looks up hosts, tokens and accounts, and notes visits; each in threads of its own."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._threads = ThreadPoolExecutor(4, "router")
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._asking: dict[tuple[str, str], asyncio.Future[Any]] = {}
        self._visits: dict[int, float] = {}
        self._version = 0
        self._intervals: dict[int, float] = {}
        self._stop = hub.listen(self._changed)

    def close(self) -> None:
        """End its threads."""
        self._stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def space(self, label: str) -> Known:
        """The Space of a host label. Raises an SQLAlchemyError when the database has been away for long."""
        found: Known = await self._ask(("space", label), self._find)
        return found

    async def bearer(self, token: str) -> accounts.Caller | None:
        """Whom a token belongs to; None when it is none of this hub's."""
        found: accounts.Caller | None = await self._ask(("token", token), self._caller)
        return found

    async def account(self, name: str) -> accounts.Caller:
        """An account as a caller who reads; nobody when it is gone."""
        found: accounts.Caller = await self._ask(("account", name), self._member)
        return found

    def visit(self, repo: int, wake: bool = False) -> None:
        """Note a visit, once in a while; `wake` asks for the start of a sleeping Space."""
        now = time.monotonic()
        if now - self._visits.get(repo, -1e9) < (1.0 if wake else self._intervals.get(repo, VISIT_SECONDS)):
            return
        self._visits[repo] = now
        self._threads.submit(self._touch, repo, wake)

    def _touch(self, repo: int, wake: bool) -> None:
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            with self.hub.engine.begin() as connection:
                spaces.touch(connection, repo, **({"wake": True} if wake else {}))
            if wake:
                self.hub.changed(repo)

    async def _ask(self, key: tuple[str, str], ask: Callable[[str], Any]) -> Any:
        kept = self._kept.get(key)
        if kept is not None and kept.version == self._version and time.monotonic() - kept.at < FRESH:
            return kept.value
        asking = self._asking.get(key)
        if asking is None:
            loop = asyncio.get_running_loop()
            asking = loop.create_task(self._fresh(key, ask))
            self._asking[key] = asking
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        return await asyncio.shield(asking)

    async def _fresh(self, key: tuple[str, str], ask: Callable[[str], Any]) -> Any:
        version, now = self._version, time.monotonic()
        try:
            value = await asyncio.get_running_loop().run_in_executor(self._threads, ask, key[1])
        except sa.exc.SQLAlchemyError:
            kept = self._kept.get(key)
            if kept is None or now - kept.at > STALE:
                raise
            return kept.value
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = _Kept(value, now, version)
        return value

    def _changed(self, repo: int) -> None:
        self._version += 1

    def _find(self, label: str) -> Known:
        with self.hub.reads.begin() as connection:
            repo = repos.by_subdomain(connection, label)
            row = None if repo is None else spaces.get(connection, repo.id)
        if repo is None or row is None:
            return Known()
        asleep_after = row.sleep if row.sleep is not None and row.sleep > 0 else self.hub.settings.sleep_after
        self._intervals[repo.id] = min(VISIT_SECONDS, asleep_after / 4)
        self.hub.routes.check(repo.id)
        return Known(repo, row, self.hub.faults.on("proxy-503", repo.id))

    def _caller(self, token: str) -> accounts.Caller | None:
        with self.hub.reads.begin() as connection:
            return accounts.caller(connection, token)

    def _member(self, name: str) -> accounts.Caller:
        members = schema.members
        with self.hub.reads.begin() as connection:
            known = connection.execute(
                sa.select(schema.accounts.c.name).where(schema.accounts.c.name == name)
            ).first()
            roles = connection.execute(
                sa.select(members.c.org, members.c.role).where(members.c.member == name)
            ).all()
        if known is None:
            return accounts.NOBODY
        return accounts.Caller(name, "read", orgs=tuple((row.org, row.role) for row in roles))
