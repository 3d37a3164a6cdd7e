"""The first reader of every connection to the hub: requests to Spaces are proxied, the rest is the API's.

Each request of a connection is looked at anew, since a proxy in front of the hub may send requests for several hosts
through one connection. The API's are read by uvicorn's own protocol, which gives the connection back after
each whole exchange; both use h11, so that there is one reading of a request and not two.
"""

from __future__ import annotations

import asyncio
import re
import traceback
from functools import partial

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from unstick.localhub.router import heads, hosts
from unstick.localhub.router.exchange import Exchange
from unstick.localhub.router.passage import MOST_HEAD
from unstick.localhub.router.wire import MOST, Wire
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from uvicorn.config import Config
    from uvicorn.server import ServerState

    from unstick.localhub.router.router import Router

HEAD_SECONDS = 30.0
"""How long a visitor may take for the head of a request once it has begun."""

_END = re.compile(rb"\n\r?\n")
"""What h11 takes for the end of a head."""


def front_door(router: Router) -> Callable[..., asyncio.Protocol]:
    """What uvicorn's `http=` wants: it makes the protocol of a new connection."""
    return partial(FrontDoor, router)


class FrontDoor(Wire):
    """One connection to the hub."""

    def __init__(
        self, router: Router, config: Config, server_state: ServerState, app_state: dict[str, Any], **_: Any
    ) -> None:
        super().__init__()
        self._router, self._config, self._state, self._app_state = router, config, server_state, app_state
        self._connections: set[Any] = server_state.connections  # uvicorn's type names its own protocols only
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._searched = 0
        self._begun = False
        self._stopping = False
        self._peer = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A new connection."""
        super().connection_made(transport)
        self._connections.add(self)
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if isinstance(peer, tuple) else "127.0.0.1"
        self._wait(HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        """More of a request."""
        super().data_received(data)
        if self._task is None:
            self._next()

    def eof_received(self) -> bool | None:
        """The visitor goes; what is done for them ends, but what is left of a WebSocket is still passed on."""
        super().eof_received()
        if self._task is None:
            return None
        if not self.joined:
            self._task.cancel()
            return None
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The visitor is gone."""
        super().connection_lost(exc)
        self._connections.discard(self)
        self._wait(None)
        if self._task is not None:
            self._task.cancel()

    def shutdown(self) -> None:
        """The server stops: what is being answered is finished (uvicorn sets a limit to that); WebSockets end."""
        self._stopping = True
        if self._task is None or self.joined:
            self.close()

    def _next(self) -> None:
        """Look at the head of the next request, if it is there."""
        end = _END.search(self._data, max(0, self._searched - 3))
        if (len(self._data) if end is None else end.end()) > MOST_HEAD:
            self._refuse(heads.Refused(431, "the head of the request is too long"))
            return
        if end is None:
            self._searched = len(self._data)
            if self._data and not self._begun:
                self._begun = True
                self._wait(HEAD_SECONDS)
            return
        self._searched, self._begun = 0, False
        self._wait(None)
        head = bytes(self._data[: end.end()]).lower()
        if not any(mark in head for mark in hosts.MARKS):
            self._to_api()
            return
        self._to_space()

    def _to_space(self) -> None:
        conn = h11.Connection(h11.SERVER, MOST_HEAD)
        conn.receive_data(bytes(self._data))
        try:
            request = conn.next_event()
            asked = heads.read(request) if isinstance(request, h11.Request) else None
        except h11.RemoteProtocolError as error:
            self._refuse(heads.Refused(error.error_status_hint, str(error)))
            return
        except heads.Refused as refused:
            self._refuse(refused)
            return
        if asked is None:
            self._to_api()
            return
        self._data.clear()
        self.resume()
        exchange = Exchange(self._router, self, conn, asked, self._peer)
        self._task = asyncio.get_running_loop().create_task(self._answer(exchange))

    async def _answer(self, exchange: Exchange) -> None:
        again = False
        try:
            again = await exchange.run() and not self._stopping
        except ConnectionError:
            pass  # the visitor is gone
        except Exception as error:  # a fault of the router itself ends this connection, not the hub
            traceback.print_exception(error)
        finally:
            self._state.total_requests += 1
            self._task = None
            if not again:
                self.close()
        if again and not self.ended:
            self._data[:0] = exchange.conn.trailing_data[0]
            self._wait(self._config.timeout_keep_alive)
            self._next()

    def _to_api(self) -> None:
        """Have uvicorn's protocol read the request, and what comes until its answer is complete."""
        assert self.transport is not None
        self._connections.discard(self)
        self.resume()
        data = bytes(self._data)
        self._data.clear()
        api = _Api(self)
        self.transport.set_protocol(api)
        api.connection_made(self.transport)
        api.data_received(data)

    def back(self, data: bytes) -> None:
        """Take the connection back from uvicorn's protocol, with what it has read too much."""
        assert self.transport is not None
        self._connections.add(self)
        self.transport.set_protocol(self)
        self._full = self.transport.get_write_buffer_size() > MOST
        self._data[:0] = data
        self._wait(self._config.timeout_keep_alive)
        self._next()

    def _refuse(self, refused: heads.Refused) -> None:
        conn = h11.Connection(h11.SERVER)
        body = refused.text.encode()
        headers = [
            ("content-type", "text/plain; charset=utf-8"), ("content-length", str(len(body))), ("connection", "close"),
        ]  # fmt: skip
        out = conn.send(h11.Response(status_code=refused.status, headers=headers)) or b""
        self.write(out + (conn.send(h11.Data(data=body)) or b"") + (conn.send(h11.EndOfMessage()) or b""))
        self.close()

    def _wait(self, seconds: float | None) -> None:
        """Close the connection after some seconds without a whole head; None: not any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.close)


class _Api(H11Protocol):
    """uvicorn's protocol for one exchange."""

    def __init__(self, front: FrontDoor) -> None:
        super().__init__(front._config, front._state, front._app_state)
        self._front = front
        self._own = self.app
        self.app = self._guarded

    def on_response_complete(self) -> None:
        """Give the connection back, where the exchange is complete on both sides."""
        whole = self.conn.our_state is h11.DONE and self.conn.their_state is h11.DONE
        if not whole or self.transport.is_closing() or not self.cycle.keep_alive:
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self._unset_keepalive_if_required()
        self.connections.discard(self)
        self.flow.resume_reading()
        self._front.back(self.conn.trailing_data[0])

    def send_400_response(self, msg: str) -> None:
        """Refuse what follows; a call that is being answered finds its caller gone."""
        started = False
        if self.cycle is not None and not self.cycle.response_complete:
            started = self.cycle.response_started
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if started:
            self.transport.close()
        else:
            super().send_400_response(msg)

    def _should_upgrade(self) -> bool:
        """The API has nothing to upgrade to."""
        return False

    async def _guarded(self, scope: Any, receive: Any, send: Any) -> None:
        """A request that this protocol reads after an answer that came before the end of its request: it has not
        passed the front door."""
        host = next((value for key, value in scope["headers"] if key == b"host"), b"")
        if _of_a_space(host):
            await send({"type": "http.response.start", "status": 421, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._own(scope, receive, send)


def _of_a_space(host: bytes) -> bool:
    """Whether a Host header is a Space's, or pretends to be."""
    try:
        return hosts.parse(host.decode("latin-1")) is not None
    except ValueError:
        return True
