"""The local address: bytes, ends and many connections through real sockets."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from unstick.rehearse.serve import Server, serve

MIB = 1024 * 1024


def reading(connection: socket.socket) -> bytes:
    out = bytearray()
    while piece := connection.recv(65536):
        out += piece
    return bytes(out)


class App:
    """A server that treats each connection in a thread of its own."""

    def __init__(self, treat: Callable[[socket.socket], None]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.treat = treat
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            self.treat(connection)

    def dial(self) -> socket.socket:
        return socket.create_connection(self.listener.getsockname(), timeout=5)


@pytest.fixture
def started() -> Iterator[Callable[[Callable[[socket.socket], None]], Server]]:
    made: list[tuple[App, Server]] = []

    def start(treat: Callable[[socket.socket], None]) -> Server:
        app = App(treat)
        made.append((app, serve(app.dial)))
        return made[-1][1]

    yield start
    for app, server in made:
        server.close()
        app.listener.close()


Start = Callable[[Callable[[socket.socket], None]], Server]


def client(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def test_the_end_of_what_is_sent_is_passed_on_and_the_answer_still_comes(started: Start) -> None:
    server = started(lambda connection: connection.sendall(hashlib.sha256(reading(connection)).digest()))
    sent = os.urandom(3 * MIB)
    with client(server) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert reading(connection) == hashlib.sha256(sent).digest()


def test_the_app_may_end_first_and_still_listen(started: Start) -> None:
    got = []
    done = threading.Event()

    def treat(connection: socket.socket) -> None:
        connection.sendall(b"bye")
        connection.shutdown(socket.SHUT_WR)
        got.append(reading(connection))
        done.set()

    with client(started(treat)) as connection:
        assert reading(connection) == b"bye"
        connection.sendall(b"thanks")
    assert done.wait(20)
    assert got == [b"thanks"]


def test_messages_go_to_and_fro(started: Start) -> None:
    def echo(connection: socket.socket) -> None:
        while piece := connection.recv(65536):
            connection.sendall(piece)

    with client(started(echo)) as connection:
        for number in range(200):
            connection.sendall(b"%03d" % number)
            assert connection.recv(3, socket.MSG_WAITALL) == b"%03d" % number


def test_many_connections_at_once(started: Start) -> None:
    server = started(lambda connection: connection.sendall(reading(connection)[::-1]))
    connections = [client(server) for _ in range(200)]
    for number, connection in enumerate(connections):
        connection.sendall(b"%d" % number)
        connection.shutdown(socket.SHUT_WR)
    for number, connection in enumerate(connections):
        assert reading(connection) == (b"%d" % number)[::-1]
        connection.close()


def test_a_cut_off_answer_does_not_look_complete(started: Start) -> None:
    def treat(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"half")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with client(started(treat)) as connection:
        connection.sendall(b"x")
        with pytest.raises(ConnectionError):
            reading(connection)


def test_an_app_that_refuses_ends_the_connection_and_not_the_server() -> None:
    def refuse() -> socket.socket:
        raise ConnectionRefusedError

    with serve(refuse) as server:
        for _ in range(3):
            with pytest.raises(ConnectionError), client(server) as connection:
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                if not reading(connection):
                    raise ConnectionError


def test_closing_ends_connections_and_frees_the_port(started: Start) -> None:
    server = started(lambda connection: connection.sendall(reading(connection)))
    with client(server) as connection:
        connection.sendall(b"x")
        server.close()
        server.close()
        with pytest.raises(ConnectionError):
            if not reading(connection):
                raise ConnectionError
    with pytest.raises(ConnectionError):
        client(server)


def test_a_taken_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError):
        serve(lambda: taken, taken.getsockname()[1])


BIG = """
import resource, socket, sys, threading
from unstick.rehearse.serve import serve
size = int(sys.argv[1])
app = socket.create_server(("127.0.0.1", 0))
def treat():
    connection = app.accept()[0]
    piece = bytes(1 << 16)
    for _ in range(size >> 16):
        connection.sendall(piece)
    connection.close()
threading.Thread(target=treat, daemon=True).start()
server = serve(lambda: socket.create_connection(app.getsockname()))
client = socket.create_connection(("127.0.0.1", server.port))
count = 0
while piece := client.recv(1 << 16):
    count += len(piece)
server.close()
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_stays_flat_with_a_large_body() -> None:
    peaks = []
    for size in (MIB, 256 * MIB):
        done = subprocess.run(
            [sys.executable, "-c", BIG, str(size)], capture_output=True, text=True, check=True, timeout=120
        )
        count, peak = map(int, done.stdout.split())
        assert count == size
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 8 * 1024
