"""A version of a Space in a process of its own: builds it, starts it, hands out connections, can be killed.

`python -m unstick.localhub.control.worker` reads a task and then commands from standard input, one JSON object
a line, and writes events to standard output (see `outlet`). It ends with its hub, and takes what it made with
it; what a kill of the worker itself leaves is found by `unstick.rehearse.sweeping`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import queue
import signal
import sys
import threading

from unstick.localhub.control.outlet import Outlet
from unstick.localhub.control.task import Task
from unstick.record import TYPE_CHECKING
from unstick.rehearse.hiding import hiding

if TYPE_CHECKING:
    from typing import Any

    from unstick.localhub.control.version import Made

PR_SET_PDEATHSIG = 1
PATIENCE = 5.0
"""Seconds that the work in hand has to end in, when the worker is to end."""


class Worker:
    """Takes commands in the order in which they come, and works on them in one thread that never ends before
    the worker: the kernel ends an app together with the thread that started it."""

    def __init__(self, task: Task, outlet: Outlet) -> None:
        self.task, self.outlet = task, outlet
        self.made: Made | None = None
        self._commands: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._idle = threading.Event()
        self._closing = False
        threading.Thread(target=self._work, daemon=True).start()

    def do(self, command: dict[str, Any]) -> None:
        """Take a command."""
        self._idle.clear()
        self._commands.put(command)

    def close(self) -> bool:
        """End everything; whether nothing was in the middle of its work."""
        self._closing = True
        calm = self._idle.is_set()
        if not calm:
            _kill_below()
            self._idle.wait(PATIENCE)
        if self.made is not None:
            self.made.close()
        _kill_below()
        return calm

    def _work(self) -> None:
        while True:
            command = self._commands.get()
            try:
                self._one(command)
            except Exception as error:  # the hub has to learn of it, whatever it is
                if not self._closing:
                    self.outlet.say("broken", message=f"{type(error).__name__}: {error}"[:2000])
            if self._commands.empty():
                self._idle.set()

    def _one(self, command: dict[str, Any]) -> None:
        from unstick.localhub.control.version import Made

        if command["do"] == "build":
            self.made = Made(self.task, self.outlet)
            self.made.build()
        elif self.made is not None and command["do"] == "start":
            self.made.start(int(command["start"]))
        elif self.made is not None and command["do"] == "rest":
            self.made.rest()


def _kill_below() -> None:
    """End every process that this one started."""
    from unstick.rehearse import descendants

    for pid, _ in descendants.of(os.getpid()):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


class _Ended(Exception):
    """Somebody asks the worker to end."""


def _asked_to_end(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Ended


def main() -> int:
    """Entry. Exit code 0 when it left nothing behind that a sweep has to look for."""
    signal.signal(signal.SIGTERM, _asked_to_end)
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints does not get among the messages
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    worker: Worker | None = None
    calm = True
    try:
        line = sys.stdin.readline()
        if not line:
            return 0
        task = Task(**{name: _frozen(value) for name, value in json.loads(line).items()})
        worker = Worker(task, Outlet(pipe, hiding(value for _, value in task.secrets)))
        worker.do({"do": "build"})
        while line := sys.stdin.readline():
            worker.do(json.loads(line))
    except _Ended:
        pass
    if worker is not None:
        calm = worker.close()
    # Threads may still wait for what has ended: nobody waits for them.
    os._exit(0 if calm else 1)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


if __name__ == "__main__":
    sys.exit(main())
