"""What a rehearsal saw, as evidence: each with its exact place, the strongest that there is.

found, unobserved, facts = evidence(rehearsal)
case = case_of(space, rehearsal)        # ready for `unstick.diagnose.diagnose`
"""

from __future__ import annotations

from unstick.case import Case, Evidence, Unobserved
from unstick.observe.reported import Reported
from unstick.record import TYPE_CHECKING
from unstick.rehearse import seen
from unstick.rehearse.types import address, duration, is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.rehearse.types import Rehearsal, Socket
    from unstick.space import Space

    Observed = tuple[tuple[Evidence, ...], tuple[Unobserved, ...], dict[str, str]]

SOURCE = "rehearsal"
NEAR = 0.9
"""A process killed with this share of its memory used was killed for it, also where nobody says so."""

KILLED = 137
"""Exit code of a shell or a server whose child got SIGKILL."""

QUOTED = 240
OF_ITS_OWN = ("ModuleNotFoundError", "ImportError", "PermissionError")
"""Exceptions that name another cause than the app's own code: the log's signs read them."""

TALKS = 0.6
"""Share of the time-out without any work from which on an app that only logs is no slow start."""

BEFORE_IT_RUNS = {
    "NO_APP_FILE": "rehearsal-no-app-file",
    "CONFIG_ERROR": "rehearsal-config-error",
    "BUILD_ERROR": "rehearsal-build-failed",
}
"""Stages that end a rehearsal before anything was started, and what each shows."""


def case_of(space: Space, rehearsal: Rehearsal) -> Case:
    """The case that a rehearsal makes together with the Space's files, secrets redacted."""
    from unstick.observe import build

    parts = build.Parts()
    parts.space = space
    parts.reported = reported_of(rehearsal)
    parts.observed = evidence(rehearsal)
    return build.assemble(parts)


def reported_of(rehearsal: Rehearsal) -> Reported:
    """The logs of a rehearsal as a report has them; with it a saved case is read back to the same diagnosis.

    The stage is not among it: it is the one here, not the one that the Hub shows.
    """
    hide = seen.hider(rehearsal)
    return Reported(
        build_log=hide("\n".join(line.text for line in rehearsal.build_log)),
        run_log=hide("\n".join([*(line.text for line in rehearsal.run_log), *_raised(rehearsal)])),
    )


def _raised(rehearsal: Rehearsal) -> Iterator[str]:
    """What sessions ended in and the log does not say: it is read as a line of it."""
    said = {line.text.strip() for line in rehearsal.run_log}
    for session in rehearsal.sessions:
        if not session.opened and session.error and session.error.strip() not in said:
            yield session.error


def evidence(rehearsal: Rehearsal) -> Observed:
    """What was seen, what could not be seen and why, and the facts: listens, loopback, their places."""
    hide = seen.hider(rehearsal)
    if rehearsal.impossible:
        return (), (Unobserved("rehearsal-serves", hide(rehearsal.impossible)),), {}
    found = [
        item._replace(quote=hide(item.quote)[:QUOTED], place=hide(item.place))
        for item in _observed(rehearsal)
    ]
    return tuple(found), tuple(_unobserved(rehearsal)), {k: hide(v) for k, v in _facts(rehearsal).items()}


def _observed(rehearsal: Rehearsal) -> Iterator[Evidence]:
    early = BEFORE_IT_RUNS.get(rehearsal.stage)
    if early:
        yield _seen("rehearsal-serves", False, "stage", rehearsal.stage)
        yield _seen(early, True, f"stage {rehearsal.stage}", rehearsal.reason)
        return
    serves = rehearsal.passed
    second = rehearsal.second
    if second is not None and not second.serves:
        yield _seen("rehearsal-second-run-fails", True, "second start", second.reason)
    elif serves:
        yield _seen(
            "rehearsal-serves",
            True,
            _ready(rehearsal),
            f"RUNNING here{_after(rehearsal)}, {_served(rehearsal)}",
        )
    else:
        yield _seen("rehearsal-serves", False, f"stage {rehearsal.stage}", rehearsal.reason)
        yield from _failure(rehearsal)
    yield from _blocked(rehearsal, serves)
    yield from _not_there(rehearsal)
    lost = seen.lost(rehearsal.written)
    if lost and serves:
        yield _seen("rehearsal-loses-writes", True, "files", ", ".join(lost[:5]))


