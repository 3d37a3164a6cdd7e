"""A WebSocket to an untrusted server: its opening handshake, and messages within bounds of time and size.

Source: RFC 6455; frames are read by wsproto, which the library for HTTP brings along.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import time
from urllib.parse import urlsplit

from unstick.record import TYPE_CHECKING
from unstick.text import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any

    import httpx2

    from unstick.observe.live.wire import Wire

    Talk = Callable[["Channel"], Awaitable[None]]

ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""Of the opening handshake (RFC 6455, section 1.3)."""

MOST_MESSAGE = 256 * 1024
"""Bytes of a message that is kept; a longer one is passed over."""

MOST_BYTES = 32 * 1024 * 1024
MOST_FRAMES = 20_000
MOST_PONGS = 20
"""What is read of one connection in all, and how many pings are answered."""

AT_ONCE = 64 * 1024
CLOSING = 0.5
"""Seconds in which a connection that is not needed any more is taken leave of."""


class Channel:
    """An open WebSocket. Nothing here raises for what the other side does: `over` says why nothing more
    comes ('' while something may)."""

    def __init__(self, stream: Any) -> None:
        from wsproto.connection import Connection, ConnectionType

        self._stream = stream
        self._connection = Connection(ConnectionType.CLIENT)
        self._message = bytearray()
        self._size = self._bytes = self._frames = self._pings = 0
        self.over = ""

    async def send(self, message: bytes) -> None:
        """Send a binary message."""
        from wsproto.events import BytesMessage

        await self._send(BytesMessage(data=message), 5.0)

    async def receive(self, seconds: float) -> bytes | None:
        """The next binary message of at most `MOST_MESSAGE` bytes, or None when there is none in time or none
        any more."""
        until = time.monotonic() + seconds
        try:
            while not self.over and (left := until - time.monotonic()) > 0:
                for event in self._connection.events():
                    message = await self._taken(event)
                    if message is not None:
                        return message
                    if self.over or time.monotonic() > until:
                        return None
                await self._read(left)
        except Exception as error:  # whatever a hostile server provokes in the library ends the connection
            self.over = f"the WebSocket breaks off ({type(error).__name__})"
        return None

    async def close(self) -> None:
        """Take leave, as a browser does when its page is closed."""
        from wsproto.events import CloseConnection

        if not self.over:
            await self._send(CloseConnection(code=1001), CLOSING)
            self.over = "closed"

    async def _read(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                data = await self._stream.read(AT_ONCE)
        except TimeoutError:
            return
        self._bytes += len(data)
        if not data:
            self.over = "the WebSocket is closed"
        elif self._bytes > MOST_BYTES:
            self.over = f"more than {MOST_BYTES // 1024**2} MiB come"
        else:
            self._connection.receive_data(data)
        await asyncio.sleep(0)  # an endless stream must not keep the other sources waiting

    async def _taken(self, event: Any) -> bytes | None:
        """A message that is complete with this piece."""
        from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

        self._frames += 1
        if self._frames > MOST_FRAMES:
            self.over = f"more than {MOST_FRAMES} frames come"
        elif isinstance(event, CloseConnection):
            self.over = f"the WebSocket is closed ({int(event.code)})"
        elif isinstance(event, Ping):
            self._pings += 1
            if self._pings <= MOST_PONGS:
                await self._send(Pong(payload=event.payload), CLOSING)
        elif isinstance(event, (BytesMessage, TextMessage)):
            return self._whole(event)
        return None

    def _whole(self, event: Any) -> bytes | None:
        data = event.data if isinstance(event.data, (bytes, bytearray)) else b""
        self._size += len(event.data)
        if self._size <= MOST_MESSAGE:
            self._message += data
        if not event.message_finished:
            return None
        message = bytes(self._message) if data and self._size <= MOST_MESSAGE else None
        self._message.clear()
        self._size = 0
        return message

    async def _send(self, event: Any, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stream.write(self._connection.send(event))
        except Exception as error:
            self.over = f"the WebSocket breaks off ({type(error).__name__})"


async def connect(
    wire: Wire,
    url: str,
    *,
    headers: Mapping[str, str],
    protocol: str = "",
    anywhere: bool,
    seconds: float,
    talk: Talk | None = None,
) -> str:
    """Open a WebSocket and `talk` over it; why it does not open, or ''. `talk` has to end within `seconds`."""
    key = base64.b64encode(os.urandom(16)).decode()
    wanted = base64.b64encode(hashlib.sha1(key.encode() + ACCEPT, usedforsecurity=False).digest()).decode()
    opened = False

    async def upgraded(response: httpx2.Response) -> None:
        nonlocal opened
        opened = one_line(response.headers.get("sec-websocket-accept", "")) == wanted
        if opened and talk is not None:
            channel = Channel(response.extensions["network_stream"])
            await talk(channel)
            await channel.close()

    asked = {**headers, **_asked(url, key, protocol)}
    asked.pop("Accept-Encoding", None)
    answer = await wire.ask(
        url, headers=asked, seconds=seconds, most=2000, anywhere=anywhere, upgraded=upgraded
    )
    if opened:
        return ""
    if not answer.status:
        return f"the WebSocket does not open: {answer.error}"
    if answer.status != 101:
        return f"the WebSocket's handshake is answered {answer.status} instead of 101"
    return "the WebSocket's handshake is answered by something that does not speak it"


def _asked(url: str, key: str, protocol: str) -> Mapping[str, str]:
    split = urlsplit(url)
    return {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        "Origin": f"{split.scheme}://{split.netloc}",
        **({"Sec-WebSocket-Protocol": protocol} if protocol else {}),
    }
