"""What the token shows of settings and account: names of secrets and variables, never their values."""

from __future__ import annotations

import asyncio

from unstick.observe.live.fields import integer, mapping, text
from unstick.observe.live.hub import Hub
from unstick.record import NamedTuple

MOST_NAMES = 500


class Settings(NamedTuple):
    """Names of the secrets and of the variables; `reason` says why they are not known."""

    secrets: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    reason: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Every name that the app finds in its environment."""
        return frozenset((*self.secrets, *self.variables))

    @property
    def twice(self) -> tuple[str, ...]:
        """Names that are both a secret and a variable: the platform refuses to start such a Space."""
        return tuple(sorted(set(self.secrets) & set(self.variables)))


class Quota(NamedTuple):
    """ZeroGPU seconds: per day, and left now; None where unknown."""

    base: int | None = None
    left: int | None = None


async def settings(hub: Hub, space: str) -> Settings:
    """Names of secrets and variables; only for those who may write to the Space."""
    if not hub.options.token:
        return Settings(reason="only with a token")
    secrets, variables = await asyncio.gather(
        hub.json(f"/api/spaces/{space}/secrets"), hub.json(f"/api/spaces/{space}/variables")
    )
    if secrets.reason or variables.reason:
        return Settings(reason=secrets.reason or variables.reason)
    return Settings(_names(secrets.data), _names(variables.data))


def _names(data: object) -> tuple[str, ...]:
    names = [text(name, 200) for name in list(mapping(data))[:MOST_NAMES]]
    return tuple(sorted(name for name in names if name))


async def quota(hub: Hub) -> Quota:
    """The asker's own ZeroGPU quota."""
    got = await hub.json("/api/spaces/zero-gpu/quota")
    return Quota(integer(got.mapping.get("base")), integer(got.mapping.get("current")))
