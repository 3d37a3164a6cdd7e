"""The route table: which running version answers under which host name."""

from __future__ import annotations

import threading

from unstick.record import NamedTuple


class Target(NamedTuple):
    """Where a Space is answered: `socket` is the path of the Unix socket on which its version hands out
    connections to the app, `replica` names that version in the headers of answers."""

    repo: int
    socket: str
    replica: str


class RouteTable:
    """Host labels ('owner-name') with their targets. The control loop writes it, the router reads it."""

    def __init__(self) -> None:
        self._targets: dict[str, Target] = {}
        self._lock = threading.Lock()

    def put(self, subdomain: str, target: Target) -> None:
        """Send visitors of a host to a target, instead of the one before."""
        with self._lock:
            self._targets[subdomain] = target

    def remove(self, repo: int) -> None:
        """Forget the routes of a Space."""
        with self._lock:
            self._targets = {name: target for name, target in self._targets.items() if target.repo != repo}

    def find(self, subdomain: str) -> Target | None:
        """The target of a host, or None."""
        return self._targets.get(subdomain)

    def of(self, repo: int) -> Target | None:
        """The target of a Space, or None."""
        return next((target for target in list(self._targets.values()) if target.repo == repo), None)
