"""One version: exported, built once, started as often as wanted. Runs in the worker."""

from __future__ import annotations

import os
import re
import threading
import time
from collections import deque

from unstick.localhub.control.door import Door
from unstick.localhub.control.still import StillBackend
from unstick.record import TYPE_CHECKING
from unstick.rehearse import descendants, registry
from unstick.rehearse.backend import BuildFailed, CannotRehearse
from unstick.rehearse.choose import choose
from unstick.rehearse.types import Limits, Options, amount

if TYPE_CHECKING:
    import socket

    from unstick.localhub.control.outlet import Outlet
    from unstick.localhub.control.task import Task
    from unstick.rehearse.backend import Backend, Built, Running
    from unstick.rehearse.types import Exit, Plan
    from unstick.space import Space

TAIL = 20
"""Last lines of the run log that go into the message of an exit."""

LONGEST_TAIL = 1500
NOT_HERE = "Scheduling failure: this machine cannot run it: {why}"
EXIT_CODE = re.compile(r"exit code:? (\d{1,3})")
QUEUED = "===== Build Queued at "
MEASURED = 5.0
"""Seconds between two samples of what an app uses."""


class Made:
    """The version of a task. What happens goes to the outlet: refused, built, failed, ready, ended."""

    def __init__(self, task: Task, outlet: Outlet) -> None:
        self.task, self.outlet = task, outlet
        self.folder = registry.scratch("version")
        self.backend: Backend | None = None
        self.built: Built | None = None
        self.plan: Plan | None = None
        self.running: Running | None = None
        self.door: Door | None = None
        self._tail: deque[str] = deque(maxlen=TAIL)

    def build(self) -> None:
        """Export the commit, judge it as the platform does before it builds, build it."""
        from unstick.localhub.repository import Repository
        from unstick.rehearse.rehearsal import refusal
        from unstick.space import Space

        root = os.path.join(self.folder, "repository")
        os.mkdir(root)
        Repository(self.task.repository).export(self.task.commit, root, self.task.objects)
        space = Space.open(root)
        try:
            self.plan = plan = planned(space, root, self.task)
            refused = refusal(space, plan)
            if refused is not None:
                self.outlet.say(
                    "refused", stage=refused[0], message=refused[1] if refused[0] != "NO_APP_FILE" else ""
                )
                return
            plain = plan.sdk == "static" and space.field("app_build_command") is None
            self.backend = StillBackend() if plain else choose(self.task.backend)
            self.built = self.backend.build(plan, self._build_line)
        except BuildFailed as error:
            found = EXIT_CODE.search(error.what)
            code = found.group(1) if found else "1"
            self.outlet.say("failed", message=f"Job failed with exit code: {code}. Reason: {error.what}")
            return
        except CannotRehearse as error:
            self.outlet.log("build", f"--> ERROR: this machine cannot build it: {error}")
            self.outlet.say("failed", message=f"Build error: this machine cannot build it: {error.what}")
            return
        for note in dict.fromkeys((*plan.passed_over, *self.built.passed_over)):
            self.outlet.log("build", f"not as on the platform: {note}")
        self.outlet.say("built", timeout=plan.timeout, still=plan.sdk == "static")

    def start(self, number: int) -> None:
        """Start it in a fresh copy, and tell when it is ready and how it ends."""
        self.rest()
        if self.backend is None or self.built is None or self.plan is None:
            return
        plan = self.plan
        self._tail.clear()
        try:
            running = self.backend.start(self.built, plan, self._line)
        except CannotRehearse as error:
            kind = "taken" if error.where == "network" else "ended"
            self.outlet.say(kind, start=number, message=NOT_HERE.format(why=error.what), final=True)
            return
        self.running = running
        for note in getattr(running, "notes", ()):
            self.outlet.log("run", f"not as on the platform: {note}")

        def dial() -> socket.socket:
            return running.dial(plan.port)

        self.door = Door(self.task.door, dial)
        for what in (self._await_ready, self._await_end):
            threading.Thread(target=what, args=(running, plan, number), daemon=True).start()

    def rest(self) -> None:
        """Stop the app, keep what was built."""
        running, door = self.running, self.door
        self.running = self.door = None
        if door is not None:
            door.close()
        if running is not None:
            running.stop()

    def close(self) -> None:
        """Remove everything."""
        self.rest()
        if self.backend is not None:
            self.backend.close()
        registry.remove(self.folder)

    def _build_line(self, text: str) -> None:
        if not text.startswith(QUEUED):  # the hub has written that line
            self.outlet.log("build", text)

    def _line(self, text: str) -> None:
        self._tail.append(text)
        self.outlet.log("run", text)

    def _await_ready(self, running: Running, plan: Plan, number: int) -> None:
        if running.first_accept(plan.timeout) is not None and self.running is running:
            self.outlet.say("ready", start=number)

    def _await_end(self, running: Running, plan: Plan, number: int) -> None:
        ended = running.wait(MEASURED)
        while ended is None and self.running is running:
            self.outlet.say("used", **used([pid for pid, _ in running.processes()]))
            ended = running.wait(MEASURED)
        if ended is not None and self.running is running:
            message = how_it_ended(ended, plan.options.limits, self._tail)
            self.outlet.say("ended", start=number, message=message, final=ended.evicted)


def used(pids: list[int]) -> dict[str, float | int]:
    """Processor time in seconds and resident memory in bytes of some processes, now."""
    ticks = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                ticks += sum(int(value) for value in file.read().rpartition(")")[2].split()[11:15])
        except (OSError, ValueError):
            continue
    memory = sum(descendants.memory(pid) for pid in pids)
    return {"at": time.time(), "cpu": ticks / os.sysconf("SC_CLK_TCK"), "memory": memory}


def planned(space: Space, root: str, task: Task) -> Plan:
    """The plan of a commit: everything in it is there, whatever its .gitignore says."""
    from unstick.rehearse.plan import limits_of, plan_of

    limits = limits_of(task.hardware) or Limits()
    limits = limits._replace(memory=task.memory or limits.memory, disk=task.disk or limits.disk)
    options = Options(
        limits=limits, secrets=task.secrets, variables=task.variables,
        data=task.data, factory=task.factory, timeout=task.start_timeout, identity=task.identity,
    )  # fmt: skip
    plan = plan_of(space, options)
    return plan._replace(files=tuple(sorted(_files(root))))


def _files(root: str) -> list[str]:
    out = []
    for where, folders, files in os.walk(root):
        links = [name for name in folders if os.path.islink(os.path.join(where, name))]
        out += [os.path.relpath(os.path.join(where, name), root) for name in (*files, *links)]
    return out


def how_it_ended(ended: Exit, limits: Limits, tail: deque[str] | tuple[str, ...]) -> str:
    """The platform's message for the end of the main process (reference: error strings, scheduling and start)."""
    if ended.out_of_memory:
        return f"Memory limit exceeded ({amount(limits.memory)})"
    if ended.evicted:
        return f"Workload evicted, storage limit exceeded ({amount(limits.disk).removesuffix('i')})"
    code = 128 + ended.signal if ended.signal else ended.code
    return f"Exit code: {code}. Reason: {chr(10).join(tail)[-LONGEST_TAIL:]}"
