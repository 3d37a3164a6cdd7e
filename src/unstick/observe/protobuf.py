"""Reads the wire format of protocol buffers without their descriptions.

Source: the public encoding guide of Protocol Buffers (varint, 64-bit, length-delimited and 32-bit fields).
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    Value = int | bytes

VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5
MOST_VARINT = 10


def fields(data: object) -> Iterator[tuple[int, Value]]:
    """The fields of a message in their order: (number, int or bytes); stops where the bytes are none."""
    if not isinstance(data, bytes):
        return
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        number, kind = tag >> 3, tag & 7
        value: Value
        if place < 0 or not number:
            return
        if kind == VARINT:
            value, place = _varint(data, place)
            if place < 0:
                return
        else:
            if kind == DELIMITED:
                size, place = _varint(data, place)
            else:
                size = {FIXED64: 8, FIXED32: 4}.get(kind, -1)
            if place < 0 or size < 0 or place + size > len(data):
                return
            value, place = data[place : place + size], place + size
        yield number, value


def messages(data: object, *path: int) -> list[bytes]:
    """The messages inside `data` that field numbers lead to, one number for each step down."""
    found = [data] if isinstance(data, bytes) else []
    for step in path:
        found = [
            value
            for item in found
            for number, value in fields(item)
            if number == step and isinstance(value, bytes)
        ]
    return found


def text(value: object) -> str:
    """A string field."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number and the place after it, which is -1 when there is none."""
    value = 0
    for count, byte in enumerate(data[place : place + MOST_VARINT]):
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, place + count + 1
    return 0, -1
