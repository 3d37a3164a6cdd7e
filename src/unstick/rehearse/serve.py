"""A local address that passes every connection on to the app, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from concurrent.futures import ThreadPoolExecutor

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Dial = Callable[[], socket.socket]

CHUNK = 64 * 1024
"""Bytes held for each direction of a connection; a reader that is slow slows the writer."""

DIALS = 16
"""Connections to the app that may be in the making at once."""

RETRY = 0.1
"""Seconds until the next attempt when the process has no file descriptors left."""

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with a time of 0: closing sends a reset, so that a cut-off answer does not look complete."""


class Server:
    """What `serve` started: `port` is where it listens on 127.0.0.1."""

    def __init__(self, dial: Dial, port: int) -> None:
        self._dial = dial
        self._listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._executor = ThreadPoolExecutor(DIALS, thread_name_prefix="unstick-dial")
        self._loop = asyncio.new_event_loop()
        self._closed = False
        self._accepting = self._loop.create_task(self._accept())
        self._thread = threading.Thread(target=self._run, name="unstick-serve", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and end all connections. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self._loop.call_soon_threadsafe(self._accepting.cancel)
        self._thread.join()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._accepting)
        self._loop.close()

    async def _accept(self) -> None:
        """Accept until cancelled. Not with `sock_accept`: cancelled in the wrong moment it loses a connection
        that it has accepted already, and nobody ever closes that."""
        connections: set[asyncio.Task[None]] = set()

        def accept() -> None:
            try:
                client, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError:
                # No descriptor left: the connection waits, and the loop must not turn for it meanwhile.
                self._loop.remove_reader(self._listener)
                self._loop.call_later(RETRY, listen)
                return
            task = self._loop.create_task(self._pass_on(client))
            connections.add(task)
            task.add_done_callback(connections.discard)

        def listen() -> None:
            if not self._closed:
                self._loop.add_reader(self._listener, accept)

        listen()
        try:
            await self._loop.create_future()
        finally:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            for task in connections:
                task.cancel()
            await asyncio.gather(*connections, return_exceptions=True)

    async def _pass_on(self, client: socket.socket) -> None:
        """One connection, until both sides have said all, or one breaks."""
        app: socket.socket | None = None
        client.setblocking(False)
        try:
            app = await self._loop.run_in_executor(self._executor, self._connect)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(client, app))
                group.create_task(self._pump(app, client))
        except (OSError, BaseExceptionGroup):
            for end in (client, app):
                if end is not None:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        finally:
            client.close()
            if app is not None:
                app.close()

    def _connect(self) -> socket.socket:
        connection = self._dial()
        if self._closed:
            connection.close()
            raise ConnectionAbortedError("the server was closed")
        connection.setblocking(False)
        return connection

    async def _pump(self, source: socket.socket, target: socket.socket) -> None:
        """Pass on what `source` sends; its end is passed on as well, and the other direction stays open."""
        while data := await self._loop.sock_recv(source, CHUNK):
            await self._loop.sock_sendall(target, data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


def serve(dial: Dial, port: int = 0) -> Server:
    """Listen on 127.0.0.1 (`port` 0: a free one) and pass connections on to what `dial` gives.

    A connection that `dial` refuses with an OSError is closed. Raises OSError when the port is taken.
    """
    return Server(dial, port)
