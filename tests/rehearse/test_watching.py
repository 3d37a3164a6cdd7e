"""Which connections count as asking for a port that the platform closes."""

from __future__ import annotations

import pytest

from unstick.rehearse.recording import Listener, Recording
from unstick.rehearse.types import Socket
from unstick.rehearse.watching import Watch

ADDRESS = "10.213.8.54"


class Half:
    """An app whose socket table has one connection without an answer."""

    def __init__(self, peer: str, port: int) -> None:
        self.found = Socket("syn-sent", ADDRESS, 46478, peer, port)

    def sockets(self) -> tuple[Socket, ...]:
        return (self.found,)


@pytest.mark.parametrize(
    ("peer", "port", "blocked"),
    [
        ("203.0.113.24", 6379, True),
        ("2001:db8::1", 5432, True),
        ("203.0.113.24", 443, False),
        ("127.0.0.1", 6379, False),
        ("::1", 6379, False),
        (ADDRESS, 7860, False),
    ],
    ids=["redis", "postgres by IPv6", "https", "loopback", "loopback by IPv6", "the rehearsal's own probe"],
)
def test_only_what_leaves_the_app_is_blocked(peer: str, port: int, blocked: bool) -> None:
    watch = Watch(Half(peer, port), None, Recording(Listener(), []))  # type: ignore[arg-type]
    watch.look()
    assert [(item.peer, item.peer_port) for item in watch.blocked.values()] == [(peer, port)] * blocked
