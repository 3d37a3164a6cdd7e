"""The rules by which predictions are judged, on predictions made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import run_unstick
from unstick.causes import load
from unstick.errors import UnreadableError, UsageError
from unstick.evaluate import baselines, scores
from unstick.evaluate.scores import Predicted
from unstick.observe.labelled import Labelled, project, read


def predicted(
    label: str, *causes: tuple[str, float], also: tuple[str, ...] = (), domain: str = ""
) -> Predicted:
    """A prediction made by hand."""
    return Predicted("x", label, frozenset((label, *also)), domain, "reporter", causes)


CRASH = (("app-crash", 0.6), ("port-mismatch", 0.3), ("none-of-these", 0.1))


def test_the_label_or_an_acceptable_cause_is_right() -> None:
    assert predicted("app-crash", *CRASH).first
    assert not predicted("port-mismatch", *CRASH).first and predicted("port-mismatch", *CRASH).third
    assert predicted("port-mismatch", *CRASH, also=("app-crash",)).first
    many = tuple((name, 0.2) for name in ("a", "b", "c", "d"))
    assert not predicted("d", *many).third


def test_the_domain_is_that_with_most_probability() -> None:
    causes = load()
    assert (causes["app-crash"].domain, causes["port-mismatch"].domain) == ("app", "config")
    split = (("app-crash", 0.4), ("port-mismatch", 0.3), ("readme-config", 0.3))
    assert causes["readme-config"].domain == "config"
    assert scores.domain_right(predicted("port-mismatch", *split))
    assert not scores.domain_right(predicted("app-crash", *split))
    assert scores.domain_right(predicted("app-crash", *split, domain="config"))
    assert scores.domain_right(predicted("app-crash", *split, also=("port-mismatch",)))


def test_none_of_these_has_no_domain_to_win() -> None:
    assert scores.domain_right(predicted("app-crash", ("none-of-these", 0.9), ("app-crash", 0.1)))


BRIER = [((), 0.16 + 0.09 + 0.01), (("port-mismatch",), 0.01 + 0.01)]


@pytest.mark.parametrize(("also", "value"), BRIER)
def test_brier(also: tuple[str, ...], value: float) -> None:
    assert scores.brier(predicted("app-crash", *CRASH, also=also)) == pytest.approx(value)


def test_calibration_error_in_ten_bins_of_equal_count() -> None:
    sure = [0.05 + 0.1 * (index // 10) for index in range(100)]
    hits = [float(index % 10 < (index // 10)) for index in range(100)]
    # Each bin is off by 0.05: its hits are 0, 1 … 9 of ten at 5, 15 … 95 %.
    assert scores.calibration_error(sure, hits) == pytest.approx(0.05)
    assert scores.calibration_error([1.0] * 20, [0.0] * 20) == pytest.approx(1.0)
    assert scores.calibration_error([0.5] * 20, [1.0, 0.0] * 10) == pytest.approx(0.0)


def test_what_perfect_calibration_would_give() -> None:
    assert scores.perfect_error([1.0] * 50) == 0
    assert 0 < scores.perfect_error([0.7] * 1000) < scores.perfect_error([0.7] * 100) < 0.2


@given(st.integers(0, 200), st.integers(1, 12))
def test_bins_hold_all_and_differ_by_one(n: int, count: int) -> None:
    parts = scores.chunks(range(n), count)
    assert [item for part in parts for item in part] == list(range(n))
    assert not parts or max(map(len, parts)) - min(map(len, parts)) <= 1
    assert len(parts) == min(n, count)


def test_summary_confusion_and_worst() -> None:
    right, wrong = predicted("app-crash", *CRASH), predicted("port-mismatch", *CRASH)
    found = scores.summarise([right, wrong, wrong])
    assert (found.n, found.top1, found.top3) == (3, pytest.approx(1 / 3), 1.0)
    assert scores.confusion([right, wrong, wrong]) == [("port-mismatch", "app-crash", 2)]
    assert scores.worst([right, wrong], 5) == [wrong]
    assert scores.by_confirmation([right, wrong]) == {"reporter": (2, 0.5)}


CASE = """id: {id}
source: {{site: github.com, ref: {ref}}}
reported:
  text: {text}
outcome: {{cause: {cause}, also_acceptable: [{also}], domain: app, confirmed_by: fix}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Labelled cases, and a file that is none."""
    rows = [("a", "jane/app#1", "The port is wrong, zebra", "port-mismatch", ""),
            ("b", "jane/app#2", "The port is wrong, zebra again", "port-mismatch", "loopback-bind"),
            ("c", "joe/x#7", "Out of memory, lion", "out-of-memory", "")]  # fmt: skip
    for name, ref, text, cause, also in rows:
        (tmp_path / f"{name}.yaml").write_text(
            CASE.format(id=name, ref=ref, text=text, cause=cause, also=also)
        )
    (tmp_path / "notes.txt").write_text("no case")
    (tmp_path / "d.yaml").write_text("id: d\nreported: {text: not labelled}\n")
    return tmp_path


def test_labelled_cases_are_read(folder: Path) -> None:
    one, two, three = read(str(folder))
    assert (one.label, two.right, three.project) == (
        "port-mismatch",
        {"port-mismatch", "loopback-bind"},
        "joe/x",
    )
    assert one.project == two.project == "jane/app"
    assert one.reported.text == one.case.description == "The port is wrong, zebra"


@pytest.mark.parametrize(
    ("site", "ref", "name"), [("github.com", "A/b#12", "a/b"), ("forum", "Topic/9/8", "topic/9/8")]
)
def test_project(site: str, ref: str, name: str) -> None:
    assert project(site, ref) == name


def test_baselines(folder: Path) -> None:
    cases = read(str(folder))
    lion: Labelled = cases[2]._replace(case=cases[2].case._replace(description="a lion came"))
    assert baselines.most_frequent(cases)(lion) == ["port-mismatch", "out-of-memory"]
    assert baselines.bag_of_words(cases)(lion)[0] == "out-of-memory"
    assert set(baselines.signatures_alone(cases)(lion)) >= {"port-mismatch", "out-of-memory"}


@pytest.mark.parametrize(("make", "error"), [(False, UsageError), (True, UsageError)])
def test_a_folder_without_cases_is_a_wrong_call(tmp_path: Path, make: bool, error: type[Exception]) -> None:
    if make:
        (tmp_path / "f").mkdir()
    with pytest.raises(error):
        read(str(tmp_path / "f"))


def test_a_broken_case_stops_the_evaluation(folder: Path) -> None:
    (folder / "e.yaml").write_text("id: [")
    with pytest.raises(UnreadableError, match=r"e\.yaml"):
        read(str(folder))


def test_the_command_gives_scores_and_rankings(folder: Path) -> None:
    found = run_unstick("evaluate", folder, "--json").json()
    assert {"n", "top1", "top3", "domain", "brier", "ece", "cases"} <= found.keys()
    assert [case["id"] for case in found["cases"]] == ["a", "b", "c"]
    assert all(abs(sum(c["probability"] for c in case["causes"]) - 1) < 1e-3 for case in found["cases"])


def test_the_command_has_a_page_for_people(folder: Path) -> None:
    ran = run_unstick("evaluate", folder, "--questions")
    assert ran.code == 0 and ran.out.startswith("3 judgements")
    for words in (
        "first cause right",
        "perfect calibration would give",
        "three random questions",
        "worst misses",
    ):
        assert words in ran.out


def test_one_fold_is_a_wrong_call(folder: Path) -> None:
    ran = run_unstick("evaluate", folder, "--cross-validate", "1")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
