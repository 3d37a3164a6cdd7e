"""The ladder: one rung at a time, asked for, waited for, recorded; it stops at success."""

from __future__ import annotations

from unstick.act.platform import Refused
from unstick.act.rungs import RUNGS, Rung
from unstick.errors import UsageError
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from unstick.act.platform import Platform
    from unstick.act.types import Look, Verdict

    class Watcher(Protocol):
        """Waits until a Space serves: (space, commit, seconds) → verdict and the looks."""

        def __call__(self, space: str, commit: str, seconds: float) -> tuple[Verdict, list[Look]]:
            """Wait."""


class Allowed(NamedTuple):
    """What may be risked beyond a plain step, and which rungs are wanted (empty: all)."""

    cost: bool = False
    data_loss: bool = False
    broken_build: bool = False
    rungs: tuple[str, ...] = ()


class Step(NamedTuple):
    """What came of one rung: `outcome` is 'cured', 'no-help', 'refused', 'skipped', 'declined', 'planned',
    'copy-serves' or 'copy-fails'; `detail` one clause; times in seconds since 1970."""

    rung: Rung
    outcome: str
    detail: str
    began: float = 0.0
    seconds: float = 0.0
    request_id: str = ""


class Situation(NamedTuple):
    """What is known before anything is done: the last look, whether it is static, the start-up timeout in
    seconds, whether dev mode is on, and why the build would fail today ('' : it would not, or not known)."""

    look: Look
    static: bool = False
    timeout: float = 1800.0
    dev_mode: bool = False
    build_fails: str = ""


class Ladder:
    """One climb. `ask` is shown a rung with its risks and says whether to go; `sleep` and `clock` are time's."""

    def __init__(
        self, platform: Platform, wait: Watcher, *, ask: Callable[[Rung, str], bool], clock: Callable[[], float],
        heard: Callable[[Step], None] = lambda step: None,
    ) -> None:  # fmt: skip
        self._platform = platform
        self._wait = wait
        self._ask = ask
        self._clock = clock
        self._heard = heard

    def climb(self, situation: Situation, allowed: Allowed, *, dry: bool = False) -> tuple[Step, ...]:
        """Climb until a rung cured the Space or none is left; `dry` only says what would be done."""
        steps: list[Step] = []
        for rung in chosen(allowed.rungs):
            why_not = hindrance(rung, situation, allowed)
            if why_not:
                step = Step(rung, "skipped", why_not)
            elif dry:
                step = Step(rung, "planned", risks(rung, situation) or rung.does)
            elif not self._ask(rung, risks(rung, situation)):
                step = Step(rung, "declined", "not wanted")
            else:
                step = self._do(rung, situation)
            steps.append(step)
            self._heard(step)
            if step.outcome in ("cured", "copy-serves"):
                break
        return tuple(steps)

    def _do(self, rung: Rung, situation: Situation) -> Step:
        began = self._clock()
        try:
            outcome, detail = self._deed(rung, situation)
        except Refused as error:
            return Step(rung, "refused", error.what, began, self._clock() - began, error.request_id)
        return Step(rung, outcome, detail, began, self._clock() - began)

    def _deed(self, rung: Rung, situation: Situation) -> tuple[str, str]:
        platform, seconds = self._platform, rung.minutes * 60 + situation.timeout
        if rung.id == "duplicate":
            return self._copy(rung, situation, seconds)
        if rung.id == "hardware":
            return self._there_and_back(situation, seconds)
        commit = situation.look.head
        if rung.id == "no-op-commit":
            commit = platform.nudge()
        elif rung.id == "pause-resume":
            platform.pause()
            platform.restart()
        else:
            platform.restart(factory=rung.id == "factory-rebuild")
        return self._outcome(platform.space, commit, seconds)

    def _outcome(self, space: str, commit: str, seconds: float) -> tuple[str, str]:
        verdict, _ = self._wait(space, commit, seconds)
        return ("cured" if verdict.state == "serving" else "no-help"), verdict.reason

    def _there_and_back(self, situation: Situation, seconds: float) -> tuple[str, str]:
        here = situation.look.hardware or "cpu-basic"
        self._platform.move(other_hardware(here))
        try:
            there = self._outcome(self._platform.space, situation.look.head, seconds)
        finally:
            self._platform.move(here)
        back = self._outcome(self._platform.space, situation.look.head, seconds)
        if back[0] == "cured" or there[0] != "cured":
            return back
        return "no-help", f"it serves on {other_hardware(here)}, and back on {here} it does not: {back[1]}"

    def _copy(self, rung: Rung, situation: Situation, seconds: float) -> tuple[str, str]:
        name = f"{self._platform.space[:80]}-unstick-{int(self._clock()) % 100_000}"
        self._platform.duplicate(name, situation.look.hardware)
        try:
            verdict, _ = self._wait(name, "", seconds)
        finally:
            self._platform.remove(name)
        if verdict.state == "serving":
            return "copy-serves", "a private copy serves, so the files are fine; the copy is removed again"
        return "copy-fails", f"a private copy does not serve either ({verdict.reason}); it is removed again"


