"""Long answers, long bodies, WebSockets: passed on as they come, and held up where nobody takes them."""

from __future__ import annotations

import hashlib
import socket
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localhub.router.world import App, Asked, World, exactly, line
from localhub.serving import until

HELD = 48 * 1024 * 1024
"""More than all buffers between two sockets on one machine hold."""


def head(connection: socket.socket) -> bytes:
    """The head of an answer."""
    out = b""
    while not out.endswith(b"\r\n\r\n"):
        piece = connection.recv(1)
        if not piece:
            break
        out += piece
    return out


def test_events_arrive_one_by_one(hub: World) -> None:
    go = threading.Semaphore(0)

    def events(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        for number in range(3):
            go.acquire(timeout=10)
            data = b"data: %d\n\n" % number
            connection.sendall(b"%x\r\n%s\r\n" % (len(data), data))
        connection.sendall(b"0\r\n\r\n")

    hub.running("events", events)
    with hub.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: alice-events.hf.localhost\r\n\r\n")
        assert b"transfer-encoding: chunked" in head(connection).lower()
        file = connection.makefile("rb")
        for number in range(3):
            go.release()
            assert exactly(file, int(line(file), 16)) == b"data: %d\n\n" % number
            line(file)


def test_a_body_arrives_while_it_is_sent(hub: World) -> None:
    first = threading.Event()

    def half(asked: Asked, connection: socket.socket) -> None:
        assert exactly(connection.makefile("rb", buffering=0), 5) == b"first"
        first.set()
        assert exactly(connection.makefile("rb", buffering=0), 6) == b"second"
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    hub.running("body", half)
    with hub.connect() as connection:
        # The app of this test reads the body itself: Expect keeps the harness from doing it.
        text = "POST / HTTP/1.1\r\nHost: alice-body.hf.localhost\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n"
        connection.sendall(text.encode() + b"first")
        assert first.wait(10)
        connection.sendall(b"second")
        assert head(connection).startswith(b"HTTP/1.1 204")


def test_an_app_that_sends_too_fast_is_held_up(hub: World) -> None:
    sent = [0]

    def flood(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % HELD)
        piece = bytes(256 * 1024)
        while sent[0] < HELD:
            connection.sendall(piece)
            sent[0] += len(piece)

    hub.running("flood", flood)
    with hub.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: alice-flood.hf.localhost\r\n\r\n")
        head(connection)
        assert not until(lambda: sent[0] >= HELD, 1.5)
        assert len(exactly(connection.makefile("rb"), HELD)) == HELD


def test_a_visitor_who_sends_too_fast_is_held_up(hub: World) -> None:
    read = threading.Event()

    def late(asked: Asked, connection: socket.socket) -> None:
        read.wait(20)
        exactly(connection.makefile("rb"), HELD)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    hub.running("late", late)
    sent = [0]
    with hub.connect(20) as connection:
        text = f"PUT / HTTP/1.1\r\nHost: alice-late.hf.localhost\r\nContent-Length: {HELD}\r\n"
        connection.sendall(text.encode() + b"Expect: 100-continue\r\n\r\n")

        def send() -> None:
            while sent[0] < HELD:
                connection.sendall(bytes(256 * 1024))
                sent[0] += 256 * 1024

        sender = threading.Thread(target=send)
        sender.start()
        assert not until(lambda: sent[0] >= HELD, 1.5)
        read.set()
        assert head(connection).startswith(b"HTTP/1.1 204")
        sender.join(10)


def websocket(asked: Asked, connection: socket.socket) -> None:
    """Agree to an upgrade, then send everything back."""
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello"
    )
    while data := connection.recv(65536):
        connection.sendall(data)


UPGRADE = (
    "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n"
)


def test_an_upgraded_connection_passes_bytes_both_ways(hub: World) -> None:
    app = hub.running("socket", websocket)
    with hub.connect() as connection:
        connection.sendall(
            f"GET /ws HTTP/1.1\r\nHost: alice-socket.hf.localhost\r\n{UPGRADE}\r\nearly".encode()
        )
        answer = head(connection)
        assert answer.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        assert b"upgrade: websocket" in answer.lower()
        assert exactly(connection.makefile("rb", buffering=0), 10) == b"helloearly"
        for _ in range(3):
            connection.sendall(bytes(100_000))
            assert len(exactly(connection.makefile("rb", buffering=0), 100_000)) == 100_000
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert app.asked[0].get("sec-websocket-key") == ["eA=="]
    assert app.asked[0].get("upgrade") == ["websocket"]


