"""Connections to the running versions, taken from their doors; idle ones are kept for the next request."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket

from unstick.localhub.control import door
from unstick.localhub.router.wire import MOST, Wire, wake
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.routes import Target

IDLE_SECONDS = 4.0
"""How long an idle connection is kept: less than servers wait (uvicorn, gunicorn and Node close after 5 s or
less), so that a request seldom meets one that is being closed."""

MOST_IDLE = 32
"""Idle connections to one version."""

CONNECT_SECONDS = 10.0


class Upstream(Wire):
    """A connection to an app; `address` is the app's, as host:port."""

    address = ""
    idle: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """An app that has answered and then refuses the rest of a body resets the connection: writing fails
        before its answer was read, and the answer still waits in the kernel."""
        connection = (
            None if exc is None or self.transport is None else self.transport.get_extra_info("socket")
        )
        if connection is not None:
            with contextlib.suppress(OSError):
                while len(self._data) < MOST and (piece := os.read(connection.fileno(), MOST)):
                    self._data += piece
        super().connection_lost(exc)


class Pool:
    """The idle connections of all versions. Of one event loop, without locks."""

    def __init__(self) -> None:
        self._idle: dict[str, list[Upstream]] = {}

    def take(self, target: Target) -> Upstream | None:
        """An idle connection that still looks alive, or None."""
        waiting = self._idle.get(target.socket, [])
        while waiting:
            found = waiting.pop()
            if found.idle is not None:
                found.idle.cancel()
            if not found.ended and not found.lost:
                return found
            found.abort()
        self._idle.pop(target.socket, None)
        return None

    def put(self, target: Target, upstream: Upstream) -> None:
        """Keep a connection whose exchange is complete."""
        waiting = self._idle.setdefault(target.socket, [])
        if len(waiting) >= MOST_IDLE or upstream.ended:
            upstream.close()
            return
        waiting.append(upstream)
        upstream.idle = asyncio.get_running_loop().call_later(
            IDLE_SECONDS, self._expire, target.socket, upstream
        )

    def _expire(self, path: str, upstream: Upstream) -> None:
        upstream.close()
        waiting = self._idle.get(path, [])
        with contextlib.suppress(ValueError):
            waiting.remove(upstream)
        if not waiting:
            self._idle.pop(path, None)


async def dial(target: Target) -> Upstream:
    """A new connection to the app. Raises OSError with the reason (TimeoutError: nobody answered)."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(CONNECT_SECONDS):
        connection = await _through(target.socket)
        try:
            connection.setblocking(False)
            if connection.family != socket.AF_UNIX:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport, upstream = await loop.create_connection(Upstream, sock=connection)
        except BaseException:
            connection.close()
            raise
    peer = transport.get_extra_info("peername")
    upstream.address = f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else ""
    return upstream


async def _through(path: str) -> socket.socket:
    """Ask at a door without a thread: a hundred visitors of an app that hangs would take all threads."""
    asker = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with asker:
        asker.setblocking(False)
        while True:
            try:
                with door.address(path) as address:
                    asker.connect(address)
                break
            except BlockingIOError:  # as many as the door takes wait already
                await asyncio.sleep(0.01)
        await _readable(asker)
        answer, files, _, _ = socket.recv_fds(asker, door.MOST, 1)
    return door.received(answer, files)


async def _readable(asker: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(asker, wake, ready)
    try:
        await ready
    finally:
        loop.remove_reader(asker)
