"""HTTP exchanges with a rehearsed app, bounded in time and size."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time

from unstick.record import TYPE_CHECKING
from unstick.rehearse.types import Answer
from unstick.rehearse.visiting import AGENT

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 10.0
MOST = 1024 * 1024
HEADERS = frozenset((
    "content-type", "content-length", "location", "server", "x-frame-options", "content-security-policy", "set-cookie",
))  # fmt: skip
"""Headers that are kept; cookies without their values."""


class _Connection(http.client.HTTPConnection):
    """A connection on a socket that is open already."""

    def __init__(self, opened: socket.socket, host: str) -> None:
        super().__init__(host or "localhost", timeout=SECONDS)
        self.sock = opened

    def connect(self) -> None:
        """It is."""


def ask(
    dial: Callable[[int, str], socket.socket],
    port: int,
    path: str,
    method: str = "GET",
    host: str = "localhost",
    *,
    address: str = "",
    seconds: float = SECONDS,
) -> Answer:
    """One request and its answer; what goes wrong is the answer's `error`. Redirects are not followed.

    Takes at most `seconds`, also when the app sends one byte now and then.
    """
    where = f"{f'[{address}]' if ':' in address else address or 'the contract address'}:{port}"
    began = time.monotonic()
    deadline = began + seconds
    late = f"no answer within {seconds:.0f} s"
    try:
        with dial(port, address) as opened:
            got = _exchange(opened, method, path, host, deadline)
        return Answer(method, path, where, got[0], "", time.monotonic() - began, headers=got[1])
    except TimeoutError:
        error = late
    except http.client.RemoteDisconnected:
        error = "the connection was closed without an answer"
    except ConnectionResetError:
        error = "the connection was reset"
    except (http.client.HTTPException, ValueError) as problem:
        error = f"no HTTP: {type(problem).__name__}"
    except OSError as problem:
        error = problem.strerror or str(problem)
    passed = time.monotonic() - began
    return Answer(method, path, where, 0, late if passed >= seconds else error, passed)


def _exchange(
    opened: socket.socket, method: str, path: str, host: str, deadline: float
) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Status and headers. Raises OSError, http.client.HTTPException, ValueError."""
    connection = _Connection(opened, host)
    guard = threading.Timer(deadline - time.monotonic(), _cut, (opened,))
    guard.daemon = True
    guard.start()
    try:
        opened.settimeout(max(deadline - time.monotonic(), 0.1))
        connection.request(
            method, _target(path), headers={"Host": host, "User-Agent": AGENT, "Accept": "*/*"}
        )
        got = connection.getresponse()
        if time.monotonic() >= deadline:  # cut off amid its headers, which looks like their end
            raise TimeoutError
        _drain(got, opened, deadline)
        kept = (
            (name.lower(), _shown(name, value)) for name, value in got.getheaders() if name.lower() in HEADERS
        )
        return got.status, tuple(kept)
    finally:
        guard.cancel()
        connection.close()


def _cut(opened: socket.socket) -> None:
    """Wakes whoever still reads from the connection."""
    with contextlib.suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)


def _target(path: str) -> str:
    """A path as it may stand in a request: what is not ASCII, blank or a control character is escaped."""
    from urllib.parse import quote

    return quote(path, safe="/?#%&=+,;:@!$'()*~[]") if path.startswith("/") else "/"


def _drain(got: http.client.HTTPResponse, opened: socket.socket, deadline: float) -> None:
    """Read the body to its end, or to the limit: a stream may never end, and its beginning is enough."""
    left = MOST
    while left > 0 and time.monotonic() < deadline:
        try:
            opened.settimeout(max(min(deadline - time.monotonic(), 2.0), 0.1))
            piece = got.read1(min(left, 65536))
        except (TimeoutError, OSError, http.client.HTTPException, ValueError):
            return
        if not piece:
            return
        left -= len(piece)


def _shown(name: str, value: str) -> str:
    value = value.partition("=")[0] if name.lower() == "set-cookie" else value[:300]
    return "".join(letter if letter.isprintable() else " " for letter in value)
