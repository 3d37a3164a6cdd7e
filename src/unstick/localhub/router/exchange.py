"""One request of a visitor and its answer: by a page of the edge, or by the app.

Both sides are h11 connections: what is passed on is written anew from what was understood, so that the app
cannot read it differently from the router.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid

import h11

from unstick.localhub.router import heads, pages, upstream
from unstick.localhub.router.decide import Verdict, decide
from unstick.localhub.router.splice import splice
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.router.heads import Asked, Headers
    from unstick.localhub.router.router import Router
    from unstick.localhub.router.wire import Wire

REUSED = frozenset((b"GET", b"HEAD", b"OPTIONS"))
"""Methods that go through idle connections: should the app have closed it, they are asked again."""

LINGER_BYTES = 4 * 1024 * 1024
LINGER_SECONDS = 3.0
MOST_HEAD = 64 * 1024


class Broken(Exception):
    """The app gave no whole answer: `status` for the visitor, `text` the cause; `unanswered` when not one byte
    of an answer came."""

    def __init__(self, status: int, text: str, unanswered: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.unanswered = unanswered


class Exchange:
    """One request on the connection `wire`, whose head `conn` has read."""

    def __init__(self, router: Router, wire: Wire, conn: h11.Connection, asked: Asked, peer: str) -> None:
        self.router, self.wire, self.conn, self.asked, self.peer = router, wire, conn, asked, peer
        self.request_id = f"Root=1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]}".encode()
        self.bad_body = ""
        self.sent = False
        self.progress: asyncio.Timeout | None = None

    async def run(self) -> bool:
        """Answer it; gives whether the connection can be used for another request."""
        from sqlalchemy.exc import DBAPIError

        try:
            verdict = await decide(self.router.hub, self.router.directory, self.router.signer, self.asked)
        except DBAPIError:
            verdict = Verdict(pages.text(503, "the hub's database does not answer; try again"))
        if verdict.page is not None:
            await self.page(verdict.page, verdict)
        else:
            try:
                await self._through(verdict)
            except Broken as broken:
                if self.sent:
                    self.wire.abort()  # the visitor has to see that something is missing
                    return False
                await self.page(self._broken(broken, verdict), verdict)
        return await self._finished()

    async def page(self, page: pages.Page, verdict: Verdict) -> None:
        """Answer with a page of the edge's own."""
        headers: Headers = [*page.headers, *verdict.edge, (b"x-request-id", self.request_id)]
        if page.status != 204:
            headers.append((b"content-length", b"%d" % len(page.body)))
        origin = self.asked.get(b"origin")
        if origin and page.status != 204:
            headers += [(b"access-control-allow-origin", origin), (b"vary", b"origin")]
        if self.conn.they_are_waiting_for_100_continue or self.bad_body:
            headers.append((b"connection", b"close"))
        out = self.conn.send(h11.Response(status_code=page.status, headers=headers)) or b""
        if self.asked.method != b"HEAD":
            out += self.conn.send(h11.Data(data=page.body)) or b""
        self.wire.write(out + (self.conn.send(h11.EndOfMessage()) or b""))
        self.sent = True
        await self.wire.drain()

    def _broken(self, broken: Broken, verdict: Verdict) -> pages.Page:
        if self.bad_body:
            return pages.text(400, self.bad_body)
        if broken.status == 503 and verdict.repo is not None:
            link = dict(verdict.edge)[b"link"].decode().partition(">")[0].removeprefix("<")
            return pages.in_error(verdict.repo.full_name, "RUNNING", broken.text, link, verdict.html)
        return pages.gateway(broken.status, broken.text, verdict.html)

    async def _through(self, verdict: Verdict) -> None:
        """Have the app answer. Raises Broken."""
        assert verdict.target is not None
        pool = self.router.pool
        again = self.asked.method in REUSED and not self.asked.body and not self.asked.upgrade
        connection = pool.take(verdict.target) if again else None
        if connection is not None:
            try:
                await self._over(connection, verdict)
                return
            except Broken as broken:
                if not broken.unanswered or self.sent:
                    raise
        try:
            connection = await upstream.dial(verdict.target)
        except OSError as error:
            reason = error.strerror or str(error) or "nobody answers"
            raise Broken(503, f"The router cannot connect to the app: {reason}.") from None
        await self._over(connection, verdict)

    async def _over(self, app: upstream.Upstream, verdict: Verdict) -> None:
        """The exchange over one connection to the app."""
        conn = h11.Connection(h11.CLIENT, MOST_HEAD)
        asked = verdict.asked or self.asked
        assert verdict.target is not None
        sender: asyncio.Task[None] | None = None
        try:
            try:
                headers = heads.upward(asked, self.peer, self.request_id, verdict.hidden)
                out = conn.send(h11.Request(method=asked.method, target=asked.target, headers=headers)) or b""
            except h11.LocalProtocolError as error:
                raise Broken(502, f"The request cannot be passed on: {error}.") from None
            if asked.body:
                app.write(out)
                sender = asyncio.create_task(self._send_body(conn, app))
            else:
                app.write(out + (conn.send(h11.EndOfMessage()) or b""))
            response = await self._head(conn, app)
            if response.status_code == 101:
                await self._splice(conn, app, response, verdict)
                return
            await self._answer(conn, app, response, verdict)
        finally:
            if sender is not None and not sender.done():
                sender.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await sender
            done = conn.our_state is h11.DONE and conn.their_state is h11.DONE
            if done and not app.lost and not conn.trailing_data[0]:
                self.router.pool.put(verdict.target, app)
            else:
                app.close()

    async def _head(
        self, conn: h11.Connection, app: upstream.Upstream
    ) -> h11.Response | h11.InformationalResponse:
        """The head of the app's answer; what comes before it (1xx) is passed on. Raises Broken."""
        limit = self.router.hub.settings.answer_timeout or None
        got = False
        try:
            async with asyncio.timeout(limit) as self.progress:
                while True:
                    event = conn.next_event()
                    if event is h11.NEED_DATA:
                        data = await app.read()
                        got = got or bool(data)
                        conn.receive_data(data)
                    elif isinstance(event, h11.InformationalResponse) and event.status_code != 101:
                        self._interim(event)
                    elif isinstance(event, (h11.Response, h11.InformationalResponse)):
                        return event
                    else:
                        raise Broken(502, "The app closed the connection before it answered.", not got)
        except TimeoutError:
            raise Broken(504, f"The app did not answer within {limit:g} s.") from None
        except ConnectionError:
            raise Broken(502, "The app reset the connection before it answered.", not got) from None
        except h11.RemoteProtocolError as error:
            if not got:
                raise Broken(502, "The app closed the connection before it answered.", True) from None
            raise Broken(502, f"The app's answer is not HTTP: {error}.") from None
        finally:
            self.progress = None

    def _interim(self, event: h11.InformationalResponse) -> None:
        if self.conn.their_http_version == b"1.1" and (
            event.status_code != 100 or self.conn.they_are_waiting_for_100_continue
        ):
            kept = [(key, value) for key, value in event.headers if key not in heads.HOP_BY_HOP]
            self.wire.write(
                self.conn.send(h11.InformationalResponse(status_code=event.status_code, headers=kept)) or b""
            )

    async def _answer(
        self,
        conn: h11.Connection,
        app: upstream.Upstream,
        response: h11.Response | h11.InformationalResponse,
        verdict: Verdict,
    ) -> None:
        """Pass the answer on as it comes. Raises Broken."""
        headers = heads.downward(
            response.headers, self.asked, self._edge(app, verdict), self._private(verdict)
        )
        assert verdict.target is not None
        try:
            final = h11.Response(status_code=response.status_code, headers=headers, reason=response.reason)
            out = [self.conn.send(final) or b""]
        except h11.LocalProtocolError as error:
            raise Broken(502, f"The app's answer is not HTTP: {error}.") from None
        self.sent = True
        while True:
            try:
                event = conn.next_event()
                if event is h11.NEED_DATA:
                    self.wire.write(b"".join(out))
                    out.clear()
                    await self.wire.drain()
                    conn.receive_data(await app.read())
                elif isinstance(event, h11.Data):
                    out.append(self.conn.send(h11.Data(data=event.data)) or b"")
                else:
                    break
            except (ConnectionError, h11.RemoteProtocolError) as error:
                raise Broken(502, f"The app's answer broke off: {error}.") from None
            self.router.directory.visit(verdict.target.repo)
        self.wire.write(b"".join(out) + (self.conn.send(h11.EndOfMessage()) or b""))
        await self.wire.drain()

    async def _send_body(self, conn: h11.Connection, app: upstream.Upstream) -> None:
        """Pass the request's body on as it comes."""
        try:
            while True:
                event = self.conn.next_event()
                if event is h11.NEED_DATA:
                    self.conn.receive_data(await self.wire.read())
                    continue
                app.write(
                    conn.send(
                        h11.Data(data=event.data) if isinstance(event, h11.Data) else h11.EndOfMessage()
                    )
                    or b""
                )
                await app.drain()
                if self.progress is not None and self.progress.when() is not None:
                    now = asyncio.get_running_loop().time()
                    self.progress.reschedule(now + self.router.hub.settings.answer_timeout)
                if not isinstance(event, h11.Data):
                    return
        except h11.RemoteProtocolError as error:
            self.bad_body = f"the body is not what its head says: {error}"
            app.abort()
        except (ConnectionError, h11.LocalProtocolError):
            return  # the app wants no more of it; it may have answered

    async def _splice(
        self,
        conn: h11.Connection,
        app: upstream.Upstream,
        response: h11.Response | h11.InformationalResponse,
        verdict: Verdict,
    ) -> None:
        kept = [(key, value) for key, value in response.headers if key not in heads.EDGE]
        head = self.conn.send(h11.InformationalResponse(
            status_code=101, headers=[*kept, *self._edge(app, verdict)], reason=response.reason,
        ))  # fmt: skip
        self.sent = True
        assert verdict.target is not None
        repo = verdict.target.repo
        app.unread(conn.trailing_data[0])
        self.wire.unread(self.conn.trailing_data[0])
        self.wire.write(head or b"")
        self.wire.joined = True
        await splice(self.wire, app, lambda: self.router.directory.visit(repo))

    def _edge(self, app: upstream.Upstream, verdict: Verdict) -> Headers:
        path = (verdict.asked or self.asked).target.partition(b"?")[0]
        replica = verdict.target.replica if verdict.target is not None else ""
        return [
            *verdict.edge,
            (b"x-proxied-host", b"http://" + app.address.encode()),
            (b"x-proxied-replica", replica.encode()),
            (b"x-proxied-path", path),
            (b"x-request-id", self.request_id),
        ]

    @staticmethod
    def _private(verdict: Verdict) -> bool:
        return verdict.repo is not None and verdict.repo.visibility == "private"

    async def _finished(self) -> bool:
        """Read what is left of a body that nobody wanted, so that the answer is not lost with the connection."""
        if self.conn.their_state is h11.SEND_BODY and not self.bad_body:
            with contextlib.suppress(TimeoutError, ConnectionError, h11.RemoteProtocolError):
                async with asyncio.timeout(LINGER_SECONDS):
                    await self._discard()
        return self.conn.our_state is h11.DONE and self.conn.their_state is h11.DONE

    async def _discard(self) -> None:
        if self.conn.they_are_waiting_for_100_continue:
            return
        left = LINGER_BYTES
        while left > 0 and self.conn.their_state is h11.SEND_BODY:
            event = self.conn.next_event()
            if event is h11.NEED_DATA:
                self.conn.receive_data(await self.wire.read())
            elif isinstance(event, h11.Data):
                left -= len(event.data)
            else:
                return
