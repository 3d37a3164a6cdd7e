"""Event streams (server-sent events): woken by other threads, without a thread of their own."""

from __future__ import annotations

import asyncio
import json
import threading

import anyio
from starlette.responses import Response, StreamingResponse

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Receive, Scope, Send

    from unstick.localhub.hub import Hub

KEEP_ALIVE = 30.0
"""Seconds of silence after which a sign of life is sent. The client that does not follow a log goes after 5 s of
silence (huggingface_hub 2.4), so it must be more than that."""


class Waker:
    """Lets a stream wait for news that come from any thread. The same news twice count once."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()
        self._lock = threading.Lock()
        self._news: set[str] = set()

    def wake(self, news: str) -> None:
        """There is news. From any thread; costs next to nothing while the same are not seen yet."""
        with self._lock:
            if news in self._news:
                return
            self._news.add(news)
        try:
            self._loop.call_soon_threadsafe(self._event.set)
        except RuntimeError:
            return  # the hub ends: the loop is closed

    async def wait(self, seconds: float) -> set[str]:
        """Wait for news, those from before the call too; nothing when there are none for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return set()
        with self._lock:
            self._event.clear()
            news, self._news = self._news, set()
        return news


def event(value: object, name: str = "") -> str:
    """One event with a JSON value in one line. Everything beyond ASCII is escaped: readers that split lines as
    Python does would cut at U+2028."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(value, separators=(',', ':'))}\n\n"


LAST_SECONDS = 1.0
"""So long a reader has to take the end of its stream when the hub ends."""

EMPTY = "data:\n\n"


class EventStream(StreamingResponse):
    """An answer that is an event stream; its generator is closed as soon as the reader is gone or the hub ends."""

    def __init__(self, hub: Hub, events: AsyncGenerator[str, None]) -> None:
        headers = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
        super().__init__(events, headers=headers, media_type="text/event-stream")
        self._hub = hub
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; HEAD with the headers only."""
        if scope["method"] == "HEAD":
            await self._events.aclose()
            await Response(headers=dict(self.headers))(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        """Send the events, then close the generator whatever happened."""
        with anyio.CancelScope() as sending:
            forget = self._hub.at_end(sending.cancel)
            try:
                await super().stream_response(send)
            finally:
                forget()
                await self._events.aclose()
        if sending.cancel_called:
            with anyio.move_on_after(LAST_SECONDS):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
