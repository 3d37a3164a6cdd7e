"""One request and its answer over one connection to an app."""

from __future__ import annotations

import asyncio
import contextlib

import h11

from unstick.localhub.router import heads
from unstick.localhub.router.splice import splice
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.router.exchange import Exchange
    from unstick.localhub.router.heads import Asked, Headers
    from unstick.localhub.router.upstream import Upstream

    Final = h11.Response | h11.InformationalResponse

MOST_HEAD = 64 * 1024
"""Bytes that the head of a request or an answer may have."""


class Broken(Exception):
    """The app gave no whole answer: `status` for the visitor, `text` the cause; `unanswered` when not one byte
    of an answer came."""

    def __init__(self, status: int, text: str, unanswered: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.unanswered = unanswered


class Passage:
    """Passes a request on to an app, and its answer to the visitor of `exchange`."""

    def __init__(self, exchange: Exchange, app: Upstream, repo: int, private: bool) -> None:
        self.exchange, self.app, self.repo, self.private = exchange, app, repo, private
        self.conn = h11.Connection(h11.CLIENT, MOST_HEAD)
        self.limit = exchange.router.hub.settings.answer_timeout or None
        self.waiting: asyncio.Timeout | None = None
        self.bad_body = ""

    @property
    def whole(self) -> bool:
        """Whether the connection can be used for another request."""
        done = self.conn.our_state is h11.DONE and self.conn.their_state is h11.DONE
        return done and not self.app.ended and not self.conn.trailing_data[0]

    async def run(self, asked: Asked, headers: Headers, edge: Headers) -> None:
        """Do it; `edge` headers go onto the answer. Raises Broken."""
        sender: asyncio.Task[None] | None = None
        try:
            out = _bytes(self.conn, h11.Request(method=asked.method, target=asked.target, headers=headers))
            if asked.body:
                self.app.write(out)
                sender = asyncio.create_task(self._send_body())
            else:
                self.app.write(out + _bytes(self.conn, h11.EndOfMessage()))
            response = await self._head()
            if response.status_code == 101:
                await self._splice(response, edge)
            else:
                await self._answer(response, edge)
        finally:
            if sender is not None:
                sender.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await sender

    async def _send_body(self) -> None:
        """Pass the request's body on as it comes."""
        visitor = self.exchange.conn
        try:
            while True:
                event = visitor.next_event()
                if event is h11.NEED_DATA:
                    visitor.receive_data(await self.exchange.wire.read())
                    continue
                more = isinstance(event, h11.Data)
                piece = h11.Data(data=event.data) if isinstance(event, h11.Data) else h11.EndOfMessage()
                self.app.write(_bytes(self.conn, piece))
                await self.app.drain()
                if self.waiting is not None and self.limit:
                    self.waiting.reschedule(asyncio.get_running_loop().time() + self.limit)
                if not more:
                    return
        except h11.RemoteProtocolError as error:
            self.bad_body = f"the body is not what its head says: {error}"
            self.app.abort()
        except (ConnectionError, h11.LocalProtocolError):
            return  # the app wants no more of it; it may have answered

    async def _head(self) -> Final:
        """The head of the answer; what comes before it (1xx) is passed on. Raises Broken."""
        got = False
        try:
            async with asyncio.timeout(self.limit) as self.waiting:
                while True:
                    event = self.conn.next_event()
                    if event is h11.NEED_DATA:
                        data = await self.app.read()
                        got = got or bool(data)
                        self.conn.receive_data(data)
                    elif isinstance(event, h11.InformationalResponse) and event.status_code != 101:
                        self.exchange.interim(event)
                    elif isinstance(event, (h11.Response, h11.InformationalResponse)):
                        return event
        except TimeoutError:
            raise Broken(504, f"The app did not answer within {self.limit:g} s.") from None
        except ConnectionError:
            raise Broken(502, "The app reset the connection before it answered.", not got) from None
        except h11.RemoteProtocolError as error:
            if not got:
                raise Broken(502, "The app closed the connection before it answered.", True) from None
            raise Broken(502, f"The app's answer is not HTTP: {error}.") from None
        finally:
            self.waiting = None

    async def _answer(self, response: Final, edge: Headers) -> None:
        """Pass the answer on as it comes. Raises Broken."""
        exchange, visitor = self.exchange, self.exchange.conn
        headers = heads.downward(response.headers, exchange.asked, edge, self.private)
        try:
            out = [
                _bytes(
                    visitor,
                    h11.Response(status_code=response.status_code, headers=headers, reason=response.reason),
                )
            ]
        except h11.LocalProtocolError as error:
            raise Broken(502, f"The app's answer is not HTTP: {error}.") from None
        exchange.sent = True
        while True:
            try:
                event = self.conn.next_event()
                if event is h11.NEED_DATA:
                    exchange.wire.write(b"".join(out))
                    out.clear()
                    await exchange.wire.drain()
                    self.conn.receive_data(await self.app.read())
                    exchange.router.directory.visit(self.repo)
                elif isinstance(event, h11.Data):
                    out.append(_bytes(visitor, h11.Data(data=event.data)))
                else:
                    break
            except (ConnectionError, h11.RemoteProtocolError) as error:
                raise Broken(502, f"The app's answer broke off: {error}.") from None
        exchange.wire.write(b"".join(out) + _bytes(visitor, h11.EndOfMessage()))
        await exchange.wire.drain()

    async def _splice(self, response: Final, edge: Headers) -> None:
        """The connection becomes something else (101): join both sides until they end."""
        exchange, wire = self.exchange, self.exchange.wire
        headers = heads.downward(response.headers, exchange.asked, edge, self.private)
        headers += [(b"connection", b"Upgrade"), (b"upgrade", b"websocket")]
        out = _bytes(
            exchange.conn, h11.InformationalResponse(status_code=101, headers=headers, reason=response.reason)
        )
        exchange.sent = wire.joined = True
        self.app.unread(self.conn.trailing_data[0])
        wire.unread(exchange.conn.trailing_data[0])
        wire.write(out)
        await splice(wire, self.app, lambda: exchange.router.directory.visit(self.repo))


def _bytes(conn: h11.Connection, event: h11.Event) -> bytes:
    """An event as it goes over the wire."""
    return conn.send(event) or b""
