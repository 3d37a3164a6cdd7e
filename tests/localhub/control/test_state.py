"""The decisions that a table shows best: limits of losses and restarts, late news, faults, sleep."""

from __future__ import annotations

from typing import Any

import pytest

from localhub.control.test_state_machine import FIRST
from unstick.localhub.control import machine as m
from unstick.localhub.control import state
from unstick.localhub.control.machine import Event, Inputs, Machine, Timing

COMMIT, NEXT = "a" * 40, "b" * 40
TIMING = Timing(queue=60.0, build=100.0, start=None, sleep=1000.0)


class Space:
    """A machine with what it is told; `now` goes on when it is said so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.row = FIRST
        self.head = COMMIT
        self.faults: frozenset[str] = frozenset()
        self.machine = m.remembered(FIRST)
        self.go()

    def go(self, *events: Event, seconds: float = 0.0) -> Machine:
        self.now += seconds
        for _ in range(20):
            given = Inputs(self.row, self.head, False, self.faults, True, events, self.now, TIMING)
            before, events = self.machine, ()
            self.machine = state.step(before, given)
            if before == self.machine:
                break
        return self.machine

    def say(self, kind: str, **values: Any) -> Machine:
        version = self.machine.coming or self.machine.serving
        assert version is not None
        values = {"start": version.starts, **values}
        return self.go(Event(version.number, kind, **values))

    def run(self, timeout: float = 1800.0) -> Space:
        self.say("built", timeout=timeout)
        self.say("ready")
        assert self.machine.stage == "RUNNING"
        return self


def test_a_push_is_built_started_and_served() -> None:
    space = Space()
    assert (space.machine.stage, space.machine.owner) == ("BUILDING", "builder of version 1")
    assert space.machine.deadline == space.now + TIMING.build
    space.say("built", timeout=300.0)
    assert (space.machine.stage, space.machine.deadline) == ("APP_STARTING", space.now + 300)
    space.say("ready")
    assert (space.machine.stage, space.machine.sha, space.machine.current_hardware) == (
        "RUNNING",
        COMMIT,
        "cpu-basic",
    )
    space.head = NEXT
    assert space.go().stage == "RUNNING_BUILDING" and space.machine.sha == COMMIT
    assert space.say("built", timeout=9.0).stage == "RUNNING_APP_STARTING"
    assert space.machine.route == 1
    assert space.say("ready").sha == NEXT and space.machine.route == 2


@pytest.mark.parametrize(
    ("fault", "seconds", "stage", "message"),
    [
        ("no-capacity", 0, "RUNTIME_ERROR", "Scheduling failure: not enough hardware capacity"),
        ("unschedulable", 0, "RUNTIME_ERROR", "Scheduling failure: unable to schedule"),
        ("push-refused", 0, "BUILD_ERROR", "build error: Unexpected job error"),
        ("probe-blind", 1800, "RUNTIME_ERROR", "Launch timed out, workload was not healthy after 30 min"),
        ("evicted", 0, "RUNTIME_ERROR", "Workload evicted, storage limit exceeded (50G)"),
    ],
)
def test_faults_end_as_the_platform_does(fault: str, seconds: float, stage: str, message: str) -> None:
    space = Space()
    space.faults = frozenset({fault})
    space.say("built", timeout=1800.0)
    if space.machine.coming:
        space.say("ready")
    if seconds:
        assert space.machine.stage == "APP_STARTING", "the probe does not see what is there"
        space.go(seconds=seconds)
    assert (space.machine.stage, space.machine.message) == (stage, message)
    assert space.machine.current_hardware is None and not space.machine.versions


def test_a_restart_is_passed_over_for_good() -> None:
    space = Space().run()
    space.faults = frozenset({"restart-ignored"})
    space.row = space.row._replace(generation=1)
    assert space.go().stage == "RUNNING" and space.machine.number == 1
    space.faults = frozenset()
    assert space.go().number == 1
    space.row = space.row._replace(generation=2)
    assert space.go().stage == "RUNNING_BUILDING"


def test_a_stage_flaps_while_the_app_is_well() -> None:
    space = Space().run()
    space.faults = frozenset({"stage-flapping"})
    seen = {space.go(seconds=1.0).stage for _ in range(20)}
    assert seen == {"RUNNING", "APP_STARTING"} and space.machine.number == 1


def test_a_crash_is_followed_by_a_few_restarts() -> None:
    space = Space().run()
    for pause in state.BACK_OFF:
        assert space.say("ended", message="Exit code: 1. Reason: boom").stage == "APP_STARTING"
        assert space.go(seconds=pause - 0.01).coming.phase == m.WAITING  # type: ignore[union-attr]
        assert space.go(seconds=0.02).coming.phase == m.STARTING  # type: ignore[union-attr]
        assert space.say("ready").stage == "RUNNING"
    space.say("ended", message="Exit code: 1. Reason: boom")
    assert (space.machine.stage, space.machine.message) == ("RUNTIME_ERROR", "Exit code: 1. Reason: boom")


def test_one_that_served_for_long_has_its_restarts_again() -> None:
    space = Space().run()
    for _ in range(10):
        space.go(seconds=state.STEADY)
        space.say("ended", message="Exit code: 1. Reason: boom")
        space.go(seconds=state.BACK_OFF[0])
        assert space.say("ready").stage == "RUNNING"


def test_what_ends_before_it_was_ready_is_not_restarted() -> None:
    space = Space()
    space.say("built", timeout=60.0)
    assert space.say("ended", message="Exit code: 0. Reason: ").stage == "RUNTIME_ERROR"


def test_a_lost_builder_is_replaced_a_few_times() -> None:
    space = Space()
    for number in range(state.MOST_LOSSES):
        assert space.say("lost").number == number + 2
    space.say("lost")
    assert (space.machine.stage, space.machine.message) == (
        "BUILD_ERROR", "Build error: the builder was lost 3 times",
    )  # fmt: skip


def test_news_of_an_earlier_start_counts_for_nothing() -> None:
    space = Space().run()
    space.say("ended", message="Exit code: 1. Reason: boom")
    space.go(seconds=state.BACK_OFF[0])
    assert space.say("ready", start=1).stage == "APP_STARTING"
    assert space.say("ended", start=1).stage == "APP_STARTING"
    assert space.say("ready", start=2).stage == "RUNNING"


def test_sleep_after_idle_and_what_wakes_it() -> None:
    space = Space().run()
    assert space.go(seconds=999.0).stage == "RUNNING"
    assert space.go(seconds=1.0).stage == "SLEEPING"
    space.row = space.row._replace(wake=True, visited=space.now - 1)
    assert space.go(seconds=5.0).stage == "SLEEPING", "that visit was before"
    space.row = space.row._replace(wake=True, visited=space.now)
    assert space.go().stage == "APP_STARTING" and space.machine.number == 1, "its image was kept"
    space.say("ready")
    space.go(seconds=1000.0)
    space.head = NEXT
    assert space.go().stage == "BUILDING", "a push wakes it"


@pytest.mark.parametrize(
    ("hardware", "sleep", "after"),
    [
        ("cpu-basic", 300, 1000.0),
        ("cpu-upgrade", None, None),
        ("cpu-upgrade", 300, 300.0),
        ("t4-small", -1, None),
    ],
)
def test_when_a_space_sleeps(hardware: str, sleep: int | None, after: float | None) -> None:
    assert state.idle_after(FIRST._replace(hardware=hardware, sleep=sleep), TIMING) == after


def test_static_files_neither_sleep_nor_have_hardware() -> None:
    space = Space()
    space.say("built", timeout=60.0, still=True)
    space.say("ready")
    assert space.go(seconds=100_000.0).stage == "RUNNING" and space.machine.current_hardware is None


def test_after_a_restart_of_the_hub_what_ran_is_built_again() -> None:
    space = Space().run()
    row = space.row._replace(**{name: getattr(space.machine, name) for name in m.OBSERVED})
    space.machine = m.remembered(row)
    space.go()
    assert (space.machine.stage, space.machine.note) == ("BUILDING", state.AFTER_RESTART)
    assert not space.machine.sha


def test_a_new_version_that_fails_takes_the_old_one_with_it() -> None:
    space = Space().run()
    space.head = NEXT
    space.go()
    assert space.machine.route == 1
    space.say("failed", message="Job failed with exit code: 1. Reason: pip")
    assert space.machine.stage == "BUILD_ERROR" and space.machine.route is None


def test_where_both_want_one_port_the_old_version_makes_room() -> None:
    space = Space().run()
    space.head = NEXT
    space.go()
    space.say("built", timeout=60.0)
    assert space.say("taken", message="port 7860 is taken").stage == "APP_STARTING"
    assert space.machine.serving is None
    space.go(seconds=state.ROOM)
    assert space.say("ready").sha == NEXT
    space.head = COMMIT
    space.go()
    space.say("built", timeout=60.0)
    space.say("taken", message="port 7860 is taken")
    space.go(seconds=state.ROOM)
    space.say("taken", message="port 7860 is taken")
    assert (space.machine.stage, space.machine.message) == ("RUNTIME_ERROR", "port 7860 is taken")
