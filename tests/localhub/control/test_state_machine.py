"""The control loop's decisions, driven through everything that can happen to a Space, in any order.

The model beside it is small: which workers live, and what they said. What has to hold does so after every step.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from unstick.localhub.control import machine as m
from unstick.localhub.control import state
from unstick.localhub.control.machine import Event, Inputs, Timing
from unstick.localhub.store.spaces import Row

FAULTS = (
    "stage-frozen", "probe-blind", "queue-stalled", "no-capacity", "unschedulable", "push-refused",
    "restart-ignored", "stage-flapping", "moderation-lock", "evicted",
)  # fmt: skip
TIMING = Timing(queue=60.0, build=100.0, start=40.0, sleep=1000.0)
ERRORS = ("BUILD_ERROR", "RUNTIME_ERROR", "CONFIG_ERROR")

FIRST = Row(
    repo=1, desired="running", generation=0, factory=0, visited=0.0, wake=False, stage="NO_APP_FILE", since=0.0,
    deadline=None, owner="", message="", seen=-1, attempted="", sha="", restarts=0, current_hardware=None,
    hardware="cpu-basic", sleep=None, dev_mode=False, replicas=1, volumes="[]",
)  # fmt: skip


class Worker:
    """What a version's worker did: the start it was told of, and whether that is ready or has ended."""

    def __init__(self) -> None:
        self.ready = self.ended = False
        self.start = 0


