"""The direct URL of a Space, asked once: who answers, and is that good?"""

from __future__ import annotations

from unstick.observe.live.addresses import is_local_url
from unstick.observe.live.wire import Answer, Wire
from unstick.record import NamedTuple
from unstick.watch.recognise import SERVING, STARTING
from unstick.watch.types import Record

MOST = 2048
PROXIED = ("x-proxied-host", "x-proxied-replica", "x-proxied-path")
"""Headers that mark an answer as the container's own; pages of the edge lack them (probed by a public
project, 2026-09-28)."""

IN_ERROR = b"Your space is in error, check its status on hf.co"
PREPARING = b"preparing space"
EDGE_STATUS = (502, 503, 504)


class Probed(NamedTuple):
    """One of `types.ANSWERS`, and a clause for a person."""

    answer: str
    detail: str


def wanted(record: Record, probe: str) -> bool:
    """Whether a Space's URL may and should be asked now. A visit wakes a Space and keeps it awake, so one
    with a sleep time is asked only when the policy says so, and one that rests never.

    A Space that starts is awake already: whether its app answers is what tells a late stage from a late app.
    """
    stage = record.now_in.stage
    if probe == "none" or not record.seen.url:
        return False
    if stage in STARTING and stage not in SERVING:
        return True
    return stage in SERVING and (probe == "all" or record.seen.sleeps is False)


async def probe(wire: Wire, record: Record, token: str, seconds: float) -> Probed:
    """Ask once. Redirects are not followed: whoever redirects answers. The token goes only to private Spaces
    on the platform's own hosts."""
    url = record.seen.url
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    if url.startswith("https:"):
        # Hosts behind one address would else share a connection that was opened for another of them.
        headers["Connection"] = "close"
    if token and record.seen.private:
        headers["Authorization"] = f"Bearer {token}"
    answer = await wire.ask(url, headers=headers, seconds=seconds, most=MOST, anywhere=is_local_url(url))
    return judge(answer, record)


def judge(answer: Answer, record: Record) -> Probed:
    """Who answered."""
    if answer.failure in ("private", "address"):
        return Probed("unknown", answer.error)
    if not answer.status:
        return Probed("unreachable", f"its URL does not answer ({answer.failure})")
    if answer.status == 429:
        return Probed("unknown", "its URL answers 429")
    if any(name in answer.headers for name in PROXIED):
        if answer.status < 500:
            return Probed("app", f"the app answers {answer.status}")
        return Probed("app-error", f"the app answers {answer.status}")
    if IN_ERROR in answer.body:
        return Probed("edge", f"the platform answers {answer.status} in its place: the Space is in error")
    if answer.status in EDGE_STATUS:
        return Probed("edge", f"the platform answers {answer.status} in its place")
    if record.seen.sdk == "static" and answer.status < 400:
        return Probed("app", f"the page answers {answer.status}")
    if PREPARING in answer.body.lower():
        return Probed("edge", "the platform shows its own page 'Preparing Space' in its place")
    return Probed("unknown", f"its URL answers {answer.status}, and not from the app")
