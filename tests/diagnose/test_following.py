"""What to observe next, and whose turn it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, run_unstick
from unstick.case import Case, Evidence, Unobserved
from unstick.diagnose import diagnose
from unstick.diagnose import model as likelihood
from unstick.diagnose.engine import score
from unstick.diagnose.following import answer, observations
from unstick.observe.targets import case_of
from unstick.signs.vocabulary import signs
from unstick.space import Edit, Finding, Place, Space

STORY = str(ROOT / "examples/preparing-12h/1-description/description.txt")
MODEL = likelihood.load()


def following(case: Case) -> list[str]:
    """The signs to observe next."""
    return [item.sign for item in observations(case, MODEL, score(case, MODEL))]


def test_the_sdk_is_asked_for_first() -> None:
    case, _ = case_of([STORY])
    first = diagnose(case).next[0]
    assert signs()[first.sign].group == "sdk" and "SDK" in first.question


def test_what_was_answered_or_asked_in_vain_is_not_asked_again() -> None:
    case, _ = case_of([STORY])
    first = following(case)[0]
    assert first not in following(case._replace(unobserved=(Unobserved(first, "asked"),)))
    after = following(answer(case, "sdk-docker", True))
    assert not [name for name in after if signs()[name].group == "sdk"]


def test_an_answer_derives_what_follows() -> None:
    case, _ = case_of([STORY])
    docker, streamlit = (
        score(answer(case, f"sdk-{sdk}", True), MODEL).probabilities["port-mismatch"]
        for sdk in ("docker", "streamlit")
    )
    assert docker > streamlit


def test_an_answer_outweighs_the_description() -> None:
    case = Case(evidence=(Evidence("works-locally", True, "description"),))
    chosen = score(answer(case, "works-locally", False), MODEL).evidence
    assert [(item.source, item.present) for item in chosen] == [("answer", False)]


def test_nothing_is_asked_when_all_is_clear() -> None:
    sure = tuple(Evidence(name, True, "rehearsal") for name in ("collision-words",))
    case = Case(evidence=sure)
    for item in observations(case, MODEL, score(case, MODEL)):
        assert item.gain >= 0.02


@settings(max_examples=10)
@given(st.lists(st.sampled_from(sorted(signs())), max_size=5, unique=True))
def test_observations_are_new_and_worth_it(names: list[str]) -> None:
    case = Case(evidence=tuple(Evidence(name, True, "description") for name in names))
    found = observations(case, MODEL, score(case, MODEL))
    assert not {item.sign for item in found} & set(names)
    assert all(0.02 <= item.gain <= 6 and item.question for item in found)


@pytest.mark.parametrize(("asker", "turn"), [("", "you"), ("visitor", "owner")])
def test_a_visitor_is_told_that_it_is_the_owners_turn(asker: str, turn: str) -> None:
    case = Case(
        evidence=(
            Evidence("log-missing-module", True, "run-log"),
            Evidence("collision-words", True, "description"),
        )
    )
    assert diagnose(case._replace(facts=(("asker", asker),))).turn == turn


def test_a_finding_whose_edits_overlap_is_no_repair() -> None:
    """Nothing is applied in part: overlapping edits are refused in a diagnosis as in `fix`."""
    space = Space.from_files({"README.md": "---\nsdk: docker\n---\n"})
    edits = (Edit("README.md", 0, 3, "A"), Edit("README.md", 2, 5, "B"))
    found = Finding("port-mismatch", "C130", Place("README.md", 1), "m", edits=edits)
    case = Case(evidence=(Evidence("rule:port-mismatch", True, "files"),), findings=(found,), space=space)
    assert diagnose(case).repairs == ()
    whole = diagnose(case._replace(findings=(found._replace(edits=edits[:1]),)))
    assert [repair.edits for repair in whole.repairs] == [edits[:1]]


SECRETS = ("hf_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3h", "AKIA" + "IOSFODNN7ABCDEFG")


@pytest.mark.parametrize("secret", SECRETS, ids=["hub", "cloud"])
@pytest.mark.parametrize("format", ["terminal", "json", "markdown"])
def test_secrets_appear_in_no_format(tmp_path: Path, secret: str, format: str) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s/README.md").write_text(
        f"---\ntitle: {secret}\nsdk: docker\ntoken: {secret}\n---\n{secret}\n"
    )
    (tmp_path / "s/Dockerfile").write_text(
        f"FROM python\nENV HF_TOKEN={secret}\nCMD python app.py --token {secret}\n"
    )
    (tmp_path / "told.txt").write_text(
        f"Runtime error. It worked before. My token is {secret}, runtime error {secret}.\n"
    )
    (tmp_path / "c.log").write_text(
        f"===== Application Startup at 2026-01-02 =====\n{secret}\nValueError: bad token {secret}\n"
    )
    targets = [tmp_path / "s", tmp_path / "told.txt", tmp_path / "c.log"]
    ran = run_unstick("diagnose", *targets, "--format", format, "--save", tmp_path / "kept.yaml")
    assert ran.code == 0 and secret not in ran.out + ran.err
    assert secret not in (tmp_path / "kept.yaml").read_text("utf-8")


def test_a_rehearsal_is_proposed_only_where_a_checkout_was_not_rehearsed(tmp_path: Path) -> None:
    """Of all its signs one question is asked, with the folder in its command."""
    for name, text in (
        ("README.md", "---\nsdk: docker\n---\n"),
        ("Dockerfile", "FROM python\nCMD python a.py\n"),
    ):
        (tmp_path / name).write_text(text, "utf-8")
    space = Space.open(str(tmp_path))
    vague = (Evidence("stage-starting", True, "description"), Evidence("sdk-docker", True, "readme"))

    def asked(case: Case) -> dict[str, str]:
        found = observations(case, MODEL, score(case, MODEL), limit=400)
        return {item.sign: item.how for item in found if item.sign.startswith("rehearsal-")}

    assert asked(Case(evidence=vague)) == {}
    assert asked(Case(evidence=vague, space=space)) == {"rehearsal-serves": f"`unstick run {tmp_path}`"}
    done = Evidence("rehearsal-nothing-listens", True, "rehearsal")
    assert asked(Case(evidence=(*vague, done), space=space)) == {}