def chosen(names: Sequence[str]) -> tuple[Rung, ...]:
    """The rungs of these ids, in the ladder's order; all without names. Raises UsageError."""
    known = {row.id for row in RUNGS}
    for name in names:
        if name not in known:
            raise UsageError(
                f"there is no rung {name!r}",
                where="--rung",
                todo=f"One of: {', '.join(row.id for row in RUNGS)}.",
            )
    return tuple(row for row in RUNGS if not names or row.id in names)


def risks(rung: Rung, situation: Situation) -> str:
    """What a rung may cost, lose or break, as one sentence; '' for nothing."""
    said = []
    if costs(rung, situation):
        said.append(f"may cost money ({_price(rung, situation)})")
    if loses(rung, situation):
        what = (
            "uncommitted changes of dev mode" if situation.dev_mode else "what the app wrote to its own disk"
        )
        said.append(f"loses {what}")
    if rung.rebuilds and situation.build_fails:
        said.append(f"builds anew, and today's packages do not build: {situation.build_fails}")
    return "; ".join(said)


def costs(rung: Rung, situation: Situation) -> bool:
    """Whether a rung may cost money: other hardware does, a copy only on hardware that is paid for."""
    if not rung.costs:
        return False
    return rung.id == "hardware" or situation.look.hardware not in ("", "cpu-basic")


def loses(rung: Rung, situation: Situation) -> bool:
    """Whether a rung stops a version that serves, or ends a session of dev mode."""
    return rung.stops and (situation.dev_mode or situation.look.stage.startswith("RUNNING"))


def hindrance(rung: Rung, situation: Situation, allowed: Allowed) -> str:
    """Why a rung is left out, or ''."""
    if situation.static and rung.id not in ("no-op-commit", "duplicate"):
        return "static Spaces have no container"
    if costs(rung, situation) and not allowed.cost:
        return f"may cost money ({_price(rung, situation)}); --allow-cost takes it"
    if loses(rung, situation) and not allowed.data_loss:
        return "the running version loses what it wrote to its own disk; --allow-data-loss takes it"
    if rung.rebuilds and situation.build_fails and not allowed.broken_build:
        return f"it would be built anew, and today's packages do not build: {situation.build_fails}"
    return ""


def other_hardware(here: str) -> str:
    """The cheapest other flavour of the same kind."""
    from unstick.contract.hardware import HARDWARE, hardware

    current = hardware(here)
    gpu = current is not None and current.gpu
    offered = [
        row for row in HARDWARE if row.gpu == gpu and not row.withdrawn and row.id != here and row.cpus
    ]
    return min(offered, key=lambda row: (row.price, row.cpus)).id


def _price(rung: Rung, situation: Situation) -> str:
    from unstick.contract.hardware import hardware

    here = situation.look.hardware or "cpu-basic"
    wanted = other_hardware(here) if rung.id == "hardware" else here
    row = hardware(wanted)
    return f"{wanted}, ${row.price:.2f} an hour" if row is not None and row.price else wanted
