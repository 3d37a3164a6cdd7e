"""Where a process that does not move is waiting."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SECONDS = 8
MOST_PROCESSES = 4
FRAMES = 12


def dump(pids: Iterable[int]) -> tuple[str, ...]:
    """The stacks of the Python processes among `pids`, innermost frame first, by py-spy; where a process is
    no Python, or py-spy is not there or not allowed, what the kernel says it waits for."""
    out = []
    for pid in list(pids)[:MOST_PROCESSES]:
        text = _python(pid) or _kernel(pid)
        if text:
            out.append(text)
    return tuple(out)


def py_spy() -> str:
    """The path of py-spy: beside this interpreter, or on the path; '' where there is none."""
    beside = os.path.join(os.path.dirname(sys.executable), "py-spy")
    return beside if os.access(beside, os.X_OK) else shutil.which("py-spy") or ""


def _python(pid: int) -> str:
    program = py_spy()
    if not program or "python" not in _name(pid).lower():
        return ""
    try:
        done = subprocess.run(
            [program, "dump", "--nonblocking", "--pid", str(pid)], capture_output=True, text=True, errors="replace",
            stdin=subprocess.DEVNULL, timeout=SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return _shortened(done.stdout) if done.returncode == 0 else ""


def _shortened(text: str) -> str:
    """The main thread's innermost frames, with the command line above them."""
    lines = text.splitlines()
    head = next((line for line in lines if line.startswith("Process ")), "")
    start = next((i for i, line in enumerate(lines) if '"MainThread"' in line), 0)
    frames = []
    for line in lines[start + 1 :]:
        if not line.startswith(" "):
            break
        frames.append(line.strip())
    return "\n".join([head, *frames[:FRAMES]]) if frames else ""


def _kernel(pid: int) -> str:
    """The kernel's function that a process sleeps in (proc_pid_wchan(5))."""
    try:
        with open(f"/proc/{pid}/wchan", encoding="ascii", errors="replace") as file:
            where = file.read(200).strip()
    except OSError:
        return ""
    return f"Process {pid}: {_name(pid)}\nwaits in the kernel at {where}" if where not in ("", "0") else ""


def _name(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return "".join(c for c in file.read(64).strip() if c.isprintable())
    except OSError:
        return ""
