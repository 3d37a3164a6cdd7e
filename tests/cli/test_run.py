"""`unstick run`: what is said about wrong calls, before anything is built."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conftest import run_unstick
from unstick.cli.run_options import duration, size
from unstick.errors import UsageError

README = "---\nsdk: docker\n---\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("/no/such/folder",), "there is no such folder"),
        ((".", "--hardware", "moon"), "not known"),
        ((".", "--memory", "lots"), "is no size"),
        ((".", "--timeout", "soon"), "is no time"),
        ((".", "--cpus", "-1"), "cannot be -1"),
        ((".", "--apply"), "--apply needs --repair"),
        ((".", "--secret", "NOT_SET_ANYWHERE"), "NAME=VALUE"),
        ((".", "--secret", "1A=x"), "name before ="),
        ((".", "--data", "/no/such/data"), "there is no such folder"),
        ((".", "--env-file", "/no/such/file"), "cannot be read"),
    ],
)
def test_a_wrong_call_gets_one_clear_line(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    (tmp_path / "README.md").write_text(README)
    ran = run_unstick("run", *arguments, cwd=tmp_path)
    assert ran.code in (2, 3) and says in ran.err and len(ran.err.splitlines()) == 1, ran


def test_a_secret_without_equals_sign_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(README)
    ran = run_unstick("run", str(tmp_path), "--secret", "hunter2-hunter2")
    assert "hunter2" not in ran.out + ran.err and ran.code == 2


def test_a_repository_that_cannot_be_cloned(tmp_path: Path) -> None:
    ran = run_unstick("run", f"file://{tmp_path}/none.git", "--backend", "process")
    assert ran.code == 3 and "cannot be cloned" in ran.err


def test_a_git_url_is_cloned_and_refused_for_its_block(tmp_path: Path) -> None:
    work = tmp_path / "space"
    work.mkdir()
    (work / "README.md").write_text("nothing")
    for command in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"),
    ):
        subprocess.run(["git", *command], cwd=work, check=True)
    ran = run_unstick("run", f"file://{work}", "--backend", "process", "--json")
    assert ran.code == 1 and ran.json()["stage"] == "CONFIG_ERROR"
    assert ran.json()["diagnosis"]["causes"][0]["id"] == "readme-config"


@pytest.mark.parametrize(
    ("text", "bytes_"), [("512M", 512 * 1024**2), ("2g", 2 * 1024**3), ("1GiB", 1024**3), ("100", 100)]
)
def test_sizes(text: str, bytes_: int) -> None:
    assert size(text, "--memory") == bytes_


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5G", "G", "9" * 40])
def test_no_sizes(text: str) -> None:
    with pytest.raises(UsageError):
        size(text, "--memory")


def test_durations() -> None:
    assert [duration(text, "--timeout") for text in ("0", "20", "20s", "5m", "1h")] == [0, 20, 20, 300, 3600]


def test_repair_keeps_what_was_observed(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing")
    (tmp_path / "Dockerfile").write_text("FROM no-such-image\n")
    kept = tmp_path.parent / "case.yaml"
    ran = run_unstick("run", tmp_path, "--backend", "process", "--repair", "--save", kept, "--json")
    assert ran.json()["stage"] == "CONFIG_ERROR"
    again = run_unstick("diagnose", kept, "--json").json()
    assert again["causes"][0]["id"] == ran.json()["diagnosis"]["causes"][0]["id"] == "readme-config"
