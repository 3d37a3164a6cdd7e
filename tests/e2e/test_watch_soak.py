"""The short form of `benchmarks/watch_soak.py`: random faults, kills of the watcher, failures of the Hub."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conftest import ROOT
from e2e.postgres import PROGRAMS, postgres

SOAK = ROOT / "benchmarks" / "watch_soak.py"


def soak(*options: str) -> None:
    done = subprocess.run(
        [sys.executable, str(SOAK), "--minutes", "0.8", "--spaces", "45", *options],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "wrong: 0" in done.stdout


def test_every_fault_is_told_once_and_cleared_once_with_sqlite() -> None:
    soak("--seed", "5")


@pytest.mark.needs(str(PROGRAMS / "initdb"))
def test_every_fault_is_told_once_and_cleared_once_with_postgresql() -> None:
    with postgres() as url:
        soak("--seed", "6", "--database", url)
