"""What the platform says of a Space's state: the runtime."""

from __future__ import annotations

from unstick.observe.live.fields import flag, integer, items, mapping, text
from unstick.observe.live.hub import Got, Hub
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    from unstick.observe.live.options import Options

MOST_DOMAINS = 20


class Runtime(NamedTuple):
    """The runtime of a Space (`GET /api/spaces/{id}/runtime`). What an answer leaves out is '' or None, which
    means unknown, never zero or off.

    `stage` is the Hub's word, unknown ones included; `message` is errorMessage; `sha` the served commit;
    `sleep` gcTimeout in seconds; `replicas` (current, requested), -1 for 'auto'; `domains` (name, stage) of
    the Space's addresses; `volumes` the mount paths.
    """

    stage: str = ""
    message: str = ""
    current: str = ""
    requested: str = ""
    sha: str = ""
    sleep: int | None = None
    replicas: tuple[int | None, int | None] = (None, None)
    dev_mode: bool | None = None
    domains: tuple[tuple[str, str], ...] = ()
    volumes: tuple[str, ...] = ()


class Asked(NamedTuple):
    """A runtime, or the reason why there is none (`status` of the answer, 0 for none)."""

    runtime: Runtime | None
    reason: str = ""
    status: int = 0


def parse(data: Any) -> Runtime | None:
    """The runtime in a decoded answer; None where there is no stage in it."""
    given = mapping(data)
    stage = text(given.get("stage"), 60)
    if not stage:
        return None
    hardware, replicas = mapping(given.get("hardware")), mapping(given.get("replicas"))
    domains = [mapping(item) for item in items(given.get("domains"))[:MOST_DOMAINS]]
    volumes = [mapping(item) for item in items(given.get("volumes"))[:MOST_DOMAINS]]
    return Runtime(
        stage=stage,
        message=text(given.get("errorMessage"), 20_000, lines=True),
        current=text(hardware.get("current"), 60),
        requested=text(hardware.get("requested"), 60),
        sha=text(given.get("sha"), 64),
        sleep=integer(given.get("gcTimeout")),
        replicas=(_count(replicas.get("current")), _count(replicas.get("requested"))),
        dev_mode=flag(given.get("devMode")),
        domains=tuple((text(item.get("domain"), 255), text(item.get("stage"), 40)) for item in domains),
        volumes=tuple(text(item.get("mountPath"), 200) for item in volumes),
    )


def _count(value: Any) -> int | None:
    return -1 if value == "auto" else integer(value)


async def asked(hub: Hub, space: str) -> Asked:
    """The runtime of one Space by its id."""
    return _of(await hub.json(f"/api/spaces/{space}/runtime"))


def _of(got: Got) -> Asked:
    if got.reason:
        return Asked(None, got.reason, got.status)
    found = parse(got.data)
    return Asked(found, "" if found else "the Hub's answer has no stage in it", got.status)


def runtime_of(space: str, options: Options) -> Asked:
    """The runtime of one Space, for those who ask from plain code. Never raises for what the Hub does."""
    from unstick.observe.live.loop import run
    from unstick.observe.live.wire import Wire

    async def ask() -> Asked:
        async with Wire() as wire:
            return await asked(Hub(wire, options), space)

    return run(ask())
