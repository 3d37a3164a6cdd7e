"""The set-up on a fresh machine: a copy of the repository, `make try`, and a second call that is quick."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT


def copy_of_the_repository(folder: Path) -> Path:
    """The files that git knows or would add, in a new folder with a space in its name."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    target = folder / "a new folder"
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Call make as a person would, without what pytest's own environment brings along."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=300,
    )


@pytest.mark.needs("make")
@pytest.mark.needs("git")
def test_make_try_makes_the_environment_and_answers(tmp_path: Path) -> None:
    folder = copy_of_the_repository(tmp_path)
    first = make(folder, "try")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "platform-stuck-state" in first.stdout and "port-mismatch" in first.stdout
    assert (folder / ".venv/try.stamp").is_file()
    second = make(folder, "try")
    assert second.returncode == 0, second.stderr
    assert "environment:" not in second.stdout
