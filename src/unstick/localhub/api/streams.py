"""The streams of a Space: its two logs, its changes, its metrics (reference: spaces-platform, 4.3)."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool

from unstick.localhub import metrics
from unstick.localhub.api import access, errors
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.api.times import iso
from unstick.localhub.logs import KINDS
from unstick.localhub.sse import EMPTY, KEEP_ALIVE, EventStream, Waker, event
from unstick.localhub.store import repos, spaces
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from typing import Any

    from unstick.localhub.hub import Hub
    from unstick.localhub.logs import Entry
    from unstick.localhub.store.repos import Repo

PIECE = 64 * 1024
"""Bytes of a log that a stream holds at a time: a reader that is slow costs no more."""
MOST_TAIL = 1_000_000
METRIC_SECONDS = 1.0


async def logs(call: Call) -> EventStream:
    """A log: what there is, then what comes. Whoever may write to the Space's account may read it."""
    kind = call.path["kind"]
    if kind not in KINDS:
        raise errors.ApiError(404, f"there is no log {kind[:40]!r}, only {' and '.join(KINDS)}")
    tail = call.number("tail", -1, 0, MOST_TAIL) if call.query.get("tail") else -1
    repo = await run_in_threadpool(_member_space, call)
    place = await run_in_threadpool(call.hub.logs.last, repo.id, kind, tail) if tail >= 0 else 0
    return EventStream(call.hub, _log_events(call.hub, repo.id, kind, place))


async def _log_events(hub: Hub, repo: int, kind: str, place: int) -> AsyncGenerator[str, None]:
    waker = Waker()
    stops = [hub.logs.listen(repo, kind, lambda: waker.wake("line")), _listen(hub, repo, waker)]
    try:
        while True:
            entries, place = await run_in_threadpool(hub.logs.read, repo, kind, place, PIECE)
            if entries:
                yield "".join(event(_line(entry)) for entry in entries)
                continue
            news = await waker.wait(KEEP_ALIVE)
            if not news:
                yield EMPTY
            elif "change" in news and await run_in_threadpool(_gone, hub, repo):
                return
    finally:
        for stop in stops:
            stop()


def _line(entry: Entry) -> dict[str, str]:
    return {"data": entry.text + "\n", "timestamp": iso(entry.at)}


async def events(call: Call) -> EventStream:
    """The runtime of a Space, now and after each change. Open to all who may see the Space."""
    repo = await run_in_threadpool(_visible_space, call)
    return EventStream(call.hub, _runtime_events(call, repo.id))


async def _runtime_events(call: Call, repo: int) -> AsyncGenerator[str, None]:
    waker = Waker()
    stop = _listen(call.hub, repo, waker)
    told: dict[str, Any] | None = None
    try:
        while True:
            now = await run_in_threadpool(_runtime, call, repo)
            if now is None:
                return
            if now != told:
                told = now
                yield event(now)
            elif not await waker.wait(KEEP_ALIVE):
                yield EMPTY
    finally:
        stop()


def _runtime(call: Call, repo: int) -> dict[str, Any] | None:
    """The runtime, None when the Space is gone or not to be seen any more."""
    from unstick.localhub.api.runtime import runtime_of

    with call.hub.reads.begin() as connection:
        found, row = repos.get(connection, repo), spaces.get(connection, repo)
    if found is None or row is None or not access.visible(call.caller, found):
        return None
    return runtime_of(call.hub, found, row)


async def metric(call: Call) -> EventStream:
    """What a running Space uses, every second; nothing while it does not run."""
    repo = await run_in_threadpool(_member_space, call)
    return EventStream(call.hub, _metric_events(call.hub, repo.id))


async def _metric_events(hub: Hub, repo: int) -> AsyncGenerator[str, None]:
    waker = Waker()
    stop = _listen(hub, repo, waker)
    silent = 0.0
    try:
        while not await run_in_threadpool(_gone, hub, repo):
            sample = await run_in_threadpool(metrics.document, hub, repo)
            if sample is not None:
                yield event(sample, "metric")
            elif silent >= KEEP_ALIVE:
                yield ": keep-alive\n\n"
            silent = 0.0 if sample is not None or silent >= KEEP_ALIVE else silent + METRIC_SECONDS
            await waker.wait(METRIC_SECONDS)
    finally:
        stop()


def _listen(hub: Hub, repo: int, waker: Waker) -> Callable[[], None]:
    return hub.listen(lambda changed: waker.wake("change") if changed == repo else None)


def _gone(hub: Hub, repo: int) -> bool:
    with hub.reads.begin() as connection:
        return repos.get(connection, repo) is None


def _visible_space(call: Call) -> Repo:
    with call.hub.reads.begin() as connection:
        return access.repo_of(call, connection)


def _member_space(call: Call) -> Repo:
    """The Space, if the caller belongs to its account with the right to write; the token's role does not count."""
    repo = _visible_space(call)
    if not call.caller.name:
        raise errors.login_required()
    if not call.caller._replace(role="write").writes(repo.owner):
        raise errors.forbidden()
    return repo


TAIL = (("tail", "only the last so many lines of what there is"),)
BASE = "/api/spaces/{owner}/{name}"
ENDPOINTS = (
    Endpoint(
        "GET", f"{BASE}/logs/{{kind}}", logs, "The build or the run log, as it comes", query=TAIL, raw=True,
        answers=(401, 403, 404),
    ),
    Endpoint("GET", f"{BASE}/events", events, "The runtime, at each change", raw=True, answers=(404,)),
    Endpoint("GET", f"{BASE}/metrics", metric, "What it uses, each second", raw=True, answers=(401, 403, 404)),
)  # fmt: skip
