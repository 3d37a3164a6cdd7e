"""Huge and exploding inputs, given to the real command; what counts is the peak memory of the process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

COMMAND = str(Path(sys.executable).with_name("unstick"))
LIMIT_MB = 300
GIGABYTE = 1 << 30
LINE = b"2026-03-11 19:43:55,310 INFO demand: 41 patients, 3 nurses, next hour 17.25, worker 4 of 8\n"


class Huge(NamedTuple):
    """What one call took. `fine`: no traceback, an exit code that is allowed, memory within the limit."""

    name: str
    code: int
    seconds: float
    megabytes: float
    fine: bool


def bomb(levels: int = 12) -> str:
    """YAML of a few hundred bytes that would unfold to nine to the power of `levels` values."""
    above = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, levels)]
    return "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(above)


def fill(path: Path, unit: bytes, last: bytes) -> None:
    """Write a file of one gigabyte: one unit again and again, then the last bytes."""
    block = unit * ((1 << 20) // len(unit))
    with path.open("wb") as file:
        while file.tell() < GIGABYTE:
            file.write(block)
        file.write(last)


def bomb_in_readme(folder: Path) -> list[str]:
    """A Space whose README block is a bomb."""
    (folder / "README.md").write_text(f"---\nsdk: docker\n{bomb()}---\n")
    (folder / "Dockerfile").write_text("FROM python:3.13-slim\n")
    return ["check", str(folder)]


def bomb_in_case(folder: Path) -> list[str]:
    """A case file that is a bomb."""
    path = folder / "case.yaml"
    path.write_text(f"reported:\n  text: stuck\n{bomb()}outcome: {{}}\n")
    return ["diagnose", str(path)]


def log_of_lines(folder: Path) -> list[str]:
    """A log of one gigabyte whose last line is what matters."""
    path = folder / "container.log"
    fill(path, LINE, b"PermissionError: [Errno 13] Permission denied: '/data'\n")
    return ["diagnose", str(path)]


def log_of_one_line(folder: Path) -> list[str]:
    """A log of one gigabyte without a line break."""
    path = folder / "container.log"
    fill(path, b"progress " * 16, b"\nKilled\n")
    return ["diagnose", str(path)]


def huge_readme(folder: Path) -> list[str]:
    """A Space whose README has one gigabyte."""
    fill(folder / "README.md", b"title: a\n" * 16, b"---\n")
    (folder / "app.py").write_text("print('hello')\n")
    return ["check", str(folder)]


MAKERS: tuple[tuple[str, Callable[[Path], list[str]]], ...] = (
    ("YAML bomb in a README", bomb_in_readme),
    ("YAML bomb in a case file", bomb_in_case),
    ("log of 1 GB", log_of_lines),
    ("log of 1 GB in one line", log_of_one_line),
    ("README of 1 GB", huge_readme),
)


def measure_huge() -> Iterator[Huge]:
    """One row for each input, made in a temporary folder and removed again."""
    for name, make in MAKERS:
        with tempfile.TemporaryDirectory() as folder:
            arguments = make(Path(folder))
            errors = Path(folder, "errors")
            began = time.perf_counter()
            with errors.open("wb") as sink:
                process = subprocess.Popen([COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=sink)
                _, status, usage = os.wait4(process.pid, 0)
            process.returncode = code = os.waitstatus_to_exitcode(status)
            seconds = time.perf_counter() - began
            # Linux counts in kilobytes, macOS in bytes.
            megabytes = usage.ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20)
            broken = b"Traceback" in errors.read_bytes()
            yield Huge(
                name, code, seconds, megabytes, code in range(4) and not broken and megabytes <= LIMIT_MB
            )
