"""What rehearsed processes use: memory from control groups of either version, and disk."""

from __future__ import annotations

import os

from unstick.record import TYPE_CHECKING
from unstick.rehearse import descendants

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = "/sys/fs/cgroup"
MOST = 1024 * 1024


class Readings:
    """What the files of a control group say; `paths` are the folders in which they are looked for."""

    paths: list[str]

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
        return tuple((pid, descendants.words(pid)) for pid in pids)

    def _read(self, name: str) -> str:
        for path in self.paths:
            try:
                with open(os.path.join(path, name), encoding="ascii", errors="replace") as file:
                    return file.read(MOST)
            except OSError:
                continue
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
