"""The ranking: a pure function of the case whose bits can be followed."""

from __future__ import annotations

from math import isclose
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT, run_unstick
from unstick import causes
from unstick.case import Case, Evidence
from unstick.causes import NONE_OF_THESE
from unstick.diagnose import _model, diagnose
from unstick.diagnose import model as likelihood
from unstick.diagnose.engine import decisive, rank, score
from unstick.observe import build
from unstick.observe.reported import Reported
from unstick.observe.targets import case_of
from unstick.signs.vocabulary import signs

NAMES = sorted(signs())
MODEL = likelihood.load()
CASES = sorted((ROOT / "corpus/cases").glob("*.yaml"))[::37]

evidences = st.lists(
    st.builds(
        Evidence, st.sampled_from(NAMES), st.booleans(), st.sampled_from(["description", "stage", "run-log"])
    ),
    max_size=12,
    unique_by=lambda item: (item.sign, item.source),
)


@given(evidences)
def test_probabilities_are_a_distribution_over_every_cause(evidence: list[Evidence]) -> None:
    found = score(Case(evidence=tuple(evidence)), MODEL).probabilities
    assert isclose(sum(found.values()), 1.0, abs_tol=1e-9)
    assert found.keys() == causes.load().keys()
    assert all(0 <= value <= 1 for value in found.values()) and found[NONE_OF_THESE] > 0


@given(evidences, st.randoms())
def test_the_order_of_evidence_changes_nothing(evidence: list[Evidence], chance: object) -> None:
    mixed = list(evidence)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert score(Case(evidence=tuple(mixed)), MODEL) == score(Case(evidence=tuple(evidence)), MODEL)


@given(evidences)
def test_the_lead_is_never_lost_in_calibration(evidence: list[Evidence]) -> None:
    scored = score(Case(evidence=tuple(evidence)), MODEL)
    by_score = max(sorted(scored.scores), key=lambda cause: scored.scores[cause])
    assert isclose(scored.probabilities[by_score], max(scored.probabilities.values()))


@given(evidences)
def test_prior_and_bits_give_the_order(evidence: list[Evidence]) -> None:
    scored = score(Case(evidence=tuple(evidence)), MODEL)
    totals = {
        item.cause: item.prior_bits + sum(weight.bits for weight in item.weights)
        for item in rank(scored, MODEL)
    }
    differ = {
        cause: totals[cause] - scored.scores[cause] * MODEL.sharpness
        for cause in totals
        if cause != NONE_OF_THESE
    }
    # The same constant for every cause, but for the small bits that are not shown.
    assert max(differ.values()) - min(differ.values()) <= 0.05 * len(evidence) + 1e-6


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_same_case_gives_the_same_bits(path: Path) -> None:
    case, _ = case_of([str(path)])
    one, two = diagnose(case), diagnose(case_of([str(path)])[0])
    assert (one.causes, one.next, one.verdict) == (two.causes, two.next, two.verdict)
    assert NONE_OF_THESE in [item.cause for item in one.causes]
    assert [item.probability for item in one.causes] == sorted(
        (i.probability for i in one.causes), reverse=True
    )


def test_another_process_gives_the_same() -> None:
    outs = {
        run_unstick("diagnose", CASES[0], "--json", env={"PYTHONHASHSEED": seed}).out for seed in ("1", "2")
    }
    assert len(outs) == 1


def probabilities(**told: object) -> dict[str, float]:
    """By cause, of a report."""
    return score(build.case_from(Reported(**told)), MODEL).probabilities  # type: ignore[arg-type]


SENTENCES = [
    "My Space is stuck on Preparing for 12 hours.",
    "The build log is clean.",
    "It worked before and I changed nothing.",
    "I restarted it, no change.",
    "ModuleNotFoundError: No module named 'torch'",
]


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5, unique=True), st.integers(2, 5))
def test_repeating_a_description_changes_nothing(told: list[str], times: int) -> None:
    assert probabilities(text="\n".join(told * times)) == probabilities(text="\n".join(told))


ERRORS = [
    "ModuleNotFoundError: No module named 'torch'",
    "torch.cuda.OutOfMemoryError: CUDA out of memory.",
    "PermissionError: [Errno 13] Permission denied: '/data'",
]


@pytest.mark.parametrize("error", ERRORS)
def test_a_log_line_a_thousand_times_changes_nothing(error: str) -> None:
    head = "===== Application Startup at 2026-01-02 10:05:00 =====\n"
    assert probabilities(run_log=head + f"{error}\n" * 1000) == probabilities(run_log=head + f"{error}\n")


def test_every_id_in_the_tables_exists() -> None:
    known = causes.load()
    assert set(_model.CAUSES) == set(known) - {NONE_OF_THESE}
    assert len(_model.PRIORS) == len(_model.CAUSES)
    for sign, row in _model.WEIGHTS:
        assert sign in signs() and {cause for cause, _ in row} <= set(_model.CAUSES), sign
    for sign in signs().values():
        assert {cause for cause, _ in sign.says} <= set(known), sign.id


def test_the_most_trusted_source_decides() -> None:
    said = Evidence("direct-url-works", True, "description")
    measured = Evidence("direct-url-works", False, "url")
    assert decisive((said, measured)) == decisive((measured, said)) == (measured,)


def test_signs_of_one_story_count_less_and_less() -> None:
    parts = [likelihood.Said(name, {"app-crash": 2.0}, 2.0, "app-crash") for name in "abc"]
    assert [item.counts for item in likelihood.echoed(parts)] == [1.0, likelihood.ECHO, likelihood.ECHO**2]


def test_what_nothing_explains_feeds_none_of_these() -> None:
    calm = score(Case(), MODEL).probabilities[NONE_OF_THESE]
    odd = tuple(
        Evidence(name, True, "description")
        for name in ("disk-words", "browser-cookies", "gated-model", "capacity-words")
    )
    assert score(Case(evidence=odd), MODEL).probabilities[NONE_OF_THESE] > calm


def test_the_model_knows_absence() -> None:
    there, gone = (
        score(Case(evidence=(Evidence("direct-url-works", present, "answer"),)), MODEL).probabilities
        for present in (True, False)
    )
    assert there["port-mismatch"] < gone["port-mismatch"]


@pytest.mark.parametrize("reported", [Reported(text="How do I bake bread?"), Reported(sdk="streamlit")])
def test_where_nothing_is_recognised_nobody_is_told_that_it_is_their_turn(reported: Reported) -> None:
    said = diagnose(build.case_from(reported)).verdict
    assert said.startswith("Nothing in it tells what is wrong") and "turn" not in said
    assert "your turn" in diagnose(build.case_from(Reported(text="It says Runtime error."))).verdict
