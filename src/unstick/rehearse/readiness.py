"""When an app is ready: the moment at which its port first accepts a connection."""

from __future__ import annotations

import time

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from unstick.rehearse.types import Socket

FAST, SLOW = 0.005, 0.02
"""Seconds between two attempts, in the first minute and later. A refused connect costs 22 µs."""

FAST_FOR = 60.0


def first_accept(
    dial: Callable[[], socket.socket], deadline: float, alive: Callable[[], bool]
) -> float | None:
    """Connect again and again until it works; gives `time.monotonic()` of then.

    None when the deadline (on the same clock) has passed, or the app is not `alive` any more.
    """
    began = time.monotonic()
    while alive():
        try:
            dial().close()
            return time.monotonic()
        except OSError:
            now = time.monotonic()
            if now >= deadline:
                return None
            time.sleep(FAST if now - began < FAST_FOR else SLOW)
    return None


def explain(sockets: Sequence[Socket], port: int, sdk: str = "") -> str:
    """One sentence: why the contract's port is not accepted, from what listens."""
    listening = [item for item in sockets if item.state == "listen"]
    if not listening:
        return f"nothing listens; the contract asks 0.0.0.0:{port}"
    own = [item for item in listening if item.port == port]
    shown = own or listening
    told = ", ".join(dict.fromkeys(_address(item) for item in shown[:4]))
    if own and all(":" in item.address for item in own) and not any(_loopback(item.address) for item in own):
        return f"listens on {told}, by IPv6 only; the contract asks 0.0.0.0:{port}"
    return f"listens on {told}; the contract asks 0.0.0.0:{port}"


def _loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def _address(item: Socket) -> str:
    return f"[{item.address}]:{item.port}" if ":" in item.address else f"{item.address}:{item.port}"
