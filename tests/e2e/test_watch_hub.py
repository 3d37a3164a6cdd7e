"""`unstick watch` against a real local Hub with a Space that really runs: faults of the platform, and a restart
that cures one of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.hubs import RunningHub, hub
from e2e.test_hub_faults import Faulty
from e2e.watched import Receiver, SimulatedHub, policy, receiver, wait_for, watching

pytestmark = [pytest.mark.needs("uv"), pytest.mark.needs("bwrap"), pytest.mark.needs("git")]

POLICY = """announced = "3s"
[poll]
probe = "all"
[[act]]
rung = "restart"
when = ["failed"]
domains = ["platform"]
after = "0s"
"""


@pytest.fixture(scope="module")
def faulty() -> Iterator[Faulty]:
    with hub(faults=True) as running:
        made = Faulty(running)
        for name, wait in (("small", 0), ("slow", 8)):
            made.create(name)
            made.push(name, wait)
        for name in ("small", "slow"):
            wait_for(lambda name=name: made.runtime(name).stage == "RUNNING", 120)
        yield made


@pytest.fixture
def told() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def options(told: Receiver, folder: Path) -> list[str]:
    return [
        "user/*",
        "--every",
        "1s",
        "--alert",
        told.url,
        "--policy",
        policy(folder, POLICY),
        "--database",
        str(folder / "h.db"),
    ]


def token(running: RunningHub) -> dict[str, str]:
    return {"HF_TOKEN": running.token}


def test_a_lost_route_is_told_though_the_stage_says_running(
    faulty: Faulty, told: Receiver, tmp_path: Path
) -> None:
    place = SimulatedHub(faulty.running.endpoint)
    with watching(place, tmp_path, *options(told, tmp_path), **token(faulty.running)) as watcher:
        wait_for(lambda: any("url – → app" in line for line in watcher.lines), 30)
        faulty.fault("route-forgotten", "small")
        wait_for(lambda: told.got, 60)
        faulty.clear()
        wait_for(lambda: len(told.got) > 1, 60)
    assert told.titles() == ["user/small is down", "over: user/small is down"]


def test_a_frozen_stage_is_told_as_what_it_is(faulty: Faulty, told: Receiver, tmp_path: Path) -> None:
    place = SimulatedHub(faulty.running.endpoint)
    with watching(place, tmp_path, *options(told, tmp_path), **token(faulty.running)) as watcher:
        wait_for(lambda: any("watching" in line for line in watcher.lines), 30)
        faulty.api.pause_space("user/slow")
        wait_for(lambda: faulty.runtime("slow").stage == "PAUSED", 60)
        faulty.api.restart_space("user/slow")
        wait_for(lambda: faulty.runtime("slow").stage == "APP_STARTING", 60)
        faulty.fault("stage-frozen", "slow")
        wait_for(lambda: told.got, 90)
        faulty.clear()
        wait_for(lambda: len(told.got) > 1, 90)
    assert told.titles()[0] == "user/slow serves, but its stage does not say so"
    assert told.titles()[1].startswith("over: user/slow")


def test_a_failure_of_the_platform_is_cured_by_a_restart_that_the_policy_allows(
    faulty: Faulty, told: Receiver, tmp_path: Path
) -> None:
    place = SimulatedHub(faulty.running.endpoint)
    with watching(place, tmp_path, *options(told, tmp_path), **token(faulty.running)) as watcher:
        wait_for(lambda: any("watching" in line for line in watcher.lines), 30)
        faulty.fault("unschedulable", "small")
        faulty.api.restart_space("user/small")
        wait_for(lambda: any("RUNTIME_ERROR" in line for line in watcher.lines), 90)
        faulty.clear()
        wait_for(lambda: any("restart user/small: done" in line for line in watcher.lines), 60)
        wait_for(lambda: len(told.got) > 1, 90)
    assert told.titles() == ["user/small failed", "over: user/small failed"]
    assert "It is the platform's turn" in told.got[0][2]
