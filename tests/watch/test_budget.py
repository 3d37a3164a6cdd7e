"""The rate limit as the Hub tells it."""

from __future__ import annotations

import pytest

from unstick.watch.budget import Budget

POLICY = '"fixed window";"api";q=500;w=300'


def heard(status: int = 200, **headers: str) -> Budget:
    budget = Budget()
    budget.heard(status, {name.replace("_", "-"): value for name, value in headers.items()}, 1000.0)
    return budget


def test_nothing_is_assumed_before_the_hub_has_said_something() -> None:
    assert Budget().wait(0.0) == 0
    assert Budget().shortest_round(10_000) == 0


def test_waits_for_the_window_when_nothing_is_left() -> None:
    budget = heard(ratelimit='"api";r=0;t=55', ratelimit_policy=POLICY)
    assert budget.wait(1000.0) == 55
    assert budget.wait(1055.0) == 0


def test_what_is_optional_leaves_a_reserve() -> None:
    budget = heard(ratelimit='"api";r=90;t=55', ratelimit_policy=POLICY)
    assert budget.wait(1000.0) == 0
    assert budget.wait(1000.0, optional=True) == 55


def test_requests_under_way_count() -> None:
    budget = heard(ratelimit='"api";r=2;t=55', ratelimit_policy=POLICY)
    budget.sent()
    assert budget.wait(1000.0) == 0
    budget.sent()
    assert budget.wait(1000.0) == 55


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"ratelimit": '"api";r=0;t=12'}, 12),
        ({"retry_after": "7"}, 7),
        ({}, 30),
        ({"ratelimit": '"api";r=0;t=999999999'}, 3600),
        ({"retry_after": "soon"}, 30),
    ],
)
def test_a_429_is_heeded_whatever_it_says(headers: dict[str, str], seconds: float) -> None:
    assert heard(429, **headers).wait(1000.0) == seconds


def test_the_api_limit_is_chosen_among_several() -> None:
    budget = heard(ratelimit='"pages";r=1;t=9, "api";r=0;t=40', ratelimit_policy=POLICY)
    assert budget.wait(1000.0) == 40


def test_how_long_everything_takes() -> None:
    assert heard(ratelimit_policy=POLICY).shortest_round(100) == 75
    assert heard(ratelimit_policy="nonsense;;;=").shortest_round(100) == 0


def test_a_rounds_share() -> None:
    budget = heard(ratelimit='"api";r=400;t=55', ratelimit_policy=POLICY)
    assert budget.share(60, 1000.0, False) == 80
    assert budget.share(60, 1000.0, True) == 300
    assert budget.share(60, 2000.0, True) == 400
    assert Budget().share(60, 0.0, False) is None
