"""Speaks to a rehearsed app as a visitor's browser does: HTTP, event streams and WebSockets."""

from __future__ import annotations

import contextlib
import time

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    import httpx2

    Dial = Callable[[int, str], socket.socket]

AGENT = "unstick-rehearsal"
SECONDS = 10.0
"""Seconds that one answer may take."""

SESSION = 60.0
"""Seconds after which a session that still works on something is not waited for any longer."""

MOST_BODY = 8 * 1024 * 1024


class Page(NamedTuple):
    """An answer with its body, cut at `MOST_BODY` bytes."""

    status: int
    body: bytes


@contextlib.contextmanager
def visitor(dial: Dial, port: int, host: str) -> Iterator[httpx2.Client]:
    """A client whose connections end at the app's contract address; paths are given without a host."""
    import httpx2

    from unstick.rehearse.serve import serve

    with (
        serve(lambda: dial(port, "")) as server,
        httpx2.Client(
            base_url=f"http://127.0.0.1:{server.port}",
            headers={"Host": host, "User-Agent": AGENT},
            timeout=SECONDS,
            trust_env=False,
            follow_redirects=False,
        ) as client,
    ):
        yield client


def page(client: httpx2.Client, path: str, seconds: float = SECONDS) -> Page:
    """GET a path. Raises httpx2.HTTPError when there is no answer, or none in time."""
    import httpx2

    deadline = time.monotonic() + seconds
    body = bytearray()
    with client.stream("GET", path) as answer:
        for piece in answer.iter_bytes():
            body += piece
            if len(body) >= MOST_BODY:
                break
            if time.monotonic() > deadline:
                raise httpx2.ReadTimeout(f"no whole answer within {seconds:.0f} s")
        return Page(answer.status_code, bytes(body[:MOST_BODY]))


def prefixes(base_path: str) -> tuple[str, ...]:
    """Where a framework's own addresses may begin: below the README's base_path, or at the root."""
    path = base_path.partition("?")[0].rstrip("/")
    return (path, "") if path else ("",)
