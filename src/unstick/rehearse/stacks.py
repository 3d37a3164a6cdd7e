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
INNERMOST = 3
"""Frames that are kept whoever they belong to: what the process waits in."""

LIBRARIES = ("/site-packages/", "/dist-packages/", "/lib/python", "<frozen ")
"""Parts of the file names of frames that are not the app's own."""


def dump(pids: Iterable[int]) -> tuple[str, ...]:
    """Where the main threads of `pids` wait: of Python processes the innermost frames and those of the app's
    own files, innermost first, by py-spy; of others, and where py-spy is not there or not allowed, what the
    kernel says. Takes at most `SECONDS` a process; secrets are redacted."""
    from unstick.redact import redact

    out = []
    for pid in list(pids)[:MOST_PROCESSES]:
        text = _python(pid) or _kernel(pid)
        if text:
            out.append(redact(text))
    return tuple(out)


def py_spy() -> str:
    """The path of py-spy: beside this interpreter, or on the path; '' where there is none."""
    beside = os.path.join(os.path.dirname(sys.executable), "py-spy")
    return beside if os.access(beside, os.X_OK) else shutil.which("py-spy") or ""


def _python(pid: int) -> str:
    program = py_spy()
    if not program or not _is_python(pid):
        return ""
    try:
        done = subprocess.run(
            [program, "dump", "--nonblocking", "--full-filenames", "--pid", str(pid)],
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return _shortened(done.stdout) if done.returncode == 0 else ""


def _shortened(text: str) -> str:
    """The main thread's innermost frames and those of the app, with the command line above them."""
    lines = text.splitlines()
    head = next((line for line in lines if line.startswith("Process ")), "")
    start = next((i for i, line in enumerate(lines) if '"MainThread"' in line), 0)
    frames = []
    for line in lines[start + 1 :]:
        if not line.startswith(" "):
            break
        frames.append(line.strip())
    own = [frame for frame in frames[INNERMOST:] if not any(part in frame for part in LIBRARIES)]
    kept = (frames[:INNERMOST] + own)[:FRAMES]
    return "\n".join(_printable(line[:400]) for line in (head, *kept)) if kept else ""


def _is_python(pid: int) -> bool:
    """By its program file: the name of a process is that of its script (streamlit, uvicorn)."""
    try:
        return "python" in os.path.basename(os.readlink(f"/proc/{pid}/exe")).lower()
    except OSError:
        return False


def _kernel(pid: int) -> str:
    """The kernel's function that a process sleeps in (proc_pid_wchan(5))."""
    try:
        with open(f"/proc/{pid}/wchan", encoding="ascii", errors="replace") as file:
            where = file.read(200).strip()
    except OSError:
        return ""
    return (
        f"Process {pid}: {_name(pid)}\nwaits in the kernel at {_printable(where)}"
        if where not in ("", "0")
        else ""
    )


def _name(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return _printable(file.read(64).strip())
    except OSError:
        return ""


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