def test_an_upgrade_that_the_app_refuses_is_an_answer(hub: World) -> None:
    hub.running("refuses")
    with hub.connect() as connection:
        for _ in range(2):
            connection.sendall(
                f"GET /ws HTTP/1.1\r\nHost: alice-refuses.hf.localhost\r\n{UPGRADE}\r\n".encode()
            )
            answer = head(connection)
            assert answer.startswith(b"HTTP/1.1 200")
            length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            exactly(connection.makefile("rb", buffering=0), length)


@pytest.mark.parametrize("upgrade", ["h2c", "websocket, h2c", "TLS/1.0"])
def test_other_protocols_are_not_offered(hub: World, upgrade: str) -> None:
    app = hub.running(f"other-{len(upgrade)}")
    host = f"alice-other-{len(upgrade)}.hf.localhost"
    hub.raw(
        f"GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: {upgrade}\r\nConnection: Upgrade, close\r\n\r\n".encode()
    )
    assert not app.asked[0].get("upgrade")


def test_who_waits_for_100_gets_it(hub: World) -> None:
    def careful(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = exactly(connection.makefile("rb", buffering=0), 4)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n" + body)

    hub.running("careful", careful)
    with hub.connect() as connection:
        text = "POST / HTTP/1.1\r\nHost: alice-careful.hf.localhost\r\nContent-Length: 4\r\n"
        connection.sendall(text.encode() + b"Expect: 100-continue\r\n\r\n")
        assert head(connection).startswith(b"HTTP/1.1 100")
        connection.sendall(b"body")
        assert head(connection).startswith(b"HTTP/1.1 200")
        assert exactly(connection.makefile("rb", buffering=0), 4) == b"body"


def test_an_early_hint_comes_before_the_answer(hub: World) -> None:
    def hint(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    hub.running("hint", hint)
    answer = hub.raw(b"GET / HTTP/1.1\r\nHost: alice-hint.hf.localhost\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 103") and b"HTTP/1.1 204" in answer


def test_head_has_the_length_and_no_body(hub: World) -> None:
    def page(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 12345\r\n\r\n")

    app = hub.running("head", page)
    for _ in range(2):
        answer = hub.raw(b"HEAD / HTTP/1.1\r\nHost: alice-head.hf.localhost\r\nConnection: close\r\n\r\n")
        assert b"content-length: 12345" in answer and answer.endswith(b"\r\n\r\n")
    assert app.connections == 1


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_answer_that_ends_with_its_connection(hub: World, version: str) -> None:
    def old(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 100_000)
        connection.close()

    name = "old-" + version.replace(".", "-")
    hub.running(name, old)
    answer = hub.raw(
        f"GET / HTTP/{version}\r\nHost: alice-{name}.hf.localhost\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.count(b"x" * 100) > 900
    assert answer.endswith(b"\r\n0\r\n\r\n") == (version == "1.1")


@pytest.fixture(scope="module")
def digests(hub: World) -> App:
    """An app that answers with the digest of a body."""

    def digest(asked: Asked, connection: socket.socket) -> None:
        body = hashlib.sha256(asked.body).hexdigest().encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))

    return hub.running("digest", digest)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.binary(min_size=1, max_size=3000), max_size=5),
    st.booleans(),
    st.lists(st.integers(1, 4000), max_size=6),
)
def test_a_body_is_the_same_however_it_is_cut(
    hub: World, digests: App, pieces: list[bytes], chunked: bool, cuts: list[int]
) -> None:
    body = b"".join(pieces)
    if chunked:
        data = (
            b"".join(b"%x;ext\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
            + b"0\r\nTrailer: x\r\n\r\n"
        )
        framing = b"Transfer-Encoding: chunked"
    else:
        data, framing = body, b"Content-Length: %d" % len(body)
    request = b"POST / HTTP/1.1\r\nHost: alice-digest.hf.localhost\r\n%s\r\nConnection: close\r\n\r\n%s" % (
        framing,
        data,
    )
    with hub.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for cut in cuts:
            connection.sendall(request[:cut])
            request = request[cut:]
        connection.sendall(request)
        answer = connection.makefile("rb").read()
    assert answer.endswith(hashlib.sha256(body).hexdigest().encode())
