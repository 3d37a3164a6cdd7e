"""A connection as a stream of bytes, with back-pressure both ways and bounded memory."""

from __future__ import annotations

import asyncio
import contextlib

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

MOST = 256 * 1024
"""Bytes that wait on either side of a connection before the sender is held up."""


class Wire(asyncio.Protocol):
    """One connection. `read` and `drain` belong to one task each."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.ended = False
        self.lost = False
        self.joined = False  # with another connection: after the end of one side the other still goes on
        self._error: Exception | None = None
        self._data = bytearray()
        self._held = False
        self._full = False
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        made: Any = transport
        made.set_write_buffer_limits(MOST)
        self.transport, self._full = made, made.get_write_buffer_size() > MOST

    def data_received(self, data: bytes) -> None:
        """Keep what came; hold up the sender when it is too much."""
        self._data += data
        if len(self._data) >= MOST and not self._held and self.transport is not None:
            self._held = True
            self.transport.pause_reading()
        wake(self._reader)

    def eof_received(self) -> bool | None:
        """The other side sends nothing more; our own side stays open."""
        self.ended = True
        wake(self._reader)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits."""
        self.ended = self.lost = True
        self._error = exc
        wake(self._reader)
        wake(self._writer)

    def pause_writing(self) -> None:
        """The other side reads too slowly."""
        self._full = True

    def resume_writing(self) -> None:
        """It has caught up."""
        self._full = False
        wake(self._writer)

    async def read(self) -> bytes:
        """What has come, b'' at the end. Raises ConnectionError when the connection broke."""
        while not self._data:
            if self.ended:
                if self._error is not None:
                    raise ConnectionResetError(str(self._error)) from self._error
                return b""
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        data = bytes(self._data)
        self._data.clear()
        self.resume()
        return data

    def resume(self) -> None:
        """Let the sender go on."""
        if self._held and self.transport is not None and not self.lost:
            self._held = False
            self.transport.resume_reading()

    def unread(self, data: bytes) -> None:
        """Put back what was read too much."""
        self._data[:0] = data

    def write(self, data: bytes) -> None:
        """Send; follow it by `drain` where it may be much."""
        if self.transport is not None and not self.lost:
            self.transport.write(data)

    async def drain(self) -> None:
        """Wait until the other side has taken most of what was written. Raises ConnectionError when it is gone."""
        while self._full and not self.lost:
            self._writer = asyncio.get_running_loop().create_future()
            try:
                await self._writer
            finally:
                self._writer = None
        if self.lost:
            raise ConnectionResetError("the connection is gone")

    def end(self) -> None:
        """Say that nothing more will be sent."""
        if self.transport is not None and not self.lost and self.transport.can_write_eof():
            # The other side may have gone in this very moment, and the loop not know it yet.
            with contextlib.suppress(OSError):
                self.transport.write_eof()

    def close(self) -> None:
        """Close after what was written has been sent."""
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """Close at once: the other side sees that something is missing."""
        if self.transport is not None:
            self.transport.abort()


def wake(future: asyncio.Future[None] | None) -> None:
    """Let whoever waits for a future go on."""
    if future is not None and not future.done():
        future.set_result(None)
