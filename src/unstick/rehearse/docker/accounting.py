"""What a container uses: memory, processes and disk, read from the control groups of either version."""

from __future__ import annotations

import os

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = "/sys/fs/cgroup"
PLACES = (
    "{root}/memory/docker/{id}", "{root}/memory/system.slice/docker-{id}.scope",
    "{root}/docker/{id}", "{root}/system.slice/docker-{id}.scope",
)  # fmt: skip
"""Where Docker puts a container's group: version 1 and 2, by its cgroupfs and systemd drivers."""


class Group:
    """The control group of a container, where it can be seen from here."""

    def __init__(self, container: str) -> None:
        places = (place.format(root=ROOT, id=container) for place in PLACES)
        self.path = next((place for place in places if os.path.isdir(place)), "")

    def peak(self) -> int:
        """The most memory used so far in bytes, 0 where it is not known."""
        for name in ("memory.max_usage_in_bytes", "memory.peak", "memory.current"):
            text = self._read(name).strip()
            if text.isdigit():
                return int(text)
        return 0

    def kills(self) -> int:
        """How many processes were killed because memory ran out."""
        for name in ("memory.oom_control", "memory.events"):
            for line in self._read(name).splitlines():
                key, _, value = line.partition(" ")
                if key == "oom_kill" and value.strip().isdigit():
                    return int(value)
        return 0

    def processes(self) -> tuple[tuple[int, str], ...]:
        """Process ids as seen from here, with their command lines."""
        pids = [int(word) for word in self._read("cgroup.procs").split() if word.isdigit()]
        return tuple((pid, _command(pid)) for pid in pids)

    def _read(self, name: str) -> str:
        if not self.path:
            return ""
        try:
            with open(os.path.join(self.path, name), encoding="ascii", errors="replace") as file:
                return file.read(1024 * 1024)
        except OSError:
            return ""


def used(folder: str) -> int:
    """Bytes on disk below a folder, links not followed; 0 where it may not be read."""
    return sum(_sizes(folder))


def _sizes(folder: str) -> Iterator[int]:
    todo = [folder]
    while todo:
        try:
            with os.scandir(todo.pop()) as found:
                for entry in found:
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            todo.append(entry.path)
                        else:
                            yield entry.stat(follow_symlinks=False).st_blocks * 512
                    except OSError:
                        continue
        except OSError:
            continue


def _command(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read(4096).replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""
