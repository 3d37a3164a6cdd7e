"""When a pushed commit serves, when it has failed, and when nobody can say yet."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.act.types import Look
from unstick.act.waiting import judge, kept, wait

NEW, OLD = "b" * 40, "a" * 40
STAGES = (
    "BUILDING",
    "APP_STARTING",
    "RUNNING",
    "RUNNING_BUILDING",
    "BUILD_ERROR",
    "RUNTIME_ERROR",
    "SLEEPING",
)


def look(at: float, stage: str, **more: str) -> Look:
    """A look of these values."""
    return Look(at, stage=stage)._replace(**more)


@pytest.mark.parametrize(
    ("looks", "state"),
    [
        pytest.param([], "waiting", id="nothing asked"),
        pytest.param([Look(0, failed="the Hub does not answer")], "waiting", id="not observed"),
        pytest.param([look(0, "BUILDING")], "waiting", id="building"),
        pytest.param([look(0, "RUNNING", sha=OLD, answered_by="app")], "waiting", id="the old version"),
        pytest.param([look(0, "RUNNING", sha=NEW)], "waiting", id="address not asked"),
        pytest.param([look(0, "RUNNING", sha=NEW, answered_by="app")], "serving", id="new and answered"),
        pytest.param([look(0, "RUNNING", answered_by="app")], "serving", id="static: no sha is said"),
        pytest.param([look(0, "RUNNING_APP_STARTING", sha=OLD, answered_by="app")], "waiting", id="both"),
        pytest.param([look(0, "BUILD_ERROR")], "waiting", id="an error that may be the last commit's"),
        pytest.param([look(0, "BUILDING"), look(9, "BUILD_ERROR")], "failed", id="built, and failed"),
        pytest.param([look(0, "BUILD_ERROR"), look(91, "BUILD_ERROR")], "failed", id="an error that stays"),
        pytest.param(
            [
                look(0, "RUNNING", sha=NEW, answered_by="edge"),
                look(121, "RUNNING", sha=NEW, answered_by="edge"),
            ],
            "failed",
            id="RUNNING, and the app does not answer",
        ),
        pytest.param(
            [look(0, "RUNNING", sha=OLD), look(121, "RUNNING", sha=NEW, answered_by="edge")],
            "waiting",
            id="the new version has run for a moment only",
        ),
    ],
)
def test_a_verdict_for_each_situation(looks: list[Look], state: str) -> None:
    assert judge(looks, NEW, 0.0).state == state


def test_the_reason_of_a_failure_is_the_platforms_own_first_line() -> None:
    looks = [
        look(0, "APP_STARTING"),
        look(5, "RUNTIME_ERROR", message="Exit code: 1. Reason: no key\nTraceback"),
    ]
    assert judge(looks, NEW, 0.0).reason == "RUNTIME_ERROR: Exit code: 1. Reason: no key"


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


LOOKS = st.builds(
    lambda stage, sha, by: Look(0, stage=stage, sha=sha, answered_by=by),
    st.sampled_from(STAGES), st.sampled_from(("", OLD, NEW)), st.sampled_from(("", "app", "edge", "nobody")),
)  # fmt: skip


@given(st.lists(LOOKS, min_size=1, max_size=30), st.floats(1, 5000))
def test_waiting_always_ends_in_time_and_serving_is_never_said_of_another_commit(
    script: list[Look], timeout: float
) -> None:
    clock, asked = Clock(), []

    def ask(visit: bool) -> Look:
        given = script[min(len(asked), len(script) - 1)]
        asked.append(visit)
        return given._replace(at=clock(), answered_by=given.answered_by if visit else "")

    verdict, looks = wait(ask, NEW, timeout, clock=clock, sleep=clock.sleep)
    assert verdict.state in ("serving", "failed", "late")
    assert clock() - 1000.0 <= timeout + 0.06
    if verdict.state == "serving":
        assert (looks[-1].stage, looks[-1].answered_by) == ("RUNNING", "app")
        assert looks[-1].sha in ("", NEW)


@given(st.lists(LOOKS, max_size=40))
def test_what_is_kept_of_the_looks_changes_no_verdict(script: list[Look]) -> None:
    looks: list[Look] = []
    whole = []
    for number, item in enumerate(script):
        whole.append(item._replace(at=float(number * 20)))
        looks = kept(looks, whole[-1])
        assert judge(looks, NEW, 0.0) == judge(whole, NEW, 0.0)


def test_the_hub_is_left_alone_for_as_long_as_it_asks() -> None:
    clock, times = Clock(), []

    def ask(visit: bool) -> Look:
        times.append(clock())
        return Look(clock(), failed="429 Too Many Requests", pause=55.0)

    wait(ask, NEW, 300.0, clock=clock, sleep=clock.sleep)
    assert min(later - earlier for earlier, later in itertools.pairwise(times[:-1])) == 55.0
