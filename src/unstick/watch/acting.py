"""What carries out a rung of the policy."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from unstick.errors import UnstickError
from unstick.observe.live.options import Options
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


class HubActor:
    """Takes the rungs of `unstick act` that can be taken unasked: those that cost nothing and leave nothing
    behind. Restarts go through the watcher's own calls and their rate limit."""

    def __init__(self, hub: Hub) -> None:
        self._rungs: dict[str, Callable[[str], Awaitable[None]]] = {
            "restart": hub.restart,
            "factory-rebuild": lambda space: hub.restart(space, factory=True),
            "no-op-commit": lambda space: asyncio.to_thread(_nudge, hub.options, space),
        }

    @property
    def rungs(self) -> frozenset[str]:
        """The names of the rungs."""
        return frozenset(self._rungs)

    async def act(self, space: str, rung: str) -> Done:
        """Ask for it once; what the Space makes of it, the watcher sees by itself."""
        try:
            await self._rungs[rung](space)
        except HubTrouble as trouble:
            return Done(False, trouble.why)
        except UnstickError as error:
            return Done(False, error.what)
        return Done(True, "asked for")


def _nudge(options: Options, space: str) -> None:
    from unstick.act.platform import Platform

    Platform(space, options.endpoint, options.token).nudge()
