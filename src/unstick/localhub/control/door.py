"""Connections to a running version, handed from one process to another.

The app may live in a network namespace that only its worker can dial into. The worker listens on a Unix
socket; whoever connects there gets one message: `+` with the file descriptor of a new TCP connection to the
app, or `-` and the reason why there is none.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Dial = Callable[[], socket.socket]

THREADS = 8
"""So many connections are dialled at once: one that hangs does not hold up the others."""

BACKLOG = 512
MOST = 512
LONGEST = 100
"""Bytes that a path may have as the address of a Unix socket (108 less a little, unix(7))."""


class Door:
    """The worker's side: listens on `path`, and dials once for each who connects."""

    def __init__(self, path: str, dial: Dial) -> None:
        self.path, self._dial = path, dial
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with address(path) as place:
            self._listener.bind(place)
        os.chmod(path, 0o600)
        self._listener.listen(BACKLOG)
        for _ in range(THREADS):
            threading.Thread(target=self._serve, name="door", daemon=True).start()

    def close(self) -> None:
        """Stop listening. Connections that were handed out live on."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with contextlib.suppress(OSError):
            os.unlink(self.path)

    def _serve(self) -> None:
        while True:
            try:
                asker, _ = self._listener.accept()
            except OSError:
                return
            with asker, contextlib.suppress(OSError):
                self._answer(asker)

    def _answer(self, asker: socket.socket) -> None:
        try:
            opened = self._dial()
        except OSError as error:
            asker.send(b"-" + (error.strerror or str(error) or "no connection").encode()[: MOST - 1])
            return
        with opened:
            socket.send_fds(asker, [b"+"], [opened.fileno()])


def connect(path: str, seconds: float) -> socket.socket:
    """A TCP connection to the app behind a door, in blocking mode. Raises OSError: nobody is at the door
    (FileNotFoundError, ConnectionRefusedError), no answer within `seconds` (TimeoutError), or the app
    takes no connection (ConnectionRefusedError with the reason)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asker:
        asker.settimeout(seconds)
        with address(path) as place:
            asker.connect(place)
        answer, files, _, _ = socket.recv_fds(asker, MOST, 1)
    return received(answer, files)


def received(answer: bytes, files: list[int]) -> socket.socket:
    """The connection in a door's answer, in blocking mode. Raises ConnectionRefusedError with the reason."""
    if answer[:1] == b"+" and files:
        connection = socket.socket(fileno=files[0])
        connection.settimeout(None)
        return connection
    for number in files:
        os.close(number)
    raise ConnectionRefusedError(answer[1:].decode("utf-8", "replace") or "the version went away")


@contextlib.contextmanager
def address(path: str) -> Iterator[str]:
    """The path as an address; one that is too long goes through its folder's file descriptor."""
    if len(os.fsencode(path)) <= LONGEST:
        yield path
        return
    folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{os.path.basename(path)}"
    finally:
        os.close(folder)
