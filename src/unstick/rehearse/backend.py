"""What a backend has to give, and the errors by which it refuses."""

from __future__ import annotations

from unstick.errors import UnstickError
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from typing import Any, Protocol

    from unstick.rehearse.types import Exit, Plan, Socket, Written

    Log = Callable[[str], None]
    """Takes one line of output, without its newline; may be called from any thread."""

    class Built(Protocol):
        """An image or environment, ready to start as often as wanted; it is never changed by a start."""

        @property
        def passed_over(self) -> tuple[str, ...]:
            """What the build left out or did differently from the platform, each a sentence."""

    class Running(Protocol):
        """A started app in its own network namespace (or on the host's, where there are none)."""

        def first_accept(self, seconds: float) -> float | None:
            """Wait until the contract's port accepts a connection on an address that is not loopback.

            Gives `time.monotonic()` of that moment, or None when `seconds` went by or the app ended. May be
            called again.
            """

        def dial(self, port: int, address: str = "") -> socket.socket:
            """A connection to the app as the platform's proxy makes it ('' is the contract's address), or
            from inside to another address ('127.0.0.1', '::1'). Raises OSError."""

        def sockets(self) -> tuple[Socket, ...]:
            """The listening sockets, and those that wait for an answer to a connection (syn-sent)."""

        def wait(self, seconds: float) -> Exit | None:
            """How the main process ended, or None if it still runs after `seconds`."""

        def processes(self) -> tuple[tuple[int, str], ...]:
            """The app's processes: pid as seen from here, command line."""

        def peak(self) -> int:
            """The most memory used so far in bytes (0: not known)."""

        def written(self) -> tuple[Written, ...]:
            """Files that the app created or changed and that a restart loses."""

        def stop(self) -> None:
            """End every process, and remove everything that this start made. May be called twice."""

    class Backend(Protocol):
        """One way to build and run a Space."""

        name: str

        def build(self, plan: Plan, log: Log) -> Built:
            """Build the Space from a clean state. Raises BuildFailed, CannotRehearse."""

        def start(self, built: Any, plan: Plan, log: Log) -> Running:
            """Start what this backend built, in a fresh copy. Raises CannotRehearse."""

        def close(self) -> None:
            """Remove everything that was made, but caches."""


class BuildFailed(UnstickError):
    """The Space's own build failed, as it would on the platform: `what` says in which step and with which
    exit code."""

    exit_code = 1
    reference = "build-failed"


class CannotRehearse(UnstickError):
    """It cannot be rehearsed on this machine, or not on this backend: never the Space's fault."""

    exit_code = 3
    reference = "cannot-rehearse"
