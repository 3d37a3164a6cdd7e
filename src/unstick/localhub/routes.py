"""The route table: which running version answers under which host name."""

from __future__ import annotations

import threading

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from unstick.localhub.faults import Faults


class Target(NamedTuple):
    """Where a Space is answered: `socket` is the path of the Unix socket on which its version hands out
    connections to the app, `replica` names that version in the headers of answers."""

    repo: int
    socket: str
    replica: str


class RouteTable:
    """Host labels ('owner-name') with their targets. The control loop writes it, the router reads it.

    While the fault `route-forgotten` is on it keeps no route of the Space: what was there is lost, and comes
    back when the control loop puts it again.
    """

    def __init__(self, faults: Faults | None = None) -> None:
        self._targets: dict[str, Target] = {}
        self._faults = faults
        self._lock = threading.Lock()

    def put(self, subdomain: str, target: Target) -> None:
        """Send visitors of a host to a target, instead of the one before."""
        with self._lock:
            self._targets[subdomain] = target
        self.check(target.repo)

    def check(self, repo: int) -> None:
        """Forget what the fault has the table forget; called off the event loop, for it may ask the database."""
        if self._faults is not None and self._faults.on("route-forgotten", repo):
            self.remove(repo)

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
