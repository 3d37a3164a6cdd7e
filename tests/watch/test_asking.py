"""Asking for everything, and resting after failures."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from unstick.watch.asking import LONGEST_PAUSE, Asked, Asker
from unstick.watch.budget import Budget
from unstick.watch.hub import HubTrouble
from unstick.watch.targets import Targets
from unstick.watch.types import Record, Seen, Stay


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class FakeHub:
    """Stands for the Hub: fails while `trouble` is set."""

    def __init__(self) -> None:
        self.budget = Budget()
        self.trouble: HubTrouble | None = None
        self.asked: list[str] = []
        self.listed = [Seen("a/1", 0.0, "RUNNING"), Seen("a/2", 0.0, "RUNNING")]

    def pages_of(self, owner: str) -> int:
        return 3 if owner == "a" else 0

    async def renew(self) -> None:
        return

    async def owner(self, owner: str) -> list[Seen]:
        self.asked.append(owner)
        if self.trouble:
            raise self.trouble
        return list(self.listed)

    async def one(self, space: str) -> Seen:
        self.asked.append(space)
        if self.trouble:
            raise self.trouble
        return Seen(space, 0.0, "GONE")


def asker(hub: FakeHub, clock: Clock, spaces: tuple[str, ...] = ("b/1",)) -> Asker:
    made: Any = hub
    return Asker(Targets(("a",), spaces), made, lambda *_: None, random.Random(1), clock, 60.0)


def test_what_a_list_lacks_is_asked_for() -> None:
    hub, clock = FakeHub(), Clock()
    known = {"a/3": Record(Seen("a/3", 0.0, "RUNNING"), (Stay("RUNNING", 0.0),))}
    asked = asyncio.run(asker(hub, clock).everything(known))
    assert sorted(hub.asked) == ["a", "a/3", "b/1"]
    assert {seen.space: seen.stage for seen in asked.seen} == {
        "a/1": "RUNNING",
        "a/2": "RUNNING",
        "a/3": "GONE",
        "b/1": "GONE",
    }
    assert asked.answered is True


def test_a_round_takes_as_many_requests_as_the_list_has_pages() -> None:
    assert asker(FakeHub(), Clock()).requests() == 4


def test_it_rests_longer_and_longer_and_begins_anew_after_an_answer() -> None:
    hub, clock = FakeHub(), Clock()
    made = asker(hub, clock, ())
    hub.trouble = HubTrouble("the Hub answers 503", 503)

    async def everything() -> Asked:
        return await made.everything({})

    assert asyncio.run(everything()).answered is False
    waits = []
    for _ in range(10):
        begun = clock.now
        while asyncio.run(everything()).answered is None:
            clock.now += 1.0
        waits.append(clock.now - begun)
    assert 3 <= waits[0] <= 7
    assert waits[3] > 2 * waits[0]
    assert LONGEST_PAUSE * 0.75 <= waits[-1] <= LONGEST_PAUSE * 1.25 + 1
    hub.trouble = None
    clock.now += 2000
    assert asyncio.run(everything()).answered is True
    assert asyncio.run(everything()).answered is True, "no rest after an answer"


def test_at_the_limit_it_rests_as_long_as_the_hub_says() -> None:
    hub, clock = FakeHub(), Clock()
    made = asker(hub, clock)
    hub.trouble = HubTrouble("the rate limit is reached", 429)
    hub.budget.heard(429, {"ratelimit": '"api";r=0;t=42'}, clock.now)
    asyncio.run(made.everything({}))
    hub.trouble = None
    clock.now += 41
    assert asyncio.run(made.everything({})).answered is None
    clock.now += 1
    assert asyncio.run(made.everything({})).answered is True


def test_what_the_limit_does_not_bear_in_one_round_has_its_turn_in_the_next() -> None:
    hub, clock = FakeHub(), Clock()
    spaces = tuple(f"owner{number}/space" for number in range(400))
    made: Any = hub
    asker = Asker(Targets((), spaces), made, lambda *_: None, random.Random(1), clock, 60.0)

    def round_of(left: int) -> list[str]:
        hub.asked.clear()
        hub.budget.heard(
            200,
            {"ratelimit": f'"api";r={left};t=300', "ratelimit-policy": '"fixed window";"api";q=500;w=300'},
            clock.now,
        )
        asyncio.run(asker.everything({}))
        clock.now += 60
        return list(hub.asked)

    first = round_of(400)
    assert len(first) == 300, "all that is left, but for the reserve of a fifth"
    rounds = [round_of(500), round_of(500), round_of(500), round_of(500), round_of(500)]
    assert set(first) | set(rounds[0]) == set(spaces), "those that were not asked come first"
    assert [len(one) for one in rounds[1:]] == [80, 80, 80, 80]
    assert len({space for one in rounds[1:] for space in one}) == 320, "each in its turn"
    assert round_of(100) == [], "the reserve is left alone"


def test_a_list_that_takes_more_than_a_rounds_share_has_its_turn_in_time() -> None:
    hub, clock = FakeHub(), Clock()
    made = asker(hub, clock, ())
    hub.pages_of = lambda owner: 200  # type: ignore[method-assign]
    rounds = []
    for _ in range(9):
        said = {"ratelimit": '"api";r=500;t=300', "ratelimit-policy": '"fixed window";"api";q=500;w=300'}
        hub.budget.heard(200, said, clock.now)
        hub.asked.clear()
        asyncio.run(made.everything({}))
        rounds.append(len(hub.asked))
        clock.now += 60
    assert rounds[0] == 1
    assert 3 <= sum(rounds[1:]) <= 4, "200 requests at 80 a round"
