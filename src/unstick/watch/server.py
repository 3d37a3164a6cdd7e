"""What a watcher shows of itself over HTTP: /metrics, /healthz, /badge/OWNER/NAME.svg. Nothing can be changed
here."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from unstick.errors import UsageError
from unstick.watch import badges, metrics
from unstick.watch.watcher import Watcher

LATE_ROUNDS = 3
LEAST_LATE = 60.0
ENDING = 3
"""Seconds that open connections get at the end."""


def application(watcher: Watcher) -> Starlette:
    """The application over one watcher."""

    async def show_metrics(_: Request) -> Response:
        return Response(metrics.text_of(watcher), media_type="text/plain; version=0.0.4")

    async def health(_: Request) -> Response:
        state = health_of(watcher, time.time())
        return JSONResponse(state, 200 if state["ok"] else 503)

    async def badge(request: Request) -> Response:
        space = f"{request.path_params['owner']}/{request.path_params['name']}"
        record = next((one for one in watcher.watched() if one.seen.space == space), None)
        if record is None:
            return PlainTextResponse("not watched", 404)
        word, color = badges.state_of(record, watcher.parts.ledger.opens.get((space, "down")))
        headers = {"Cache-Control": "no-cache, max-age=0"}
        label = request.query_params.get("label", "Space")[:40]
        return Response(badges.svg(label, word, color), media_type="image/svg+xml", headers=headers)

    return Starlette(
        routes=[
            Route("/metrics", show_metrics),
            Route("/healthz", health),
            Route("/badge/{owner}/{name}.svg", badge),
        ]
    )


def health_of(watcher: Watcher, now: float) -> dict[str, object]:
    """Whether rounds go on and the database takes them."""
    allowed = max(LATE_ROUNDS * watcher.period, LEAST_LATE)
    late = now - watcher.ended_at > allowed
    return {
        "ok": not late and not watcher.database_fails,
        "rounds": watcher.rounds,
        "late": late,
        "database": not watcher.database_fails,
        "hub": now - watcher.answered_at <= allowed,
        "spaces": len(watcher.watched()),
        "open": len(watcher.parts.ledger.opens),
    }


class _Server(uvicorn.Server):
    """A server that leaves signals to the watcher."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(watcher: Watcher, listen: str) -> Callable[[], Awaitable[None]]:
    """Begin to serve on HOST:PORT; gives what ends it. Raises UsageError when the address cannot be used."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise UsageError("is no address to listen on", where=listen, todo="Write 127.0.0.1:9464.")
    config = uvicorn.Config(
        application(watcher), host=host.strip("[]"), port=int(port), log_config=None, access_log=False,
        lifespan="off", ws="none", timeout_graceful_shutdown=ENDING,
    )  # fmt: skip
    server = _Server(config)
    task = asyncio.create_task(_served(server))
    while not server.started and not task.done():
        await asyncio.sleep(0.02)
    if task.done():
        raise UsageError("cannot be listened on", where=listen, todo="Name another port.")

    async def end() -> None:
        server.should_exit = True
        await task

    return end


async def _served(server: uvicorn.Server) -> None:
    # uvicorn ends the process where it cannot listen.
    with contextlib.suppress(SystemExit):
        await server.serve()
