"""The direct URL of a Space, asked once: who answers, and is that good?"""

from __future__ import annotations

from math import inf

from unstick.observe.live.options import Options
from unstick.observe.live.url import may_have_token, who
from unstick.observe.live.wire import Answer, Wire
from unstick.record import NamedTuple
from unstick.watch.recognise import SERVING, STARTING
from unstick.watch.types import Record

MOST = 16 * 1024
NO_SUCH_PAGE = b"find the page you are looking for"
"""In the edge's page for a host that it does not know; an app may answer 404 for itself."""


class Probed(NamedTuple):
    """One of `types.ANSWERS`, a clause for a person, and when the stage had last been seen."""

    answer: str
    detail: str
    sighted: float = inf


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


async def probe(wire: Wire, record: Record, options: Options, seconds: float) -> Probed:
    """Ask once. Redirects are not followed: whoever redirects answers. The token goes only to private Spaces
    on the platform's own hosts."""
    url = record.seen.url
    headers = {"Accept": "*/*", "Accept-Encoding": "gzip"}
    if url.startswith("https:"):
        # Hosts behind one address would else share a connection that was opened for another of them.
        headers["Connection"] = "close"
    if options.token and record.seen.private and may_have_token(url, options):
        headers["Authorization"] = f"Bearer {options.token}"
    return judge(
        await wire.ask(url, headers=headers, seconds=seconds, most=MOST, anywhere=options.local), record
    )


def judge(answer: Answer, record: Record) -> Probed:
    """Who answered."""
    if answer.failure in ("private", "address"):
        return Probed("unknown", answer.error)
    if not answer.status:
        return Probed("unreachable", f"its URL does not answer ({answer.failure})")
    if answer.status == 429:
        return Probed("unknown", "its URL answers 429")
    by = who(answer, record.seen.sdk)
    if by == "app":
        return Probed("app" if answer.status < 500 else "app-error", f"the app answers {answer.status}")
    if by == "proxy":
        return Probed("edge", f"the platform answers {answer.status} in its place")
    if by == "interstitial":
        return Probed("edge", "the platform shows a page that says to wait in its place")
    if by == "missing" and NO_SUCH_PAGE in answer.body:
        return Probed("edge", "the platform knows no such address (404)")
    return Probed("unknown", f"its URL answers {answer.status}, and not from the app")
