"""Where the faults of the API act: before every call but those that switch them."""

from __future__ import annotations

import asyncio
import itertools

from starlette.concurrency import run_in_threadpool

from unstick.localhub.api import answers
from unstick.localhub.api.errors import ApiError
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from unstick.localhub.hub import Hub

EXEMPT = ("/admin/", "/index.json")
"""The switch itself, and the status page: on the platform that is another company's host."""

DELAY = 5.0
"""Seconds that a slow API takes for each call."""

ERRORS = (
    ApiError(500, "Internal Error - We're working hard to fix this as soon as possible!"),
    ApiError(503, "Service Temporarily Unavailable"),
)


class FaultyFront:
    """Slow while api-slow is on; fails every second call while api-failing is."""

    def __init__(self, hub: Hub, app: ASGIApp) -> None:
        self._hub = hub
        self._app = app
        self._calls = itertools.count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, late or not at all where a fault says so."""
        if scope["type"] != "http" or scope["path"].startswith(EXEMPT):
            await self._app(scope, receive, send)
            return
        slow, failing = await run_in_threadpool(self._on)
        if slow:
            await asyncio.sleep(DELAY)
        number = next(self._calls) if failing else 1
        if number % 2 == 0:
            await answers.of_error(ERRORS[number // 2 % len(ERRORS)])(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _on(self) -> tuple[bool, bool]:
        return self._hub.faults.on("api-slow"), self._hub.faults.on("api-failing")
