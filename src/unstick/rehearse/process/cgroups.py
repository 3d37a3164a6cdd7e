"""Limits on memory, processor and processes by control groups of version 1 or 2, where they may be written."""

from __future__ import annotations

import os

from unstick.record import TYPE_CHECKING
from unstick.rehearse import registry
from unstick.rehearse.accounting import ROOT, Readings

if TYPE_CHECKING:
    from unstick.rehearse.types import Limits

PERIOD = 100_000
PARENT = "unstick"

WEIGHT = {1: "8192", 2: "800"}
"""The share of a busy machine, by version: a group counts as one process by itself, however many it has, and
its app would start several times slower beside a few others than without a rehearsal."""


class Group(Readings):
    """One control group; `paths` is empty where none may be made, and everything answers 'unknown' then."""

    def __init__(self, limits: Limits) -> None:
        self.name = f"{registry.owner()}-{os.urandom(4).hex()}"
        self.paths: list[str] = []
        try:
            self._make(limits)
        except OSError:
            self.remove()
            self.paths = []

    @property
    def limited(self) -> bool:
        """Whether memory and processes are limited by it."""
        return bool(self.paths)

    def procs(self) -> list[str]:
        """The files into which a process writes its id to be limited."""
        return [os.path.join(path, "cgroup.procs") for path in self.paths]

    def remove(self) -> None:
        """Delete it; what still has a process in it stays in `paths`, for another try."""
        left = []
        for path in self.paths:
            try:
                os.rmdir(path)
            except FileNotFoundError:
                continue
            except OSError:
                left.append(path)
        self.paths = left

    def _make(self, limits: Limits) -> None:
        quota = str(int(limits.cpus * PERIOD))
        if os.path.exists(os.path.join(ROOT, "cgroup.controllers")):
            parent = os.path.join(ROOT, PARENT)
            os.makedirs(parent, exist_ok=True)
            for folder in (ROOT, parent):
                _write(os.path.join(folder, "cgroup.subtree_control"), "+memory +cpu +pids")
            _weigh(os.path.join(parent, "cpu.weight"), WEIGHT[2])
            self._add(
                os.path.join(parent, self.name),
                {
                    "memory.max": str(limits.memory), "memory.swap.max": "0", "memory.oom.group": "0",
                    "pids.max": str(limits.processes), "cpu.max": f"{quota} {PERIOD}", "cpu.weight": WEIGHT[2],
                },
            )  # fmt: skip
            return
        self._add(os.path.join(ROOT, "memory", PARENT, self.name), {
            "memory.limit_in_bytes": str(limits.memory), "memory.memsw.limit_in_bytes": str(limits.memory),
        })  # fmt: skip
        self._add(os.path.join(ROOT, "pids", PARENT, self.name), {"pids.max": str(limits.processes)})
        cpu = os.path.join(ROOT, "cpu", PARENT)
        self._add(os.path.join(cpu, self.name), {"cpu.cfs_quota_us": quota, "cpu.shares": WEIGHT[1]})
        _weigh(os.path.join(cpu, "cpu.shares"), WEIGHT[1])

    def _add(self, path: str, values: dict[str, str]) -> None:
        os.makedirs(path)
        self.paths.append(path)
        for name, value in values.items():
            target = os.path.join(path, name)
            if os.path.exists(target):
                _write(target, value)


def sweep() -> int:
    """Remove the groups of owners who are gone; gives how many there were."""
    count = 0
    for folder in (f"{ROOT}/{PARENT}", *(f"{ROOT}/{kind}/{PARENT}" for kind in ("memory", "pids", "cpu"))):
        try:
            names = registry.dead(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            try:
                os.rmdir(os.path.join(folder, name))
                count += 1
            except OSError:
                continue
    return count


def _weigh(path: str, text: str) -> None:
    if os.path.exists(path):
        _write(path, text)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
