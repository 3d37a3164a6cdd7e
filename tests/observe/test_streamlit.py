"""The wire format of protocol buffers, and what Streamlit's messages say in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.observe import protobuf
from unstick.observe.streamlit import AFTER_COMPILE_ERROR, QUIET, Run, Told, understood


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


NUMBERS = st.integers(1, 2**29 - 1)
VALUES = st.one_of(st.integers(0, 2**64 - 1), st.binary(max_size=300))


@given(st.lists(st.tuples(NUMBERS, VALUES)))
def test_what_is_written_is_read(items: list[tuple[int, int | bytes]]) -> None:
    assert list(protobuf.fields(b"".join(field(*item) for item in items))) == items


@given(st.lists(st.tuples(NUMBERS, VALUES), min_size=1), st.data())
def test_a_cut_message_gives_its_beginning(items: list[tuple[int, int | bytes]], data: st.DataObject) -> None:
    whole = b"".join(field(*item) for item in items)
    found = list(protobuf.fields(whole[: data.draw(st.integers(0, len(whole) - 1))]))
    assert len(found) < len(items)
    assert found == items[: len(found)]


@given(st.binary(max_size=500))
def test_any_bytes_are_understood_somehow(data: bytes) -> None:
    assert isinstance(understood(data), Told)


def test_fixed_sizes_are_stepped_over() -> None:
    data = b"\x09" + bytes(8) + b"\x15" + bytes(4) + field(3, 7)
    assert list(protobuf.fields(data)) == [(1, bytes(8)), (2, bytes(4)), (3, 7)]


def exception(kind: str, message: str, warning: bool = False) -> bytes:
    return field(1, kind.encode()) + field(2, message.encode()) + (field(5, 1) if warning else b"")


def element(number: int, content: bytes) -> bytes:
    return field(2, field(2, b"\0")) + field(5, field(3, field(number, content)))


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (element(8, exception("ValueError", "no model")), Told(error="ValueError: no model")),
        (element(8, exception("KeyError", "")), Told(error="KeyError")),
        (element(8, exception("DeprecationWarning", "soon", warning=True)), Told()),
        (element(30, exception("st.error", "is an alert")), Told()),
        (field(5, field(6, field(8, b"\1"))), Told()),
        (field(6, 0), Told(finished=0)),
        (field(6, 2), Told(finished=2)),
        (field(4, b""), Told(started=True)),
        (
            field(10, field(3, exception("SyntaxError", "invalid\nsyntax\x1b[31m"))),
            Told(error="SyntaxError: invalid syntax"),
        ),
    ],
)
def test_what_a_message_says(message: bytes, told: Told) -> None:
    assert understood(message) == told


STARTED, FINISHED, EARLY, UNCOMPILED = field(4, b""), field(6, 0), field(6, 2), field(6, 1)
WRONG = element(8, exception("ValueError", "no model"))
SYNTAX = field(10, field(3, exception("SyntaxError", "invalid syntax")))


@pytest.mark.parametrize(
    ("messages", "over", "raised"),
    [
        ((STARTED, FINISHED), True, ""),
        ((STARTED, WRONG, FINISHED), True, "ValueError: no model"),
        ((STARTED, WRONG, EARLY, STARTED, FINISHED), True, ""),
        ((STARTED, WRONG, STARTED, FINISHED), True, ""),
        ((UNCOMPILED,), False, "the script cannot be compiled"),
        ((UNCOMPILED, SYNTAX), True, "SyntaxError: invalid syntax"),
        ((SYNTAX, UNCOMPILED), True, "SyntaxError: invalid syntax"),
        ((STARTED, b"\xff\xff"), False, ""),
    ],
)
def test_a_run_is_followed_to_its_end(messages: tuple[bytes, ...], over: bool, raised: str) -> None:
    run = Run(100.0, 60.0)
    heard = [run.heard(message, 101.0) for message in messages]
    assert (heard[-1], any(heard[:-1])) == (over, False)
    assert run.raised == raised


def test_how_long_a_message_is_waited_for() -> None:
    run = Run(100.0, 60.0)
    assert run.patience(100.0) == QUIET
    assert run.patience(155.0) == 5.0
    run.heard(UNCOMPILED, 110.0)
    assert run.patience(110.0) == AFTER_COMPILE_ERROR
    assert run.patience(112.0) < 0
