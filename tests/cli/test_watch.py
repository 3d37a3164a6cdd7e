"""`unstick watch` and `unstick history`: what is refused, with one clear message each, before anything is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import run_unstick

NOWHERE = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_TOKEN": "", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}


def policy(folder: Path, text: str) -> str:
    path = folder / "policy.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["not a space"], "names no Space"),
        (["a/b", "--every", "often"], "is no duration"),
        (["a/b", "--every", "0s"], "less than a second"),
        (["a/b", "--alert", "nonsense://geheim"], "none that apprise knows"),
        (["a/b", "--database", "mysql://u:geheim@h/n"], "is not a database that unstick can use"),
        (["a/b", "--listen", "everywhere"], "is no address to listen on"),
    ],
)
def test_wrong_calls(arguments: list[str], words: str, tmp_path: Path) -> None:
    more = [] if "--database" in arguments else ["--database", str(tmp_path / "h.db")]
    ran = run_unstick("watch", *arguments, *more, env=NOWHERE)
    assert ran.code == 2
    assert words in ran.err
    assert "geheim" not in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("[poll]\nevry = '1m'", 2, "unknown field `evry`"),
        ("[[act]]\nrung = 'delete-everything'", 2, "no rung that can be taken unasked"),
        ("[[act]]\nrung = 'restart'", 2, "there is no token"),
        ("[alerts]\nurls = ['$NOT_SET_ANYWHERE']", 2, "NOT_SET_ANYWHERE is not set"),
    ],
)
def test_wrong_policies(text: str, code: int, words: str, tmp_path: Path) -> None:
    ran = run_unstick(
        "watch", "a/b", "--policy", policy(tmp_path, text), "--database", str(tmp_path / "h.db"), env=NOWHERE
    )
    assert (ran.code, words in ran.err) == (code, True), ran.err


def test_a_policy_that_is_not_there(tmp_path: Path) -> None:
    ran = run_unstick(
        "watch", "a/b", "--policy", "none.toml", "--database", str(tmp_path / "h.db"), env=NOWHERE
    )
    assert ran.code == 3
    assert "none.toml" in ran.err


def test_a_hub_that_does_not_answer(tmp_path: Path) -> None:
    ran = run_unstick("watch", "a/b", "--once", "--database", str(tmp_path / "h.db"), env=NOWHERE)
    assert ran.code == 3
    assert "does not answer" in ran.err


def test_a_history_that_is_not_there(tmp_path: Path) -> None:
    none = run_unstick("history", "a/b", "--database", str(tmp_path / "none.db"))
    assert (none.code, "there is no history yet" in none.err) == (3, True)
    assert not (tmp_path / "none.db").exists()
    run_unstick("watch", "a/b", "--once", "--database", str(tmp_path / "h.db"), env=NOWHERE)
    never = run_unstick("history", "a/b", "--database", str(tmp_path / "h.db"))
    assert (never.code, "was never watched" in never.err) == (3, True)
    odd = run_unstick("history", "a/b", "--last", "ages", "--database", str(tmp_path / "h.db"))
    assert (odd.code, "is no duration" in odd.err) == (2, True)


def test_the_database_of_a_person_is_below_his_state_folder(tmp_path: Path) -> None:
    run_unstick("watch", "a/b", "--once", env={**NOWHERE, "XDG_STATE_HOME": str(tmp_path)})
    assert (tmp_path / "unstick" / "history.db").exists()
