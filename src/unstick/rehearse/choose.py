"""Which backend rehearses: the one that was asked for, else an engine where one answers, else processes."""

from __future__ import annotations

from unstick.errors import UsageError
from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import CannotRehearse

if TYPE_CHECKING:
    from unstick.rehearse.backend import Backend

NAMES = ("auto", "process", "docker")


def choose(name: str = "auto") -> Backend:
    """The backend of this name. Raises CannotRehearse where it has nothing to work with, UsageError for a
    name that does not exist."""
    if name not in NAMES:
        raise UsageError(
            f"there is no backend {name!r}", where="--backend", todo=f"One of: {', '.join(NAMES)}."
        )
    if name != "process":
        from unstick.rehearse.docker import client
        from unstick.rehearse.docker.backend import DockerBackend

        engine = client.available()
        if engine is not None:
            return DockerBackend(engine)
        if name == "docker":
            raise CannotRehearse(
                "no container engine answers, or none that builds with BuildKit", where="--backend docker",
                todo="Start Docker, or use --backend process.",
            )  # fmt: skip
    from unstick.rehearse.process.backend import ProcessBackend

    return ProcessBackend()
