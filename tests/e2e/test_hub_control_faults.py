"""Faults of the control loop with real Spaces: what each does, and that it ends with the fault."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from e2e.controlled import STATIC, World, app, eventually
from unstick.localhub.store import repos

pytestmark = [pytest.mark.needs("uv"), pytest.mark.needs("bwrap"), pytest.mark.needs("git")]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A hub for the tests of this module."""
    made = World(tmp_path_factory.mktemp("hub") / "data")
    yield made
    made.close()


def test_a_frozen_stage_thaws(world: World) -> None:
    repo = world.space("frozen", {})
    world.hub.faults.set("stage-frozen", repo)
    world.push(repo, STATIC)
    eventually(lambda: world.hub.routes.of(repo))
    time.sleep(0.5)
    assert world.row(repo).stage == "NO_APP_FILE" and world.ask(repo) == "hi"
    world.hub.faults.clear("stage-frozen", repo)
    world.until(repo, "RUNNING", seconds=10)


def test_a_stalled_queue_holds_nobody_else_up(world: World) -> None:
    repo = world.space("stalled", {})
    world.hub.faults.set("queue-stalled", repo)
    world.push(repo, STATIC)
    eventually(lambda: world.row(repo).stage == "BUILDING")
    world.until(world.space("beside", STATIC), "RUNNING")
    assert len(world.log(repo, "build")) == 2 and world.row(repo).owner.startswith("build queue")
    world.hub.faults.clear("queue-stalled", repo)
    world.until(repo, "RUNNING", seconds=10)


def test_a_lock_pauses_and_a_restart_ends_the_pause_after_it(world: World) -> None:
    repo = world.space("locked", STATIC)
    world.until(repo, "RUNNING")
    world.hub.faults.set("moderation-lock", repo)
    assert world.until(repo, "PAUSED").message == "Flagged as abusive"
    with world.hub.reads.begin() as connection:
        assert repos.get(connection, repo).disabled  # type: ignore[union-attr]
    assert world.hub.routes.of(repo) is None and not world.workers(repo)
    world.hub.faults.clear("moderation-lock", repo)
    eventually(lambda: not world.row(repo).message)
    assert world.row(repo).stage == "PAUSED"
    world.want(repo, desired="running")
    world.until(repo, "RUNNING")


def test_empty_logs_and_a_route_that_comes_back(world: World) -> None:
    repo = world.space("quiet", {})
    world.hub.faults.set("logs-empty", repo)
    world.hub.faults.set("route-forgotten", repo)
    world.push(repo, app())
    world.until(repo, "RUNNING")
    assert not world.log(repo, "build") and not world.log(repo, "run")
    assert world.hub.routes.of(repo) is None
    world.hub.faults.clear(None, repo)
    eventually(lambda: world.hub.routes.of(repo))
    assert world.ask(repo).startswith("one")


@pytest.mark.parametrize(
    ("fault", "stage", "message"),
    [
        ("push-refused", "BUILD_ERROR", "build error: Unexpected job error"),
        ("evicted", "RUNTIME_ERROR", "Workload evicted, storage limit exceeded (50G)"),
        ("no-capacity", "RUNTIME_ERROR", "Scheduling failure: not enough hardware capacity"),
    ],
)
def test_errors_of_the_platform(world: World, fault: str, stage: str, message: str) -> None:
    repo = world.space(f"fault-{fault}", {})
    world.hub.faults.set(fault, repo)
    world.push(repo, app())
    row = world.until(repo, "RUNTIME_ERROR", "BUILD_ERROR")
    assert (row.stage, row.message, row.current_hardware) == (stage, message, None)
    refused = any(line.startswith("ERROR: failed to push") for line in world.log(repo, "build"))
    assert refused == (fault == "push-refused")
    world.hub.faults.clear(fault, repo)
    world.want(repo)
    world.until(repo, "RUNNING")
