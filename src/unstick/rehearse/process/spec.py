"""What is started, as data that can be handed to another process."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse.types import Limits

if TYPE_CHECKING:
    from typing import Any


class Mount(NamedTuple):
    """A folder or file of this machine, and where the app sees it."""

    source: str
    target: str
    writable: bool = False


class Spec(NamedTuple):
    """One process to start: `argv` as the app sees its paths, `environment` all of its variables, `cwd` inside.

    `port` is the one that is watched for a first connection (0: none), `uid` 1000 or 0, `network` whether it
    may connect to the outside.
    """

    argv: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    cwd: str
    mounts: tuple[Mount, ...]
    limits: Limits
    port: int = 0
    uid: int = 1000
    home: str = "/home/user"
    timeout: float = 1800.0


def to_json(spec: Spec) -> str:
    """The spec as text."""
    import json

    return json.dumps(spec)


def from_json(text: str) -> Spec:
    """The spec in a text that `to_json` made."""
    import json

    values: list[Any] = json.loads(text)
    argv, environment, cwd, mounts, limits, *rest = values
    return Spec(
        tuple(argv),
        tuple((name, value) for name, value in environment),
        cwd,
        tuple(Mount(*mount) for mount in mounts),
        Limits(*limits),
        *rest,
    )
