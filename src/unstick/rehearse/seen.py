"""Reading what a rehearsal kept: which sockets are servers, whether it stood still, which writes matter."""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rehearse.hiding import hiding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from unstick.rehearse.types import Rehearsal, Socket, Written

INSIDE = frozenset((22, 53, 1433, 3306, 5432, 5672, 6379, 7687, 9042, 9200, 9300, 11211, 27017))
"""Ports of databases, queues and caches: helpers of an app, never its page."""

OF_A_PROXY = (502, 503, 504)
"""What a proxy answers when the server behind it does not."""

STILL = 0.5
"""Share of the start-up timeout without a line of the log from which on a waiting process stands still."""

WAITING = lazy(
    r"^(?:accept|recv\w*|connect|create_connection|_?wait\w*|acquire|read\w*|input|select|poll|join|get|flock"
    r"|result|getaddrinfo|_recv_bytes|communicate) \("
)
"""Innermost frames of Python's library in which a process waits for something from outside."""

PASSING = lazy(
    r"(?:^|/)(?:tmp|run|proc|__pycache__|\.cache|\.config|\.local|\.npm|\.streamlit|\.gradio)/|\.(?:pyc|log|pid|lock)$"
)
"""Files that nobody misses after a restart."""

FREE = lazy(r"(?i)outbound|outgoing")


def hider(rehearsal: Rehearsal) -> Callable[[str], str]:
    """What takes the secrets of the call, and what looks like one, out of a text."""
    return hiding(value for _, value in rehearsal.plan.options.secrets)


def servers(rehearsal: Rehearsal) -> list[Socket]:
    """The listening sockets that may be the app's page: what is on the contract's port, else what answered
    by HTTP, else everything that is no known helper."""
    listening = [item for item in rehearsal.sockets if item.state == "listen"]
    own = [item for item in listening if item.port == rehearsal.plan.port]
    if own:
        return own
    answered = {item.where.rpartition(":")[2] for item in rehearsal.answers if item.status}
    pages = [item for item in listening if str(item.port) in answered]
    return pages or [item for item in listening if item.port not in INSIDE]


def lost(written: Iterable[Written]) -> list[str]:
    """The files that somebody may miss after a restart."""
    return [item.path for item in written if not PASSING.search(item.path)]


def not_limited(rehearsal: Rehearsal) -> str:
    """Why blocked outbound connections could not be seen, or ''."""
    return next((text for text in rehearsal.passed_over if FREE.search(text)), "")


def waits(dumps: Iterable[str]) -> list[str]:
    """The innermost frames of hung processes, outermost of them first in no order: `load (app.py:12)`."""
    found = []
    for dump in dumps:
        lines = [line.strip() for line in dump.splitlines()]
        frames = [line for line in lines if line and not line.startswith("Process ")]
        found += frames[:1]
    return found


def last_line(rehearsal: Rehearsal) -> str:
    """The last line of the run log that says something."""
    return next((line.text.strip() for line in reversed(rehearsal.run_log) if line.text.strip()), "")


def error_at_the_end(rehearsal: Rehearsal) -> tuple[int, str] | None:
    """Line and words of the error with which the run log ends, or None."""
    from unstick.signs import logs

    reading = logs.scan("\n".join(line.text for line in rehearsal.run_log), "run")
    if not reading.decisive or reading.state not in ("error", "error-after-banner"):
        return None
    hit = next((item for item in reading.hits if item.sign == reading.decisive), None)
    return (hit.last_line or hit.line, hit.text) if hit is not None else None


def stands_still(rehearsal: Rehearsal) -> bool:
    """Whether nothing moved any more when the wait ended: a hang, and no slow start."""
    if rehearsal.early:
        return True
    began = next(
        (item.at for item in rehearsal.timeline if item.kind == "stage" and item.text == "APP_STARTING"), 0.0
    )
    last = max((line.at for line in rehearsal.run_log), default=began)
    silence = began + rehearsal.plan.timeout - max(last, began)
    inner = [
        frame for frame in waits(rehearsal.dumps) if WAITING.search(frame) or frame.startswith("waits in")
    ]
    return silence >= STILL * rehearsal.plan.timeout and bool(inner)
