"""Whether an app that is ready also serves: GET on the base path, and a session of its framework."""

from __future__ import annotations

import time

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unstick.rehearse.backend import Running
    from unstick.rehearse.recording import Recording
    from unstick.rehearse.types import Answer, Plan, Session, Socket

AGAIN = 5.0
"""Seconds in which a refused, reset or 5xx answer is asked for again: some servers listen before they can
answer."""

PAUSE = 0.3
FIRST_BAD = 500


class Seen(NamedTuple):
    """What visitors get: `answered` says that there was an answer at all, `reason` why it does not serve."""

    serves: bool
    answered: bool
    reason: str
    answers: tuple[Answer, ...]
    sessions: tuple[Session, ...] = ()


def observe(running: Running, plan: Plan, recording: Recording) -> Seen:
    """Ask the app on the contract's address, as a visitor's first page load would."""
    from unstick.rehearse import answers

    def ask(method: str) -> Answer:
        return answers.ask(running.dial, plan.port, plan.base_path, method, host(plan))

    began = time.monotonic()
    got = ask("GET")
    while (
        _bad(got) and not _timed_out(got) and time.monotonic() - began < AGAIN and running.wait(PAUSE) is None
    ):
        got = ask("GET")
    got = got._replace(at=recording.now())
    recording.event("answer", told(got))
    if _bad(got):
        why = f"GET {got.path} is answered {got.status}" if got.status else f"GET {got.path}: {got.error}"
        return Seen(False, bool(got.status), why, (got,))
    head = ask("HEAD")._replace(at=recording.now())
    sessions = _sessions(running, plan, recording) if plan.sdk != "static" else ()
    broken = next((item for item in sessions if not item.opened), None)
    reason = f"a {broken.kind} session ends in an exception: {broken.error}" if broken else ""
    return Seen(broken is None, True, reason, (got, head), sessions)


def elsewhere(
    running: Running, sockets: Sequence[Socket], plan: Plan, recording: Recording
) -> tuple[Answer, ...]:
    """What answers on the addresses where the app listens instead of the contract's."""
    from unstick.rehearse import answers

    out = []
    for item in sockets[:6]:
        address = _inside(item.address)
        got = answers.ask(running.dial, item.port, plan.base_path, "GET", host(plan), address=address)
        out.append(got._replace(at=recording.now()))
        recording.event("answer", told(out[-1]))
    return tuple(out)


def explain(sockets: Sequence[Socket], plan: Plan) -> str:
    """One sentence: why the contract's port is not accepted."""
    from unstick.rehearse import readiness

    return readiness.explain(sockets, plan.port, plan.sdk)


def host(plan: Plan) -> str:
    """The host name that the platform's proxy passes on."""
    return dict(plan.environment).get("SPACE_HOST", "owner-name.hf.space")


def told(answer: Answer) -> str:
    """An exchange in one line."""
    what = f"{answer.status}" if answer.status else answer.error or "no answer"
    return f"{answer.method} {answer.path} at {answer.where}: {what}"


def _sessions(running: Running, plan: Plan, recording: Recording) -> tuple[Session, ...]:
    from unstick.rehearse import sessions

    found = sessions.open_session(running.dial, plan.port, plan.base_path, host(plan))
    if found is None:
        return ()
    recording.event(
        "answer", f"a {found.kind} session {'opens' if found.opened else 'fails: ' + found.error}"
    )
    return (found,)


def _inside(address: str) -> str:
    """The address to dial from inside for a socket that listens on `address`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)


def _bad(answer: Answer) -> bool:
    return not answer.status or answer.status >= FIRST_BAD


def _timed_out(answer: Answer) -> bool:
    return not answer.status and answer.seconds >= AGAIN
