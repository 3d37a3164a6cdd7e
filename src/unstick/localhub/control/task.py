"""What a worker is asked to do."""

from __future__ import annotations

from unstick.record import NamedTuple


class Task(NamedTuple):
    """One version: `repository` and `objects` are paths, `door` that of its Unix socket, `data` the folder for
    /data ('' for none), `identity` the variables that name the Space; `start_timeout` replaces that of the
    README block when it is not None, `memory` and `disk` (bytes) those of the hardware when they are not 0.
    Secrets come this way and no other: never as arguments, never on disk."""

    repository: str
    objects: str
    commit: str
    door: str
    backend: str
    hardware: str
    memory: int
    disk: int
    factory: bool
    data: str
    start_timeout: float | None
    identity: tuple[tuple[str, str], ...]
    variables: tuple[tuple[str, str], ...]
    secrets: tuple[tuple[str, str], ...]
