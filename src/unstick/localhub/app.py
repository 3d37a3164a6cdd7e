"""The application: every endpoint found in `api/`, errors in the platform's shape, the rest 501."""

from __future__ import annotations

import sys
import traceback
import uuid
from email.utils import formatdate

import sqlalchemy.exc
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from unstick.localhub import fronts
from unstick.localhub.api import access, answers, errors
from unstick.localhub.api.endpoint import Call, Endpoint, decode, is_async, read_body
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from unstick.localhub.hub import Hub

NOT_THERE = "this local hub has no such endpoint; docs/hub.md lists those it has"


def endpoints() -> tuple[Endpoint, ...]:
    """The endpoints of all modules of `api/`: those with fewer parameters in their path come first."""
    import pkgutil
    from importlib import import_module

    from unstick.localhub import api

    found: list[Endpoint] = []
    for module in pkgutil.iter_modules(api.__path__):
        found += getattr(import_module(f"{api.__name__}.{module.name}"), "ENDPOINTS", ())
    return tuple(sorted(found, key=lambda row: (":path}" in row.path, row.path.count("{"), -len(row.path))))


def application(hub: Hub) -> ASGIApp:
    """The API and the pages of a hub as an ASGI application. Hosts of Spaces are the router's."""
    routes = []
    by_path: dict[str, list[Endpoint]] = {}
    for row in endpoints():
        by_path.setdefault(row.path, []).append(row)
    for path, rows in by_path.items():
        routes.append(Route(path, _handler(hub, rows), methods=[row.method for row in rows]))
    app = Starlette(
        routes=routes,
        exception_handlers={
            errors.ApiError: _api_error, HTTPException: _http_error, DBAPIError: _no_database,
            sqlalchemy.exc.TimeoutError: _no_database, Exception: _unexpected,
        },
    )  # fmt: skip
    app.router.redirect_slashes = False
    return RequestIds(fronts.wrap(hub, app))


def _handler(hub: Hub, rows: list[Endpoint]) -> Any:
    by_method = {row.method: row for row in rows}

    async def handle(request: Request) -> Response:
        row = by_method.get(request.method) or by_method.get("GET" if request.method == "HEAD" else "")
        if row is None:
            raise errors.ApiError(405, f"{request.method} is not for this address")
        caller = await run_in_threadpool(access.caller_of, hub, request.headers)
        if row.login and not caller.name:
            raise errors.login_required()
        body = decode(await read_body(request), row.body) if row.body is not None else None
        call = Call(hub, request, caller, request.path_params, request.query_params, body)
        result = await row.handler(call) if is_async(row) else await run_in_threadpool(row.handler, call)
        return result if isinstance(result, Response) else answer(result)

    return handle


answer = answers.of_value


def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.ApiError)
    return answers.of_error(error)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _api_error(request, errors.ApiError(501, NOT_THERE))
    return _api_error(request, errors.ApiError(error.status_code, str(error.detail)))


def _no_database(request: Request, error: Exception) -> Response:
    """The database is not there, or too busy: nothing was done."""
    return answers.of_error(errors.ApiError(503, "the hub's database does not answer; try again"))


def _unexpected(request: Request, error: Exception) -> Response:
    """A fault of the hub itself: the caller gets the request id, the terminal the traceback."""
    print(f"unstick hub: {request.method} {request.url.path}", file=sys.stderr)
    traceback.print_exception(error)
    return _api_error(request, errors.ApiError(500, "Internal Error - We're working hard to fix this"))


class RequestIds:
    """Gives each answer an id, in the form that support asks for, and the exact second; outermost.

    uvicorn's own Date can be a second old, and the client that does not follow a log passes over every line that
    is younger than the Date and a second.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = f"Root=1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]}"

        async def with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                new = ((b"x-request-id", name.encode()), (b"date", formatdate(usegmt=True).encode()))
                message["headers"] = [*message.get("headers", ()), *new]
            await send(message)

        await self.app(scope, receive, with_id)