class Loop(RuleBasedStateMachine):
    """One Space, its records, and its reconciler's loop."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.row = FIRST
        self.read = FIRST
        self.head = ""
        self.commits = 0
        self.disabled = False
        self.faults: set[str] = set()
        self.away = False
        self.slots = True
        self.machine = m.remembered(FIRST)
        self.workers: dict[int, Worker] = {}
        self.loop()

    def loop(self, *events: Event) -> None:
        """One run of the reconciler."""
        if not self.away:
            self.read = self.row
        pending = tuple(events)
        for _ in range(20):
            queued = self.machine.coming is not None and self.machine.coming.phase == m.QUEUED
            slot = queued and self.slots and "queue-stalled" not in self.faults
            given = Inputs(
                self.read, self.head, self.disabled, frozenset(self.faults), slot, pending, self.now, TIMING
            )
            after = state.step(self.machine, given)
            same, self.machine, pending = after == self.machine, after, ()
            if same:
                break
        else:
            raise AssertionError("the decisions do not come to rest")
        self.given = given
        self._work()
        self._write()

    def _work(self) -> None:
        """Workers are what the versions ask for."""
        wanted = {version.number: version for version in self.machine.versions}
        self.workers = {number: worker for number, worker in self.workers.items() if number in wanted}
        for number, version in wanted.items():
            if version.phase == m.BUILDING:
                self.workers.setdefault(number, Worker())
            if version.phase == m.STARTING and self.workers[number].start < version.starts:
                self.workers[number].start = version.starts
                self.workers[number].ready = self.workers[number].ended = False

    def _write(self) -> None:
        if self.away:
            return
        frozen = m.STAGE_COLUMNS if "stage-frozen" in self.faults else ()
        values: dict[str, Any] = {
            name: getattr(self.machine, name) for name in m.OBSERVED if name not in frozen
        }
        if self.row.wake and self.machine.stage != "SLEEPING":
            values["wake"] = False
        self.row = self.row._replace(**values)

    # What people do.

    @initialize(how_far=st.integers(0, 3))
    def begin(self, how_far: int) -> None:
        for move in (self.push, self.all_goes_well, self.all_goes_well)[:how_far]:
            move()

    @rule()
    def push(self) -> None:
        self.commits += 1
        self.head = f"{self.commits:040x}"
        self._and_it_goes_on_serving()

    @precondition(lambda self: self.head and not self.disabled)
    @rule(factory=st.booleans())
    def restart(self, factory: bool) -> None:
        generation = self.row.generation + 1
        self.row = self.row._replace(
            desired="running", generation=generation,
            factory=generation if factory else self.row.factory,
        )  # fmt: skip
        self._and_it_goes_on_serving()

    def _and_it_goes_on_serving(self) -> None:
        """Nothing that asks for a new version takes the old one away."""
        before = self.machine.serving
        self.loop()
        if before is not None and not self.faults and not self.away and self.row.desired == "running":
            quiet = self.now - max(self.row.visited, before.since)
            assert self.machine.serving == before or (
                self.machine.stage == "SLEEPING" and quiet >= TIMING.sleep
            )

    @precondition(lambda self: self.machine.serving or self.machine.stage == "SLEEPING")
    @rule()
    def pause(self) -> None:
        self.row = self.row._replace(desired="paused")
        self.loop()

    @rule()
    def visit(self) -> None:
        self.row = self.row._replace(visited=self.now, wake=self.row.stage == "SLEEPING" or self.row.wake)
        asleep = self.row.stage == "SLEEPING" and self.row.desired == "running"
        self.loop()
        if asleep and not self.faults and not self.away and not self.disabled:
            assert self.machine.stage != "SLEEPING", "a visit wakes it"

    # What happens.

    @rule(seconds=st.sampled_from([0.1, 0.9, 4.0, 41.0, 61.0, 101.0, 700.0, 1001.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.loop()

    @rule()
    def the_time_comes(self) -> None:
        """The loop wakes at the moment that it asked for."""
        at = state.next_look(self.machine, self.given)
        if at is not None:
            self.now = max(self.now, at)
        self.loop()

    @rule()
    def builders_come_and_go(self) -> None:
        self.slots = not self.slots
        self.loop()

    @rule()
    def the_database_goes_away_and_comes_back(self) -> None:
        self.away = not self.away
        self.loop()

    @precondition(lambda self: not self.faults)
    @rule(fault=st.sampled_from(FAULTS))
    def a_fault(self, fault: str) -> None:
        self._switch(fault, on=True)

    @precondition(lambda self: self.faults)
    @rule(data=st.data())
    def a_fault_less(self, data: st.DataObject) -> None:
        self._switch(data.draw(st.sampled_from(sorted(self.faults))), on=False)

    def _switch(self, fault: str, *, on: bool) -> None:
        (self.faults.add if on else self.faults.discard)(fault)
        if fault == "moderation-lock":
            self.disabled = on
            if on:
                self.row = self.row._replace(desired="paused")
        self.loop()

    @precondition(lambda self: self.machine.stage in m.ALIVE or self.machine.stage == "SLEEPING")
    @rule()
    def hub_restarts(self) -> None:
        self.workers.clear()
        self.away = False
        self.machine = m.remembered(self.row)
        self.loop()

    # What workers say.

    def _in(self, phase: str) -> bool:
        return any(version.phase == phase for version in self.machine.versions)

    @precondition(lambda self: self.machine.coming and self.machine.coming.phase != m.RESTING)
    @rule()
    def all_goes_well(self) -> None:
        """The coming version comes closer to its goal."""
        if self._in(m.BUILDING):
            self._say(m.BUILDING, "built")
        elif self._in(m.STARTING):
            self._say(m.STARTING, "ready")
        elif self._in(m.WAITING):
            self.the_time_comes()
        else:
            self.slots, self.away = True, False
            self.loop()

    @precondition(lambda self: self.machine.coming and self.machine.coming.phase != m.RESTING)
    @rule()
    def all_goes_very_well(self) -> None:
        """It reaches its goal: so that the rest is often tried on a version that serves."""
        for _ in range(4):
            if self.machine.coming is not None and self.machine.coming.phase != m.RESTING:
                self.all_goes_well()

    @precondition(lambda self: self._in(m.BUILDING))
    @rule(how=st.sampled_from(["failed", "refused", "lost", "lost", "lost"]))
    def build_ends(self, how: str) -> None:
        stage, message = {
            "refused": ("CONFIG_ERROR", "Missing configuration in README"), "lost": ("", ""),
            "failed": ("", "Job failed with exit code: 1. Reason: boom"),
        }[how]  # fmt: skip
        self._say(m.BUILDING, how, stage=stage, message=message)

    @precondition(lambda self: self._in(m.STARTING) or self._in(m.READY))
    @rule(
        data=st.data(),
        kind=st.sampled_from(["ended", "ended", "lost"]),
        final=st.sampled_from([False, False, False, True]),
    )
    def app_ends(self, data: st.DataObject, kind: str, final: bool) -> None:
        phase = data.draw(st.sampled_from([at for at in (m.STARTING, m.READY) if self._in(at)]))
        self._say(phase, kind, message="Exit code: 1. Reason: boom", final=final)

    @precondition(lambda self: self._in(m.WAITING) or self._in(m.RESTING))
    @rule(data=st.data())
    def worker_lost(self, data: st.DataObject) -> None:
        self._say(data.draw(st.sampled_from([at for at in (m.WAITING, m.RESTING) if self._in(at)])), "lost")

    def _say(self, phase: str, kind: str, **values: Any) -> None:
        version = next(version for version in self.machine.versions if version.phase == phase)
        worker = self.workers[version.number]
        if worker.ended and kind != "lost":
            return
        worker.ready = worker.ready or kind == "ready"
        worker.ended = worker.ended or kind == "ended"
        if kind == "lost":
            del self.workers[version.number]
        self.loop(Event(version.number, kind, start=version.starts, timeout=40.0, **values))

    @rule(number=st.integers(0, 3), kind=st.sampled_from(["ready", "ended", "lost", "built", "failed"]))
    def late_news(self, number: int, kind: str) -> None:
        """Something about a version, or a start, that is over."""
        old = self.machine.number - number
        if old not in {version.number for version in self.machine.versions}:
            before = self.machine.stage
            self.loop(Event(old, kind, stage="", message="late"))
            assert self.machine.message != "late", before

    # The end: nothing more happens.

    def teardown(self) -> None:
        """Without any news, and without faults, each Space ends in a stage that stays."""
        self.faults.clear()
        self.disabled = self.away = False
        self.loop()
        for _ in range(12):
            at = state.next_look(self.machine, self.given)
            if self.machine.stage not in m.TRANSITIONAL:
                break
            assert at is not None and at > self.now - 1e-6, "somebody looks again"
            self.now = max(self.now, at)
            self.loop()
        assert self.machine.stage not in m.TRANSITIONAL

    # What holds.

    @invariant()
    def a_transitional_stage_has_an_owner_and_a_deadline(self) -> None:
        if self.machine.stage in m.TRANSITIONAL:
            assert self.machine.owner and self.machine.deadline is not None
            assert self.faults or self.machine.deadline > self.now, "past its deadline, and still there"
        else:
            assert not self.machine.owner and self.machine.deadline is None

    @invariant()
    def a_ready_app_is_routed(self) -> None:
        if self.faults:
            return
        for version in self.machine.versions:
            worker = self.workers.get(version.number)
            if worker and worker.ready and not worker.ended and version.phase in (m.STARTING, m.READY):
                assert self.machine.route == version.number

    @invariant()
    def the_running_version_serves_until_the_new_one_is_ready(self) -> None:
        serving, coming = self.machine.serving, self.machine.coming
        if serving is not None and "stage-flapping" not in self.faults:
            assert self.machine.route == serving.number
            assert self.machine.stage.startswith("RUNNING") and self.machine.sha == serving.commit
        if serving is None:
            assert not self.machine.stage.startswith("RUNNING") and not self.machine.sha
        if coming is not None:
            assert coming.phase != m.READY

    @invariant()
    def paused_has_no_version(self) -> None:
        if self.machine.stage == "PAUSED":
            assert not self.machine.versions and not self.workers
        if self.row.desired == "paused" and not self.away and self.head:
            assert self.machine.stage == "PAUSED"

    @invariant()
    def every_worker_has_its_version(self) -> None:
        assert set(self.workers) <= {version.number for version in self.machine.versions}

    @invariant()
    def what_is_wanted_is_reached(self) -> None:
        if self.machine.stage == "RUNNING" and not self.away:
            assert self.machine.sha == self.head and self.machine.seen == self.row.generation

    @invariant()
    def errors_say_what_happened(self) -> None:
        assert bool(self.machine.message) or self.machine.stage not in ERRORS

    @invariant()
    def the_records_say_what_is(self) -> None:
        if not self.away and "stage-frozen" not in self.faults:
            assert m.remembered(self.row) == m.remembered(self.row._replace(**{
                name: getattr(self.machine, name) for name in m.OBSERVED
            }))  # fmt: skip


TestLoop = Loop.TestCase
TestLoop.settings = settings(
    max_examples=120, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
