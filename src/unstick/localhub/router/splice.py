"""Two connections joined after an upgrade: bytes pass as they come, an end on one side ends the other."""

from __future__ import annotations

import asyncio
import contextlib

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from unstick.localhub.router.wire import Wire

END_SECONDS = 10.0
"""How long one side may go on after the other has ended."""


async def splice(one: Wire, other: Wire, passed: Callable[[], None]) -> None:
    """Pass bytes both ways until both sides have ended or one breaks, then close both; `passed` is called after
    each piece."""
    ways = [
        asyncio.ensure_future(_pass(one, other, passed)),
        asyncio.ensure_future(_pass(other, one, passed)),
    ]
    try:
        done, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        if left and all(way.exception() is None for way in done):
            await asyncio.wait(left, timeout=END_SECONDS)
    finally:
        for way in ways:
            way.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await way
        one.close()
        other.close()


async def _pass(source: Wire, sink: Wire, passed: Callable[[], None]) -> None:
    while data := await source.read():
        sink.write(data)
        await sink.drain()
        passed()
    sink.end()
