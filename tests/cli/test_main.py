"""The command line as a whole: help, wrong calls, pipes that close."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import unstick
from conftest import COMMAND, ROOT, run_unstick
from unstick.cli.main import COMMANDS

STORY = (ROOT / "examples/preparing-12h/1-description/description.txt").read_text("utf-8")


@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_help_names_every_command(word: str) -> None:
    ran = run_unstick(word)
    assert (ran.code, ran.err) == (0, "")
    assert all(f"  {name} " in ran.out for name in COMMANDS)
    assert max(map(len, ran.out.splitlines())) <= 100


def test_no_word_at_all_shows_help_and_is_a_wrong_call() -> None:
    ran = run_unstick()
    assert ran.code == 2 and "usage: unstick" in ran.out + ran.err


@pytest.mark.parametrize("word", ["--version", "-V"])
def test_version(word: str) -> None:
    assert run_unstick(word).out == f"unstick {unstick.__version__}\n"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_examples(name: str) -> None:
    ran = run_unstick(name, "--help")
    assert ran.code == 0 and f"unstick {name}" in ran.out and "examples:" in ran.out and "--debug" in ran.out


def test_a_bare_target_is_diagnosed(tmp_path: Path) -> None:
    (tmp_path / "told.txt").write_text(STORY)
    bare, named = (run_unstick(*words, tmp_path / "told.txt") for words in ([], ["diagnose"]))
    assert bare == named and bare.code == 0 and "platform-stuck-state" in bare.out


def test_a_text_can_be_piped_in() -> None:
    assert "platform-stuck-state" in run_unstick("-", stdin=STORY).out


@pytest.mark.parametrize("words", [["diagnoze"], ["frobnicate", "x"], ["--frobnicate"], ["diagnose"],
                                   ["diagnose", "x", "--as", "poem"]])  # fmt: skip
def test_a_wrong_call_is_told_what_is_wrong(words: list[str]) -> None:
    ran = run_unstick(*words)
    assert (ran.code, ran.out) == (2, "")
    last = ran.err.strip().splitlines()[-1]
    assert last.startswith("unstick") and ": " in last


@pytest.mark.parametrize("option", ["--json", "--format=json"])
def test_json(option: str) -> None:
    found = run_unstick("-", option, stdin=STORY).json()
    assert {"verdict", "turn", "causes", "next"} <= found.keys()
    assert {"id", "code", "domain", "probability", "evidence"} <= found["causes"][0].keys()
    assert abs(sum(cause["probability"] for cause in found["causes"]) - 1) < 0.01


EXITS = [
    (STORY, 0),
    ("ModuleNotFoundError: No module named 'yaml'. Runtime error. The log shows nothing else.", 1),
]


@pytest.mark.parametrize(("text", "code"), EXITS)
def test_exit_code_says_whether_the_person_has_something_to_do(text: str, code: int) -> None:
    assert run_unstick("-", "--exit-code", stdin=text).code == code
    assert run_unstick("-", stdin=text).code == 0


def test_a_reader_that_goes_away_is_no_error() -> None:
    story = ROOT / "examples/preparing-12h/1-description/description.txt"
    command = f"'{COMMAND}' diagnose '{story}' --json | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "{", "")


def test_debug_shows_where_it_failed() -> None:
    quiet, loud = run_unstick("diagnose", "no-such"), run_unstick("diagnose", "no-such", "--debug")
    assert "Traceback" not in quiet.err and quiet.err.count("\n") == 1
    assert "Traceback" in loud.err and loud.code != 0


def test_control_characters_of_a_name_never_reach_the_terminal() -> None:
    assert "\x1b" not in run_unstick("diagnose", "no\x1b[31msuch").err


def test_nothing_is_written_without_save(tmp_path: Path) -> None:
    (tmp_path / "told.txt").write_text(STORY)
    run_unstick("diagnose", "told.txt", cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["told.txt"]
    assert run_unstick("diagnose", "told.txt", "--save", "kept.yaml", cwd=tmp_path).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.yaml", "told.txt"]
