"""Whether the commit that was pushed serves: judged from looks, and waited for."""

from __future__ import annotations

from unstick.act.types import Look, Verdict
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Ask = Callable[[bool], Look]
    """Looks once; the argument says whether the Space's own address may be asked too (that wakes it)."""

ENDED = ("BUILD_ERROR", "RUNTIME_ERROR", "CONFIG_ERROR", "NO_APP_FILE", "PAUSED", "DELETING")
"""Stages that no waiting ends."""

SERVING = ("RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING")
ASLEEP = ("SLEEPING", "STOPPED")

STALE = 90.0
"""Seconds for which an error stage may still be that of the commit before: after a push the Hub goes on
showing the old state for seconds to minutes (reference: freshness of runtime.sha)."""

UNANSWERED = 120.0
"""Seconds of RUNNING without an answer of the app at its address, after which that is the finding."""

FIRST_PAUSE, LAST_PAUSE, GROWTH = 1.0, 10.0, 1.25


def judge(looks: Sequence[Look], commit: str, began: float) -> Verdict:
    """What the looks so far, oldest first, say of one commit ('' : any).

    Serving means three things at once: the stage is RUNNING, the serving commit is the one asked for (or the
    Hub does not say which it is), and the app itself answers at the Space's address.
    """
    seen = [look for look in looks if not look.failed]
    if not seen:
        return Verdict("waiting", looks[-1].failed if looks else "not asked yet")
    last = seen[-1]
    if last.stage in ENDED:
        moved = any(look.stage != last.stage for look in seen)
        if moved or last.at - began > STALE:
            return Verdict("failed", _ended(last))
        return Verdict("waiting", f"{last.stage}, perhaps still that of the commit before")
    if last.stage != "RUNNING":
        return Verdict("waiting", last.stage or "the Hub names no stage")
    if commit and last.sha and last.sha != commit:
        return Verdict("waiting", f"RUNNING, and still serving {last.sha[:7]}")
    if last.answered_by == "app":
        return Verdict("serving", f"RUNNING, {last.answer or 'the app answers'}")
    since = _running_since(seen, commit)
    if last.at - since > UNANSWERED:
        return Verdict(
            "failed", f"RUNNING for {last.at - since:.0f} s, and {last.answer or 'nobody answers'}"
        )
    return Verdict("waiting", f"RUNNING, {last.answer or 'its address is asked'}")


def wait(
    ask: Ask,
    commit: str,
    timeout: float,
    *,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    heard: Callable[[Look, Verdict], None] = lambda look, verdict: None,
) -> tuple[Verdict, list[Look]]:
    """Look again and again until the commit serves, has failed, or `timeout` seconds went by ('late').

    The pause between two looks grows from 1 to 10 s, or is what the Hub asks for. `heard` is told each look.
    """
    began = clock()
    looks: list[Look] = []
    pause = FIRST_PAUSE
    while True:
        look = ask(_may_visit(looks))
        looks = kept(looks, look)
        verdict = judge(looks, commit, began)
        left = timeout - (clock() - began)
        if verdict.state == "waiting" and left <= 0:
            verdict = Verdict("late", f"{verdict.reason} after {clock() - began:.0f} s")
        heard(look, verdict)
        if verdict.state != "waiting":
            return verdict, looks
        sleep(max(0.05, min(max(pause, look.pause), left)))
        pause = min(LAST_PAUSE, pause * GROWTH)


def kept(looks: Sequence[Look], look: Look) -> list[Look]:
    """The looks that still matter: of a row of equal ones the first and the last."""
    out = list(looks)
    if len(out) >= 2 and _same(out[-1], look) and _same(out[-2], look):
        out.pop()
    return [*out, look]


def _same(one: Look, other: Look) -> bool:
    return one._replace(at=0.0, answer="") == other._replace(at=0.0, answer="")


def _may_visit(looks: Sequence[Look]) -> bool:
    """A visit wakes a sleeping Space: somebody who waits for it wants that. While it is built, nobody answers."""
    return bool(looks) and looks[-1].stage in (*SERVING, *ASLEEP)


def _running_since(seen: Sequence[Look], commit: str) -> float:
    since = seen[-1].at
    for look in reversed(seen):
        if look.stage != "RUNNING" or (commit and look.sha and look.sha != commit):
            break
        since = look.at
    return since


def _ended(look: Look) -> str:
    said = look.message.strip().splitlines()
    return f"{look.stage}: {said[0][:200]}" if said else look.stage
