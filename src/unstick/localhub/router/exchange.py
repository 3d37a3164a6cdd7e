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
from unstick.localhub.router.passage import Broken, Passage
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.router.heads import Asked, Headers
    from unstick.localhub.router.router import Router
    from unstick.localhub.router.wire import Wire

REUSED = frozenset((b"GET", b"HEAD", b"OPTIONS"))
"""Methods that go through idle connections: should the app have closed it, they are asked again."""

LINGER_BYTES = 4 * 1024 * 1024
LINGER_SECONDS = 3.0


class Exchange:
    """One request on the connection `wire`, whose head `conn` has read."""

    def __init__(self, router: Router, wire: Wire, conn: h11.Connection, asked: Asked, peer: str) -> None:
        self.router, self.wire, self.conn, self.asked, self.peer = router, wire, conn, asked, peer
        self.request_id = f"Root=1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]}".encode()
        self.bad_body = ""
        self.sent = False

    async def run(self) -> bool:
        """Answer it; gives whether the connection can be used for another request."""
        from sqlalchemy.exc import SQLAlchemyError

        if not self.asked.body:
            self.conn.next_event()  # the end of the request
        try:
            verdict = await decide(self.router.hub, self.router.directory, self.router.signer, self.asked)
        except SQLAlchemyError:
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
        """The exchange over one connection, which is kept when it can be used again."""
        assert verdict.target is not None and verdict.repo is not None
        asked = verdict.asked or self.asked
        passage = Passage(self, app, verdict.target.repo, verdict.repo.visibility == "private")
        try:
            headers = heads.upward(asked, self.peer, self.request_id, verdict.hidden)
            await passage.run(asked, headers, self._edge(app, verdict))
        finally:
            self.bad_body = passage.bad_body
            if passage.whole:
                self.router.pool.put(verdict.target, app)
            else:
                app.close()

    def interim(self, event: h11.InformationalResponse) -> None:
        """Pass on what an app says before its answer."""
        if self.conn.their_http_version == b"1.1" and (
            event.status_code != 100 or self.conn.they_are_waiting_for_100_continue
        ):
            kept = [(key, value) for key, value in event.headers if key not in heads.HOP_BY_HOP]
            self.wire.write(
                self.conn.send(h11.InformationalResponse(status_code=event.status_code, headers=kept)) or b""
            )

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
