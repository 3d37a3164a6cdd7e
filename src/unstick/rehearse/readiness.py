"""When the contract's port is first accepted, and why it is not."""

from __future__ import annotations

import time

from unstick.record import TYPE_CHECKING
from unstick.rehearse import types

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from unstick.rehearse.types import Socket

QUICK = 0.005
"""Seconds between two attempts in the first minute; a refused one costs 0.02 ms of processor time."""

SLOW = 0.02
"""Seconds between two attempts after that."""

FIRST = 60.0
LOOK = 0.1
"""Seconds between two questions whether the app still lives."""

MOST_NAMED = 3
ENGINE_RESOLVER = "127.0.0.11"
"""Where a container engine answers name queries inside a network of its own: not a socket of the app."""


def first_accept(
    dial: Callable[[], socket.socket], deadline: float, alive: Callable[[], bool] = lambda: True
) -> float | None:
    """`time.monotonic()` of the first accepted connection, or None when `deadline` (on the same clock) has
    passed or the app has ended.

    `dial` makes one connection or raises OSError, and has to bound its own time; `alive` may be costly.
    """
    began = time.monotonic()
    asked = began
    while True:
        tried = time.monotonic()
        try:
            connection = dial()
        except OSError:
            pass
        else:
            accepted = time.monotonic()
            connection.close()
            return accepted
        now = time.monotonic()
        if now >= deadline:
            return None
        if now - asked >= LOOK:
            asked = now
            if not alive():
                return None
        pause = QUICK if now - began < FIRST else SLOW
        time.sleep(max(0.0, min(tried + pause, deadline) - now))


def explain(sockets: Sequence[Socket], port: int, sdk: str = "") -> str:
    """One sentence without its full stop: why the contract's port is not accepted, and what to compare with.

    'listens on 127.0.0.1:8501; the contract asks 0.0.0.0:7860 (app_port)'
    """
    asked = f"the contract asks 0.0.0.0:{port}" + (" (app_port)" if sdk == "docker" else "")
    listening = sorted(
        {
            (item.address, item.port)
            for item in sockets
            if item.state == "listen" and item.address != ENGINE_RESOLVER
        },
        key=lambda end: (_distance(end[0], end[1], port), end[1], end[0]),
    )
    if not listening:
        return f"nothing listens; {asked}"
    named = [_place(address, number, port) for address, number in listening[:MOST_NAMED]]
    more = len(listening) - len(named)
    if more:
        named.append(f"{more} more")
    places = " and ".join((", ".join(named[:-1]), named[-1])) if len(named) > 1 else named[0]
    if _distance(listening[0][0], listening[0][1], port) == 0:
        return f"listens on {places}, and yet no connection is accepted; {asked}"
    return f"listens on {places}; {asked}"


def _distance(address: str, number: int, port: int) -> int:
    """How far a listening socket is from the contract: what is nearest is named first."""
    wrong_place = 2 if types.is_loopback(address) else 1 if ":" in address else 0
    return wrong_place + (0 if number == port else 10)


def _place(address: str, number: int, port: int) -> str:
    where = types.address(address, number)
    only = number == port and ":" in address and not types.is_loopback(address)
    return f"{where} by IPv6 only" if only else where
