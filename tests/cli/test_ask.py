"""`--ask`: questions at a real terminal, each answer moving the ranking."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import COMMAND, ROOT, run_unstick
from unstick.cli import ask as module
from unstick.cli.ask import ask
from unstick.observe.build import case_from
from unstick.observe.reported import Reported

STORY = (ROOT / "examples/preparing-12h/1-description/description.txt").read_text("utf-8")


def talk(path: Path, answers: str) -> tuple[int, str]:
    """Exit code and screen of a dialogue: one answer to each prompt, then Ctrl-D."""
    import pty

    main, child = pty.openpty()
    process = subprocess.Popen(
        [str(COMMAND), "diagnose", str(path), "--ask"], stdin=child, stdout=child, stderr=child,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "80", "PYTHONUTF8": "1"},
    )  # fmt: skip
    os.close(child)
    screen, prompts, end = "", 0, time.monotonic() + 30
    left = list(answers)
    while time.monotonic() < end:
        if not select.select([main], [], [], 0.5)[0]:
            continue
        try:
            data = os.read(main, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not data:
            break
        screen += data.decode("utf-8", "replace")
        while screen.count("? > ") > prompts:
            prompts += 1
            os.write(main, (f"{left.pop(0)}\n" if left else "\x04").encode())
    os.close(main)
    return process.wait(10), screen


@pytest.mark.skipif(sys.platform == "win32", reason="NOT TESTED: there is no pseudo-terminal")
def test_a_dialogue(tmp_path: Path) -> None:
    (tmp_path / "told.txt").write_text(STORY)
    code, screen = talk(tmp_path / "told.txt", "1n")
    assert code == 0, screen
    assert "Which SDK does the README block name?" in screen and "  1  docker" in screen
    assert screen.count("so far: ") >= 3
    assert "Traceback" not in screen and "unstick explain" in screen


def test_a_pipe_is_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "told.txt").write_text(STORY)
    ran = run_unstick("diagnose", tmp_path / "told.txt", "--ask")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1) and "needs a terminal" in ran.err


def test_a_target_on_standard_input_leaves_no_way_to_answer() -> None:
    ran = run_unstick("diagnose", "-", "--ask", stdin=STORY)
    assert (ran.code, ran.err.count("\n")) == (2, 1) and "standard input" in ran.err


class Person:
    """Answers prompts from a list, then ends the input."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    def __call__(self, prompt: str) -> str:
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Questions may be asked."""
    monkeypatch.setattr(module, "require_terminal", lambda targets: None)
    return monkeypatch


@pytest.mark.parametrize(
    ("typed", "sign"), [("1", "sdk-docker"), ("Gradio", "sdk-gradio"), ("99", ""), ("?", "")]
)
def test_a_group_is_answered_by_number_or_name(terminal: pytest.MonkeyPatch, typed: str, sign: str) -> None:
    terminal.setattr("builtins.input", Person(typed))
    case = ask(case_from(Reported(text=STORY)))
    assert [item.sign for item in case.evidence if item.source == "answer"] == ([sign] if sign else [])
    assert [item.reason for item in case.unobserved] == (["asked"] if typed == "?" else [])


def test_never_the_same_question_twice_and_an_end(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.setattr("builtins.input", Person(*["?"] * 60))
    case = ask(case_from(Reported(text=STORY)))
    asked = [item.sign for item in case.unobserved]
    assert len(asked) == len(set(asked)) > 3
    assert "Nothing else" in capsys.readouterr().out


def test_a_sure_case_needs_no_question(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.setattr("builtins.input", Person())
    terminal.setattr(module, "ENOUGH", 0.0)
    case = case_from(Reported(text=STORY))
    assert ask(case) is case and "so far: platform-stuck-state" in capsys.readouterr().out


def test_a_strange_answer_is_asked_again(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.setattr("builtins.input", Person("1", "perhaps", "y"))
    case = ask(case_from(Reported(text=STORY)))
    assert "Please answer y, n or ?" in capsys.readouterr().out
    assert [item.present for item in case.evidence if item.source == "answer"] == [True, True]