def _failure(rehearsal: Rehearsal) -> Iterator[Evidence]:
    """Why it does not serve: one sign for one failure, the most exact."""
    if rehearsal.as_root is not None and rehearsal.as_root.serves:
        yield _seen("rehearsal-permission-denied", True, "uid 1000 beside root", _denied(rehearsal))
    elif rehearsal.exit is not None:
        yield _ended(rehearsal)
    elif rehearsal.stage == "RUNNING":
        yield from _not_serving(rehearsal)
    else:
        yield from _never_ready(rehearsal)


def _ended(rehearsal: Rehearsal) -> Evidence:
    ended = rehearsal.exit
    assert ended is not None
    place = f"exit, after {ended.at:.1f} s"
    memory = rehearsal.plan.options.limits.memory
    killed = ended.signal == 9 or ended.code == KILLED
    if ended.out_of_memory or (killed and rehearsal.peak >= NEAR * memory):
        return _seen("rehearsal-killed-memory", True, place, rehearsal.reason)
    if ended.evicted:
        return _seen("rehearsal-evicted-disk", True, place, rehearsal.reason)
    if rehearsal.ready_at is not None and any(answer.status for answer in rehearsal.answers):
        return _seen("rehearsal-crash-after-ready", True, place, rehearsal.reason)
    sign = "rehearsal-exits-zero" if ended.code == 0 and not ended.signal else "rehearsal-exits-error"
    return _seen(sign, True, place, rehearsal.reason)


def _not_serving(rehearsal: Rehearsal) -> Iterator[Evidence]:
    yield _seen("rehearsal-runs-not-serving", True, _ready(rehearsal), rehearsal.reason)
    last = next((item for item in reversed(rehearsal.answers) if item.method == "GET"), None)
    broken = next((item for item in rehearsal.sessions if not item.opened), None)
    if last is not None and not last.status:
        told = "; ".join([last.error or "no answer", *seen.waits(rehearsal.dumps)])
        yield _seen("rehearsal-accepts-never-answers", True, f"GET {last.path} at {last.where}", told)
    elif last is not None and last.status >= 500:
        place = f"GET {last.path} at {last.where}"
        yield _seen("rehearsal-answers-5xx", True, place, f"status {last.status}")
        if last.status in seen.OF_A_PROXY:
            yield _seen(
                "rehearsal-child-died", True, place, f"status {last.status}: what stands behind is gone"
            )
    elif broken is not None and not broken.error.startswith(OF_ITS_OWN):
        yield _seen("rehearsal-session-raises", True, f"{broken.kind} session", broken.error)


def _never_ready(rehearsal: Rehearsal) -> Iterator[Evidence]:
    """The contract's port was never accepted, and the process lives."""
    plan = rehearsal.plan
    listening = seen.servers(rehearsal)
    own = [item for item in listening if item.port == plan.port]
    if own and all(is_loopback(item.address) for item in own):
        yield _socket("rehearsal-listens-loopback", own[0], plan.port)
    elif own and all(":" in item.address for item in own):
        yield _socket("rehearsal-listens-ipv6-only", own[0], plan.port)
    elif listening and not own:
        yield _socket("rehearsal-listens-other-port", listening[0], plan.port)
    else:
        yield from _silent(rehearsal)


def _silent(rehearsal: Rehearsal) -> Iterator[Evidence]:
    """Nothing that could serve listens: has its server died, does it stand still, or is it at work?"""
    yield _seen("rehearsal-nothing-listens", True, "socket table", rehearsal.reason)
    died = seen.error_at_the_end(rehearsal)
    last = seen.last_line(rehearsal)
    if died:
        yield _seen("rehearsal-child-died", True, f"run log, line {died[0]}", died[1])
    elif rehearsal.blocked:
        return
    elif seen.stands_still(rehearsal):
        where = seen.waits(rehearsal.dumps)
        told = "; ".join(
            [*([f"waits at {where[0]}"] if where else []), *([f"last line: {last}"] if last else [])]
        )
        yield _seen("rehearsal-hangs", True, "stack" if where else "silence", told or rehearsal.reason)
    elif rehearsal.idle >= TALKS * rehearsal.plan.timeout:
        # It goes on and says so, but works on nothing: neither a start that takes long nor one that stands.
        for sign in ("rehearsal-slow-start", "rehearsal-hangs"):
            yield _seen(
                sign, False, f"time-out of {duration(rehearsal.plan.timeout)}", "it goes on without work"
            )
    else:
        told = f"last line: {last}" if last else rehearsal.reason
        yield _seen("rehearsal-slow-start", True, f"time-out of {duration(rehearsal.plan.timeout)}", told)


