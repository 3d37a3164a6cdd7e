"""Apps that fail in the middle of it, and visitors who go."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localhub.router.world import App, Asked, World, world
from localhub.serving import until
from unstick.localhub.router import pages

Answer = Callable[[Asked, socket.socket], None]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A hub whose router waits half a second for an answer."""
    with world(tmp_path_factory.mktemp("hub"), answer_timeout=0.5) as made:
        yield made


def reset(connection: socket.socket) -> None:
    """Close with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def silent(asked: Asked, connection: socket.socket) -> None:
    """Close without a word."""
    connection.shutdown(socket.SHUT_RDWR)


def resets(asked: Asked, connection: socket.socket) -> None:
    """Reset without a word."""
    reset(connection)


def garbage(asked: Asked, connection: socket.socket) -> None:
    """Speak something else."""
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    connection.shutdown(socket.SHUT_RDWR)


def half_a_head(asked: Asked, connection: socket.socket) -> None:
    """Stop within the head."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-le")
    connection.shutdown(socket.SHUT_RDWR)


def two_lengths(asked: Asked, connection: socket.socket) -> None:
    """Say two lengths."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd")


def endless_head(asked: Asked, connection: socket.socket) -> None:
    """Send headers without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000)


def slow(asked: Asked, connection: socket.socket) -> None:
    """Take longer than the router waits."""
    time.sleep(1.5)


CASES: tuple[tuple[Answer, int, str], ...] = (
    (silent, 502, "closed the connection before it answered"),
    (resets, 502, "reset the connection before it answered"),
    (garbage, 502, "is not HTTP"),
    (half_a_head, 502, "is not HTTP"),
    (two_lengths, 502, "is not HTTP"),
    (endless_head, 502, "is not HTTP"),
    (slow, 504, "did not answer within 0.5 s"),
)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("app", "status", "cause"), CASES, ids=[case[0].__name__ for case in CASES])
def test_the_page_names_the_cause(hub: World, app: Answer, status: int, cause: str, method: str) -> None:
    name = f"{app.__name__.replace('_', '-')}-{method.lower()}"
    hub.running(name, app)
    for kind in ("text/html", "*/*"):
        answer = hub.visit(f"alice-{name}", method=method, headers={"Accept": kind})
        assert answer.status_code == status
        assert cause in answer.text
        assert ("<html" in answer.text) == (kind == "text/html")
        assert "x-proxied-host" not in answer.headers


def test_an_app_that_takes_no_connection(hub: World) -> None:
    app = hub.running("gone")
    app.close()
    answer = hub.visit("alice-gone")
    assert (answer.status_code, answer.text) == (503, pages.IN_ERROR)
    assert (
        "cannot connect to the app: Connection refused"
        in hub.visit("alice-gone", headers={"Accept": "text/html"}).text
    )


@pytest.mark.parametrize("framing", [b"content-length: 10", b"transfer-encoding: chunked"])
def test_an_answer_that_breaks_off_is_seen_to_be_broken(hub: World, framing: bytes) -> None:
    def breaks(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n%s\r\n\r\n4\r\nab" % framing)
        connection.shutdown(socket.SHUT_RDWR)

    name = f"breaks-{len(framing)}"
    hub.running(name, breaks)
    answer = hub.raw(f"GET / HTTP/1.1\r\nHost: alice-{name}.hf.localhost\r\n\r\n".encode())
    assert not answer.endswith(b"0\r\n\r\n")
    assert answer.count(b"HTTP/1.1") == 1


def test_an_answer_before_the_end_of_the_body(hub: World) -> None:
    def refuses(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig")
        reset(connection)

    hub.running("early", refuses)
    with hub.connect() as connection:
        head = "POST / HTTP/1.1\r\nHost: alice-early.hf.localhost\r\nExpect: 100-continue\r\n"
        head += "Content-Length: 3000000\r\n\r\n"
        connection.sendall(head.encode() + bytes(1_000_000))
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_a_connection_that_the_app_has_closed_meanwhile_is_not_the_visitors_trouble(hub: World) -> None:
    def once(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        threading.Timer(0.05, lambda: connection.shutdown(socket.SHUT_RDWR)).start()
        time.sleep(0.1)

    app = hub.running("once", once)
    assert [hub.visit("alice-once").text for _ in range(4)] == ["ok"] * 4
    time.sleep(0.2)
    assert hub.visit("alice-once").text == "ok"
    assert app.connections >= 2


def test_a_visitor_who_goes_ends_the_request(hub: World) -> None:
    ended = threading.Event()

    def waits(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        if not connection.recv(1):
            ended.set()

    hub.running("waits", waits)
    with hub.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: alice-waits.hf.localhost\r\n\r\n")
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
    assert ended.wait(5)


def test_a_body_that_takes_long_is_not_a_slow_app(hub: World) -> None:
    hub.running("long")
    with hub.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: alice-long.hf.localhost\r\nContent-Length: 4\r\n\r\n")
        for _ in range(4):
            time.sleep(0.3)
            connection.sendall(b"x")
        assert connection.recv(12) == b"HTTP/1.1 200"


def test_a_stream_may_be_longer_than_the_limit(hub: World) -> None:
    def slowly(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n")
        for _ in range(4):
            time.sleep(0.3)
            connection.sendall(b"x")

    hub.running("slowly", slowly)
    assert hub.visit("alice-slowly").text == "xxxx"


def test_a_new_version_takes_over_between_two_requests_of_a_connection(hub: World, tmp_path: Path) -> None:
    old = hub.running("versions")
    with hub.connect() as connection:
        for _ in range(2):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: alice-versions.hf.localhost\r\n\r\n")
            assert until(lambda: b"HTTP/1.1 200" in connection.recv(65536), 5)
            new = App()
            repo = hub.hub.routes.find("alice-versions")
            assert repo is not None
            hub.route(repo.repo, new)
    assert (len(old.asked), len(new.asked)) == (1, 0)


def test_apps_are_reached_while_the_database_is_away(hub: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlalchemy as sa

    hub.running("steady")
    assert hub.visit("alice-steady").status_code == 200
    away = sa.create_engine("sqlite:////nonexistent/folder/hub.db")
    monkeypatch.setattr(hub.hub, "reads", away)
    time.sleep(0.3)  # what is known is looked up anew after 0.25 s
    assert hub.visit("alice-steady").status_code == 200
    answer = hub.visit("alice-never-seen")
    assert (answer.status_code, answer.text) == (503, "the hub's database does not answer; try again")
    monkeypatch.undo()
    assert hub.visit("alice-never-seen").status_code == 404
