"""Both logs of a Space: what there is of them, and whether they still move.

The event stream replays the history and then stays open. It is read with a deadline of our own: when nothing
came for half a second the history is over, and what comes within a second more is news.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

from unstick.observe.live import times
from unstick.observe.live.hub import Hub, reason_of
from unstick.observe.live.wire import Refused, unpacked
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.text import printable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any

    import httpx2

TAIL = 5000
"""Events that are asked for; a Hub that knows no tail sends all."""

QUIET = 0.5
"""Seconds without an event after which the history counts as replayed."""

MOST_READ = 48 * 1024 * 1024
MOST_LINE = 256 * 1024
KEPT_HEAD, KEPT_TAIL = 64 * 1024, 768 * 1024
"""Characters kept of the beginning and of the end of a log."""

LINE_KEPT = 8 * 1024
FRESH = 1.5
"""An event is news when it is younger than the answer's date plus this, in seconds."""


class Log(NamedTuple):
    """One log. `text` is the part since the last start (or build); `reason` says why there is none.

    `first` and `last` are the times of the oldest and newest event that was read, `now` the Hub's clock, all
    in seconds since 1970 or None; `moved` whether an event came while it was watched, None when it could not
    be watched because the history did not end in time; `cut` that only a part was read; `events` and
    `broken` count those that were read and those that were no log events.
    """

    kind: str
    text: str = ""
    reason: str = ""
    first: float | None = None
    last: float | None = None
    now: float | None = None
    begun: float | None = None
    moved: bool | None = None
    cut: bool = False
    events: int = 0
    broken: int = 0


async def read(hub: Hub, space: str, kind: str) -> Log:
    """One log of a Space, `kind` build or run, within the options' time for logs."""
    options = hub.options
    url = f"{hub.endpoint}/api/spaces/{space}/logs/{kind}?tail={TAIL}"
    headers = {**hub.headers, "Accept": "text/event-stream", "Accept-Encoding": "identity"}
    reader = _Reader(kind)
    opening = max(options.logs, options.patience)
    try:
        async with asyncio.timeout(opening + options.logs + options.follow):
            async with hub.wire.opened(url, headers=headers, anywhere=True, seconds=opening) as (response, _):
                reader.now = times.header(response.headers.get("date", ""))
                if response.status_code != 200:
                    return Log(kind, reason=_reason(response, bool(options.token)))
                await _follow(reader, unpacked(response, MOST_READ), options.logs, options.follow)
    except TimeoutError:
        reader.cut = reader.cut or reader.events > 0
        if not reader.events:
            return Log(kind, reason=f"the log did not come within {opening:g} s")
    except Refused as refused:
        return Log(kind, reason=f"the log cannot be read: {refused}")
    except Exception as error:  # whatever a hostile server provokes in the library
        if not reader.events:
            return Log(kind, reason=f"the log stream broke off: {type(error).__name__}")
        reader.cut = True
    return reader.log()


def _reason(response: httpx2.Response, with_token: bool) -> str:
    status = response.status_code
    if status in (401, 403):
        return (
            "logs are shown only to those who may write to the Space" if with_token else "only with a token"
        )
    return reason_of(status, "", response.headers, with_token)


async def _follow(reader: _Reader, pieces: AsyncIterator[bytes], seconds: float, follow: float) -> None:
    """Read the history, then watch. A task of its own takes the pieces, so that waiting can be given up
    without breaking the stream; an empty piece is the stream's end."""
    queue: asyncio.Queue[bytes] = asyncio.Queue(8)

    async def pump() -> None:
        try:
            async for piece in pieces:
                if piece:
                    await queue.put(piece)
        except Exception:  # a stream that breaks off has ended: what came of it counts
            reader.cut = True
        await queue.put(b"")

    task = asyncio.create_task(pump())
    try:
        await _take(reader, queue, seconds, follow)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _take(reader: _Reader, queue: asyncio.Queue[bytes], seconds: float, follow: float) -> None:
    """Feed the reader until the stream ends, the watch is over, or too much has come."""
    until = time.monotonic() + seconds
    watching = 0.0
    while not reader.cut or not queue.empty():
        now = time.monotonic()
        end = watching or (min(until, now + QUIET) if reader.events else until)
        try:
            piece = await asyncio.wait_for(queue.get(), max(end - now, 0.01))
        except TimeoutError:
            if watching or not reader.events:
                reader.moved = bool(reader.moved)
                return
            watching = time.monotonic() + follow
            continue
        before = reader.events
        reader.feed(piece)
        if not piece:
            reader.moved = bool(reader.moved)
            return
        if watching and reader.events > before:
            reader.moved = True
            return
        if reader.size > MOST_READ or (not watching and time.monotonic() > until):
            reader.cut = True
            return


class _Reader:
    """Takes the stream apart; keeps the beginning and the end of the log."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.now: float | None = None
        self.moved: bool | None = None
        self.cut = False
        self.events = self.broken = self.size = 0
        self.first: float | None = None
        self.last: float | None = None
        self._rest = b""
        self._skipping = False
        self._head: list[str] = []
        self._head_size = 0
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._dropped = False

    def feed(self, piece: bytes) -> None:
        """Take one piece of the stream."""
        self.size += len(piece)
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            if self._skipping:
                self._skipping = False
                continue
            self._line(line.rstrip(b"\r"))
        if len(self._rest) > MOST_LINE:
            self.broken += 1
            self._skipping, self._rest = True, b""

    def _line(self, line: bytes) -> None:
        if not line.startswith(b"data:"):
            return
        line = line[5:].strip()
        if not line:
            return
        event = _event(line)
        if event is None:
            self.broken += 1
            return
        self.events += 1
        text, at = event
        if at is not None:
            self.first = at if self.first is None else self.first
            self.last = at if self.last is None else max(self.last, at)
        self._keep(text)

    def _keep(self, text: str) -> None:
        text = text[:LINE_KEPT]
        if self._head_size < KEPT_HEAD:
            self._head.append(text)
            self._head_size += len(text) + 1
            return
        self._tail.append(text)
        self._tail_size += len(text) + 1
        while self._tail_size > KEPT_TAIL:
            self._tail_size -= len(self._tail.popleft()) + 1
            self._dropped = True

    def log(self) -> Log:
        """What was read."""
        parts = [*self._head, *(["[…]"] if self._dropped else []), *self._tail]
        text = printable("\n".join(part.rstrip("\r\n") for part in parts), lines=True)
        since = section(text)
        moved = self.moved
        if self.last is not None and self.now is not None and self.last > self.now + FRESH:
            moved = True
        return Log(
            self.kind, since, "", self.first, self.last, self.now, times.begun(since), moved,
            self.cut or self._dropped, self.events, self.broken,
        )  # fmt: skip


def _event(line: bytes) -> tuple[str, float | None] | None:
    """Text and time of one event, or None for what is no log event."""
    import msgspec

    try:
        data: Any = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    if not isinstance(data, dict) or not isinstance(data.get("data"), str):
        return None
    stamp = data.get("timestamp")
    return data["data"], times.moment(stamp) if isinstance(stamp, str) else None


def section(text: str) -> str:
    """The part of a log since the last start or build; earlier ones are history."""
    at = max(text.rfind("===== Application Startup at"), text.rfind("===== Build Queued at"))
    return text[at:] if at > 0 else text
