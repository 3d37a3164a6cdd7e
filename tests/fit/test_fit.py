"""The fit: weights move the right way, and no project is in two folds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("scipy", reason="NOT TESTED: scipy is not installed")

from unstick.case import Case, Evidence
from unstick.fit import __main__ as command
from unstick.fit import calibrate, folds, weights
from unstick.observe.labelled import Labelled

CAUSES = ["app-crash", "port-mismatch", "out-of-memory"]


def labelled(label: str, *signs: str, project: str = "", also: tuple[str, ...] = ()) -> Labelled:
    """A case with these signs."""
    evidence = tuple(Evidence(sign, True, "description") for sign in signs)
    return Labelled(Case(label, evidence), label, frozenset((label, *also)), "app", "fix", project or label)


def test_a_sign_speaks_for_the_cause_it_comes_with() -> None:
    cases = [labelled("port-mismatch", "intermittent")] * 8 + [labelled("app-crash", "paid-plan")] * 8
    before, after = weights.fit([], CAUSES), weights.fit(cases, CAUSES)

    def gap(model: Any) -> float:
        row = model.weights.get("intermittent", {})
        return float(row.get("port-mismatch", 0.0) - row.get("app-crash", 0.0))

    assert gap(after) > gap(before) + 0.1


def test_what_no_case_shows_keeps_the_experts_order() -> None:
    model = weights.fit([labelled("app-crash", "paid-plan")] * 4, CAUSES)
    row = model.weights.get("collision-words", {})
    assert all(bits > 0 for bits in row.values())
    assert model.causes == tuple(CAUSES)


def test_priors_follow_the_counts() -> None:
    model = weights.fit([labelled("app-crash")] * 20 + [labelled("out-of-memory")] * 5, CAUSES)
    prior = dict(zip(model.causes, model.priors, strict=True))
    assert prior["app-crash"] > prior["out-of-memory"] > prior["port-mismatch"]


def test_the_truth_is_shared_with_acceptable_causes() -> None:
    rows = weights.targets(
        [
            labelled("app-crash"),
            labelled("app-crash", also=("port-mismatch", "out-of-memory")),
            labelled("elsewhere"),
        ],
        CAUSES,
        0.7,
    )
    assert rows[0].tolist() == [1.0, 0.0, 0.0]
    assert rows[1].tolist() == pytest.approx([0.7, 0.15, 0.15])
    assert rows[2].tolist() == [0.0, 0.0, 0.0]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(2, 5), st.integers(0, 3))
def test_no_project_is_in_two_folds(projects: list[int], count: int, seed: int) -> None:
    cases = [labelled("app-crash", project=str(number)) for number in projects]
    placed = folds.assign(cases, count, seed)
    where: dict[int, set[int]] = {}
    for number, fold in zip(projects, placed, strict=True):
        where.setdefault(number, set()).add(fold)
    assert all(len(found) == 1 for found in where.values()) and set(placed) <= set(range(count))
    assert placed == folds.assign(cases, count, seed)


def test_a_case_is_judged_by_a_model_that_has_not_seen_its_project() -> None:
    pairs = [("app-crash", "paid-plan"), ("port-mismatch", "intermittent")]
    cases = [labelled(*pairs[index % 2], project=str(index // 2)) for index in range(12)]
    models = folds.held_out(cases, CAUSES, 3, 0)
    placed = folds.assign(cases, 3, 0)
    by_fold = dict(zip(placed, models, strict=True))
    assert len(models) == 12 and all(models[i] is by_fold[placed[i]] for i in range(12))
    for fold, model in by_fold.items():
        alone = weights.fit([c for c, f in zip(cases, placed, strict=True) if f != fold], CAUSES)
        assert (model.weights, model.priors) == (alone.weights, alone.priors)


def test_a_cause_is_left_out_with_all_that_accepts_it() -> None:
    cases = [labelled("app-crash"), labelled("port-mismatch", also=("app-crash",)), labelled("out-of-memory")]
    assert [item.label for item in folds.without(cases, "app-crash")] == ["out-of-memory"]


def pair(first: float, right: str) -> calibrate.Pair:
    """Two causes, the first ahead by so many bits."""
    return {"a": first, "b": 0.0}, 10.0, frozenset((right,))


def test_sharpness_is_higher_when_the_scores_are_right() -> None:
    good, bad = [pair(1.0, "a")] * 19 + [pair(1.0, "b")], [pair(1.0, "a")] * 11 + [pair(1.0, "b")] * 9
    assert calibrate.sharpness_of(good) > calibrate.sharpness_of(bad)


@settings(max_examples=15)
@given(st.integers(1, 39))
def test_the_lift_moves_confidence_to_what_came_true(hits: int) -> None:
    from unstick.diagnose.model import lifted

    pairs = [pair(1.0, "a")] * hits + [pair(1.0, "b")] * (40 - hits)
    moved = lifted(2 / 3, calibrate.lift_of(pairs, 1.0))
    assert abs(moved - hits / 40) < abs(2 / 3 - hits / 40) + 0.02


def test_the_written_model_can_be_read_back(tmp_path: Path) -> None:
    model = weights.fit([labelled("app-crash", "paid-plan")] * 4, CAUSES)
    space: dict[str, Any] = {}
    exec(command.table(model), space)
    assert space["CAUSES"] == model.causes and len(space["PRIORS"]) == 3
    assert space["SHARPNESS"] == model.sharpness and space["LIFT"] == model.lift
