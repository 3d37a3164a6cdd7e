"""The hub's side of a worker: starts it, sends commands, takes events, ends it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import traceback

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from unstick.localhub.control.task import Task

    Told = Callable[["Handle", dict[str, Any]], None]
    Gone = Callable[["Handle", int], None]

GRACE = 15.0
"""Seconds in which a worker has to clean up when it is asked to end; then it is killed."""

LONGEST = 64 * 1024 * 1024
"""A message that is longer ends the worker: nothing it says is that long."""


class Handle:
    """One worker. `told(handle, message)` and `gone(handle, exit code)` are called in a thread of its own; `gone`
    once, after the last message. Raises OSError when no process can be started."""

    def __init__(self, number: int, task: Task, told: Told, gone: Gone) -> None:
        self.number = number
        self.replica = f"{secrets.token_hex(4)}-{secrets.token_hex(3)[:5]}"
        self.door = task.door
        self.starts = 0
        self.resting = False
        self.ending = False
        self._told, self._gone = told, gone
        self._lock = threading.Lock()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "unstick.localhub.control.worker"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, env=_environment(),
        )  # fmt: skip
        self._send(task._asdict())
        threading.Thread(target=self._read, name=f"worker {self.process.pid}", daemon=True).start()

    def start(self, number: int) -> None:
        """Start the app, for the `number`-th time."""
        self.starts, self.resting = number, False
        self._send({"do": "start", "start": number})

    def rest(self) -> None:
        """Stop the app, keep its image."""
        self.resting = True
        self._send({"do": "rest"})

    def end(self) -> None:
        """Ask the worker to remove everything and end; killed when it does not."""
        self.ending = True
        with self._lock, contextlib.suppress(OSError, ValueError):
            assert self.process.stdin is not None
            self.process.stdin.close()
        timer = threading.Timer(GRACE, self.kill)
        timer.daemon = True
        timer.start()

    def kill(self) -> None:
        """End it at once."""
        if self.process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _send(self, message: dict[str, Any]) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            assert self.process.stdin is not None
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as pipe:
            while line := pipe.readline(LONGEST):
                try:
                    message = json.loads(line)
                except ValueError:
                    self.kill()
                    break
                try:
                    self._told(self, message)
                except Exception:  # a pipe that nobody reads would stop the worker
                    traceback.print_exc()
        self._gone(self, self.process.wait())


def _environment() -> dict[str, str]:
    """The hub's own variables, and where unstick is."""
    import unstick

    parent = os.path.dirname(os.path.dirname(os.path.abspath(unstick.__file__)))
    return {**os.environ, "PYTHONPATH": parent}
