"""The door hands out connections to the app, or says why it does not."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from unstick.localhub.control.door import Door, connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def app() -> Iterator[socket.socket]:
    """An app that answers each connection with its number of bytes, upper case."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    client.sendall(client.recv(100).upper())

        threading.Thread(target=serve, daemon=True).start()
        yield listener
        listener.shutdown(socket.SHUT_RDWR)


def _asked(path: str) -> bytes:
    with connect(path, 5) as connection:
        connection.sendall(b"hello")
        return connection.recv(100)


@pytest.mark.parametrize("folder", ["short", "long" * 40])
def test_a_connection_reaches_the_app(tmp_path: Path, app: socket.socket, folder: str) -> None:
    os.mkdir(tmp_path / folder)
    path = str(tmp_path / folder / "door")
    door = Door(path, lambda: socket.create_connection(app.getsockname()))
    assert [_asked(path) for _ in range(20)] == [b"HELLO"] * 20
    assert os.stat(path).st_mode & 0o077 == 0
    door.close()
    with pytest.raises(OSError):
        connect(path, 1)


def test_the_reason_of_a_refusal_arrives(tmp_path: Path) -> None:
    def refuse() -> socket.socket:
        raise OSError(111, "nobody listens")

    door = Door(str(tmp_path / "door"), refuse)
    with pytest.raises(ConnectionRefusedError, match="nobody listens"):
        connect(door.path, 5)
    door.close()


def test_a_door_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    go_on = threading.Event()

    def hang() -> socket.socket:
        go_on.wait(20)
        raise OSError("late")

    door = Door(str(tmp_path / "door"), hang)
    with pytest.raises(TimeoutError):
        connect(door.path, 0.05)
    go_on.set()
    door.close()
