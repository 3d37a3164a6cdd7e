"""What carries out a rung, and the simplest of them: a restart by the Hub's API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from unstick.record import NamedTuple
from unstick.watch.hub import Hub, HubTrouble


class Done(NamedTuple):
    """What came of an action."""

    ok: bool
    detail: str = ""


class Actor(Protocol):
    """Carries out rungs. Each is tried once: whoever implements this does not repeat a request that may have
    had its effect."""

    @property
    def rungs(self) -> frozenset[str]:
        """The rungs it knows, by their names in a policy file."""

    async def act(self, space: str, rung: str) -> Done:
        """Take one rung."""


class Restarter:
    """Restarts Spaces by the Hub's API, and nothing else: `restart` and `factory-rebuild`."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._rungs: dict[str, Callable[[str], Awaitable[None]]] = {
            "restart": hub.restart,
            "factory-rebuild": lambda space: hub.restart(space, factory=True),
        }

    @property
    def rungs(self) -> frozenset[str]:
        """Both rungs."""
        return frozenset(self._rungs)

    async def act(self, space: str, rung: str) -> Done:
        """Ask for a restart; what the Space makes of it, the watcher sees by itself."""
        try:
            await self._rungs[rung](space)
        except HubTrouble as trouble:
            return Done(False, trouble.why)
        return Done(True, "asked for")
