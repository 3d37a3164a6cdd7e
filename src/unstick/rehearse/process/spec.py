"""What a confined process is started from: plain data, the same for an app and for a step of a build."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse.types import Limits

if TYPE_CHECKING:
    from typing import Any

READ, WRITE, LAYER = "read", "write", "layer"


class Mount(NamedTuple):
    """A folder or file of this machine in the sandbox.

    `source` is the path here, `target` as the app sees it. `how` is 'read' (cannot be written), 'write' (the
    thing itself: for /data, and for what a build step makes) or 'layer' (can be written, the changes belong to
    this start and go with it; the source never changes). Owners and modes stay what they are at the source.
    """

    source: str
    target: str
    how: str = READ


class Spec(NamedTuple):
    """One start. `command` is looked up in the PATH of `environment` (names and values, nothing else is
    inherited); `workdir` as the app sees it, made where no mount brings it; `home` is an empty folder of this
    start, unless a mount brings it, as is /tmp. `uid` 0 is root with few rights; every other one has none.
    `port` is the contract's. `open_network` leaves outbound connections unlimited (for steps of a build)."""

    command: tuple[str, ...]
    workdir: str
    environment: tuple[tuple[str, str], ...] = ()
    mounts: tuple[Mount, ...] = ()
    home: str = "/home/user"
    uid: int = 1000
    user: str = "user"
    port: int = 7860
    limits: Limits = Limits()
    open_network: bool = False


def decoded(data: Any) -> Spec:
    """A Spec back from the lists and strings of its JSON."""
    spec = Spec(*data)
    return spec._replace(
        command=tuple(spec.command),
        environment=tuple((name, value) for name, value in spec.environment),
        mounts=tuple(Mount(*item) for item in spec.mounts),
        limits=Limits(*spec.limits),
    )
