"""HTTP exchanges with real servers: good ones, and those that misbehave."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from unstick.rehearse.answers import ask
from unstick.rehearse.types import Answer

Talk = Callable[[socket.socket], None]


@pytest.fixture
def talking() -> Iterator[Callable[[Talk], int]]:
    """Starts a server that does with each connection what it is told; gives its port."""
    listeners = []

    def start(talk: Talk) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def run() -> None:
            while True:
                try:
                    connection = listener.accept()[0]
                except OSError:
                    return
                with connection:
                    try:
                        talk(connection)
                    except OSError:
                        continue

        threading.Thread(target=run, daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    yield start
    for listener in listeners:
        listener.close()


def dial(port: int, address: str = "") -> socket.socket:
    return socket.create_connection((address or "127.0.0.1", port), timeout=5)


def test_the_request_is_that_of_a_visitor(talking: Callable[[Talk], int]) -> None:
    seen = []

    def talk(connection: socket.socket) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: https://example.org/\r\nSet-Cookie: id=secret\r\n\r\n"
        )

    port = talking(talk)
    got = ask(dial, port, "/sub/é x", "GET", "owner-name.hf.space", address="127.0.0.1")
    assert (got.status, got.error, got.where) == (302, "", f"127.0.0.1:{port}")
    assert dict(got.headers) == {"location": "https://example.org/", "set-cookie": "id"}
    assert len(seen) == 1
    assert seen[0].startswith(b"GET /sub/%C3%A9%20x HTTP/1.1\r\n")
    assert b"\r\nHost: owner-name.hf.space\r\n" in seen[0]
    assert seen[0].count(b"Host:") == 1
    assert b"\r\nUser-Agent: unstick" in seen[0]


class Handler(BaseHTTPRequestHandler):
    """Answers with the status that the path names."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.send_header("Content-Length", "5")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"hello")

    do_HEAD = do_GET

    def log_message(self, *args: Any) -> None:
        """Silent."""


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("status", [200, 404, 500, 503])
def test_the_status_is_told(method: str, status: int) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        got = ask(dial, server.server_port, f"/{status}", method, "localhost")
        assert (got.method, got.status, got.error) == (method, status, "")
    finally:
        server.shutdown()
        server.server_close()


def silent(connection: socket.socket) -> None:
    connection.recv(65536)
    time.sleep(3)


def drips(connection: socket.socket) -> None:
    for letter in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000:
        connection.sendall(bytes((letter,)))
        time.sleep(0.05)


def asked_and_closed(connection: socket.socket) -> None:
    connection.recv(65536)


def reset(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def says(words: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(words)

    return talk


@pytest.mark.parametrize(
    ("talk", "error"),
    [
        (silent, "no answer within 1 s"),
        (drips, "no answer within 1 s"),
        (asked_and_closed, "the connection was closed without an answer"),
        (reset, "the connection was reset"),
        (says(b"SSH-2.0-OpenSSH\r\n"), "no HTTP: BadStatusLine"),
        (says(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 5000 + b"\r\n"), "no HTTP: HTTPException"),
        (says(b"HTTP/1.1 200 OK\r\na: " + b"b" * 200_000 + b"\r\n\r\n"), "no HTTP: LineTooLong"),
    ],
)
def test_what_is_no_answer(talking: Callable[[Talk], int], talk: Talk, error: str) -> None:
    got = ask(dial, talking(talk), "/", "GET", "localhost", seconds=1)
    assert (got.status, got.error) == (0, error)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as made:
        port = made.getsockname()[1]
    assert ask(dial, port, "/", "GET", "localhost").error == "Connection refused"


def test_a_body_without_end_is_an_answer(talking: Callable[[Talk], int]) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(bytes(65536))

    got = ask(dial, talking(talk), "/", "GET", "localhost", seconds=5)
    assert isinstance(got, Answer)
    assert (got.status, got.error) == (200, "")