def _blocked(rehearsal: Rehearsal, serves: bool) -> Iterator[Evidence]:
    if rehearsal.blocked:
        item = rehearsal.blocked[0]
        place = f"socket to {address(item.peer, item.peer_port)}, after {item.at:.1f} s"
        told = ", ".join(address(each.peer, each.peer_port) for each in rehearsal.blocked[:4])
        yield _seen("rehearsal-blocked-outbound", True, place, f"waits for {told}; open are 80, 443, 8080")
    elif not serves and not seen.not_limited(rehearsal):
        yield _seen("rehearsal-blocked-outbound", False, "socket table", "no connection waits")


def _not_there(rehearsal: Rehearsal) -> Iterator[Evidence]:
    """What a rehearsal that watched did not see."""
    if rehearsal.ready_at is not None:
        for sign in ("rehearsal-listens-other-port", "rehearsal-listens-loopback"):
            yield _seen(sign, False, _ready(rehearsal), _served(rehearsal))
    memory = rehearsal.plan.options.limits.memory
    killed = rehearsal.exit is not None and rehearsal.exit.out_of_memory
    if 0 < rehearsal.peak < NEAR * memory and not killed:
        yield _seen("rehearsal-killed-memory", False, "memory", f"{rehearsal.peak / 1024**2:.0f} MiB at most")
    if rehearsal.as_root is not None and not rehearsal.as_root.serves:
        yield _seen("rehearsal-permission-denied", False, "uid 1000 beside root", "fails as root, too")


def _unobserved(rehearsal: Rehearsal) -> Iterator[Unobserved]:
    if rehearsal.stage in BEFORE_IT_RUNS:
        return
    free = seen.not_limited(rehearsal)
    if free and not rehearsal.blocked:
        yield Unobserved("rehearsal-blocked-outbound", free)


def _facts(rehearsal: Rehearsal) -> dict[str, str]:
    facts = {"rehearsal": rehearsal.stage, "rehearsal_backend": rehearsal.backend}
    if rehearsal.ready_at is not None:
        facts["rehearsal_ready"] = f"{rehearsal.ready_at:.1f}"
    listening = seen.servers(rehearsal)
    if not listening or rehearsal.plan.sdk == "static":
        return facts
    ports = list(dict.fromkeys(item.port for item in listening))
    place = _of_socket(next((i for i in listening if i.port == rehearsal.plan.port), listening[0]))
    facts.update(listens=" ".join(map(str, ports)), listens_source=SOURCE, listens_place=place)
    facts["banner"] = f"listens on {', '.join(address(i.address, i.port) for i in listening)}"
    near = [item for item in listening if is_loopback(item.address)]
    if len(near) == len(listening) and rehearsal.ready_at is None:
        facts.update(loopback=near[0].address, loopback_source=SOURCE, loopback_place=_of_socket(near[0]))
    return facts


def _seen(sign: str, present: bool, place: str, quote: str) -> Evidence:
    return Evidence(sign, present, SOURCE, f"rehearsal: {place}", " ".join(quote.split()))


def _socket(sign: str, item: Socket, port: int) -> Evidence:
    told = f"listens on {address(item.address, item.port)}; the contract asks 0.0.0.0:{port}"
    return Evidence(sign, True, SOURCE, _of_socket(item), told)


def _of_socket(item: Socket) -> str:
    return f"rehearsal: socket {address(item.address, item.port)}, after {item.at:.1f} s"


def _ready(rehearsal: Rehearsal) -> str:
    return f"port {rehearsal.plan.port}{_after(rehearsal)}"


def _after(rehearsal: Rehearsal) -> str:
    return f" after {rehearsal.ready_at:.1f} s" if rehearsal.ready_at is not None else ""


def _served(rehearsal: Rehearsal) -> str:
    port = rehearsal.plan.port
    hosts = [i.address for i in rehearsal.sockets if i.port == port and not is_loopback(i.address)]
    what = "serving" if rehearsal.serves else "listening"
    return f"{what} on {address(hosts[0] if hosts else '0.0.0.0', port)}"


def _denied(rehearsal: Rehearsal) -> str:
    from unstick.rehearse.starting import DENIED

    return next((line.text for line in rehearsal.run_log if DENIED.search(line.text)), rehearsal.reason)
