"""Watches a started app until it is ready, has ended, or has no more time."""

from __future__ import annotations

import threading
import time

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse.liveness import Liveness
from unstick.rehearse.types import address

if TYPE_CHECKING:
    from unstick.rehearse.backend import Running
    from unstick.rehearse.recording import Recording
    from unstick.rehearse.types import Exit, Plan, Socket

LOOK = 0.25
"""Seconds between two looks at the socket table."""

ELSEWHERE = 6.0
"""Seconds without any movement after which an app that listens elsewhere is not waited for any longer."""

TICK = 0.05


class Watched(NamedTuple):
    """How the wait ended: `ready_at` and `ended` are on the recording's clock; `early` when the rest of the
    time-out was not waited for, `quiet` the seconds without movement before that, `idle` those without
    work (log lines not
    counted)."""

    ready_at: float | None
    exit: Exit | None
    sockets: tuple[Socket, ...]
    blocked: tuple[Socket, ...]
    early: bool = False
    quiet: float = 0.0
    idle: float = 0.0


class Watch:
    """One start. Sockets are kept with the time at which they were first seen."""

    def __init__(self, running: Running, plan: Plan, recording: Recording) -> None:
        self.running, self.plan, self.recording = running, plan, recording
        self.listening: dict[tuple[str, int], Socket] = {}
        self.blocked: dict[tuple[str, int], Socket] = {}
        self.ready_at: float | None = None
        self.exit: Exit | None = None
        self._ready = threading.Event()
        self._looked = 0.0

    def until_ready(self) -> Watched:
        """Wait for the contract's port, the end of the app, or the end of patience."""
        began = time.monotonic()
        end = began + self.plan.timeout
        prober = threading.Thread(target=self._probe, args=(self.plan.timeout,), daemon=True)
        prober.start()
        alive = Liveness()
        early = False
        while not self._ready.wait(TICK):
            self.exit = self._ended(0)
            now = time.monotonic()
            if self.exit is not None or now >= end:
                break
            if now - self._looked >= LOOK:
                self.look()
                last = self.recording.began + self.recording.last_line
                alive.look((pid for pid, _ in self.running.processes()), max(last, began))
                if self._no_more(alive):
                    early = True
                    break
        self.look()
        return self._result(early, alive.idle if self.listening else alive.quiet, alive.talking)

    def settle(self, seconds: float) -> Watched:
        """Watch on after it was ready: whether it stays."""
        end = time.monotonic() + seconds
        while self.exit is None and time.monotonic() < end:
            self.exit = self._ended(min(TICK, seconds))
            if time.monotonic() - self._looked >= LOOK:
                self.look()
        self.look()
        return self._result(False, 0.0)

    def look(self) -> None:
        """Read the socket table once."""
        self._looked = time.monotonic()
        at = self.recording.now()
        for item in self.running.sockets():
            if item.state == "listen" and (item.address, item.port) not in self.listening:
                self.listening[item.address, item.port] = item._replace(at=at)
                who = f" ({item.program})" if item.program else ""
                self.recording.event("socket", f"listens on {address(item.address, item.port)}{who}", at)
            elif item.state == "syn-sent" and self._is_blocked(item):
                key = (item.peer, item.peer_port)
                if key not in self.blocked:
                    self.blocked[key] = item._replace(at=at)
                    self.recording.event(
                        "socket", f"asks for {item.peer}:{item.peer_port}, which is closed", at
                    )

    def _ended(self, seconds: float) -> Exit | None:
        ended = self.running.wait(seconds)
        return ended if ended is None else ended._replace(at=self.recording.now())

    def _probe(self, seconds: float) -> None:
        moment = self.running.first_accept(seconds)
        if moment is not None:
            self.ready_at = self.recording.since(moment)
            self.recording.event("stage", "RUNNING")
            self._ready.set()

    def _no_more(self, alive: Liveness) -> bool:
        patience = self.plan.options.patience
        if not patience:
            return False
        return alive.idle >= min(ELSEWHERE, patience) if self.listening else alive.quiet >= patience

    def _is_blocked(self, item: Socket) -> bool:
        from unstick.contract.network import OUTBOUND_PORTS

        # The rehearsal's own probe may be seen half open: from the app's address to the app's address.
        inside = item.peer in (item.address, "::1") or item.peer.startswith("127.")
        return item.peer_port not in OUTBOUND_PORTS and not inside

    def _result(self, early: bool, quiet: float, idle: float = 0.0) -> Watched:
        return Watched(
            self.ready_at,
            self.exit,
            tuple(self.listening.values()),
            tuple(self.blocked.values()),
            early,
            quiet if early else 0.0,
            idle,
        )
