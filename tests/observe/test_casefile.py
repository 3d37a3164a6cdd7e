"""Case files: decoded strictly, written and read back without a change to the diagnosis."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT, run_unstick
from unstick.cli.saving import save
from unstick.diagnose.engine import score
from unstick.diagnose.model import load
from unstick.errors import UnreadableError
from unstick.observe import build, casefile
from unstick.observe.reported import Reported
from unstick.observe.targets import case_of

CASES = sorted((ROOT / "corpus/cases").glob("*.yaml"))

BAD = {
    "id: [": "not a YAML file",
    "just words": "not a case file",
    "id: x\noutcome: {cause: app-crash}": "neither `reported` nor `observed`",
    "reported: 5": "reported",
    "reported: {text: x}\nobserved: []": "observed",
    "reported: {tried: 5}": "reported.tried",
    "observed: {evidence: [{sign: x}]}": "present",
    "a: &a [x, x]\nreported: {tried: *a}": "aliases",
    "reported: {text: !!python/object/apply:os.system [ls]}": "not a YAML file",
    "reported: " + "[" * 3000: "not a YAML file|nesting|deep",
}


@pytest.mark.parametrize("text", BAD, ids=list(BAD.values()))
def test_what_is_no_case_is_refused_with_the_place(text: str) -> None:
    with pytest.raises(UnreadableError, match=BAD[text]) as error:
        casefile.decode(text, "c.yaml")
    assert str(error.value).startswith("c.yaml")


def test_a_bomb_of_aliases_is_refused() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(UnreadableError, match="aliases"):
        casefile.decode(bomb + "reported: {text: x}\n", "bomb.yaml")


@pytest.mark.parametrize("text", ["reported: {tried: [" + "x," * 300_000 + "]}", "x" * (casefile.MOST + 1)])
def test_too_much_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"too many|larger"):
        casefile.decode(text, "big.yaml")


@pytest.mark.parametrize("log", ['"one\\ntwo"', "[one, two]", "|\n    one\n    two"])
def test_a_log_is_a_text_or_its_lines(log: str) -> None:
    file = casefile.decode(f"reported:\n  run_log: {log}\n", "c")
    assert casefile.reported_of(file).run_log.strip() == "one\ntwo"


@pytest.mark.parametrize("path", CASES[::29], ids=lambda path: path.stem)
def test_what_is_saved_gives_the_same_diagnosis(path: Path, tmp_path: Path) -> None:
    case, reported = case_of([str(path)])
    save(str(tmp_path / "kept.yaml"), case, reported)
    again, _ = case_of([str(tmp_path / "kept.yaml")])
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.yaml"]
    assert score(again, load()).probabilities == score(case, load()).probabilities


texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=200)


@given(texts, texts, st.lists(texts, max_size=3))
def test_any_report_comes_back(text: str, stage: str, tried: list[str]) -> None:
    reported = build.redacted(Reported(text=text, stage=stage, tried=tuple(tried)))
    case = build.case_from(reported, name="c")
    file = casefile.decode(casefile.encode(case, reported), "c")
    back = casefile.reported_of(file)
    assert back == reported
    assert casefile.observed_of(file)[0] == case.evidence


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        casefile.decode(text, "c")
    except UnreadableError as error:
        assert error.exit_code == 3


def test_the_outcome_is_never_read(tmp_path: Path) -> None:
    text = "id: x\nreported:\n  text: My Space is stuck on Preparing.\n"
    lie = "outcome: {cause: out-of-memory, also_acceptable: [billing-or-quota], domain: app, fix: none}\n"
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "b.yaml").write_text(text + lie)
    without, told = (run_unstick("diagnose", tmp_path / f"{name}.yaml", "--json").json() for name in "ab")
    assert without["causes"] == told["causes"]


def test_the_published_schema_is_that_of_the_reader() -> None:
    published = json.loads((ROOT / "docs/schema/case.json").read_text("utf-8"))
    assert published == casefile.schema()
    assert set(published["$defs"]["ReportedFile"]["properties"]) == set(Reported._fields)


def test_save_says_when_it_cannot_write(tmp_path: Path) -> None:
    case, reported = case_of([str(CASES[0])])
    with pytest.raises(UnreadableError, match="cannot be written"):
        save(str(tmp_path / "no/such/folder.yaml"), case, reported)


@pytest.mark.parametrize("text", ["reported: " + "[" * 50_000, "reported: " + "{a: " * 50_000])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError, match="too deep nesting"):
        casefile.decode(text, "deep.yaml")


def test_secrets_in_a_space_reach_neither_the_answer_nor_the_saved_case(tmp_path: Path) -> None:
    secret = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"
    (tmp_path / "README.md").write_text(f"---\nsdk: docker\nemoji: hf_{secret}\ncolorTo: cyan\n---\n")
    (tmp_path / "Dockerfile").write_text(f"FROM nginx\nCOPY ghp_{secret} /x\nUSER hf_{secret}\n")
    for flags in (["--json"], ["--format", "markdown"], ["--format", "terminal"], ["--save", tmp_path / "s"]):
        ran = run_unstick("diagnose", tmp_path, *flags)
        assert ran.code == 0 and secret not in ran.out + ran.err
    assert secret not in (tmp_path / "s").read_text()
