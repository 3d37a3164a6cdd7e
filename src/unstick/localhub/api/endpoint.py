"""What an endpoint is: a row of data with a function, from which routing and the OpenAPI document are made."""

from __future__ import annotations

import inspect

import msgspec

from unstick.localhub.api import errors
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from starlette.requests import Request

    from unstick.localhub.hub import Hub
    from unstick.localhub.store.accounts import Caller

MOST_BODY = 4 * 1024 * 1024
"""Bytes of a body that is read into memory; endpoints that take more stream it."""


class Endpoint(NamedTuple):
    """One call of the API.

    `path` is Starlette's ('/api/spaces/{owner}/{name}/restart'), `body` the msgspec type of the JSON body (None:
    it has none), `query` its query parameters with their meaning, `raw` leaves the body to the handler, which
    then is a coroutine. `login` asks for a token. `answers` are the statuses beside 200 that it can give.
    """

    method: str
    path: str
    handler: Callable[[Call], Any]
    summary: str
    body: Any = None
    query: tuple[tuple[str, str], ...] = ()
    raw: bool = False
    login: bool = False
    answers: tuple[int, ...] = ()


class Call(NamedTuple):
    """One call: `path` and `query` parameters as text, `body` decoded by the endpoint's type, `caller` who asks
    (`Caller.anonymous` without a token)."""

    hub: Hub
    request: Request
    caller: Caller
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None

    def flag(self, name: str) -> bool:
        """A query parameter as yes or no. Raises ApiError 400 for another word."""
        text = self.query.get(name, "").lower()
        if text in ("", "0", "false", "no"):
            return False
        if text in ("1", "true", "yes"):
            return True
        raise errors.bad_request(f"{name}: {text[:40]!r} is neither true nor false")

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A query parameter as a number, held within its bounds. Raises ApiError 400 for anything else."""
        text = self.query.get(name, "")
        if not text:
            return default
        if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit() or len(text) > 12:
            raise errors.bad_request(f"{name}: {text[:40]!r} is not a number")
        return max(least, min(most, int(text)))


async def read_body(request: Request, most: int = MOST_BODY) -> bytes:
    """The body, whole. Raises ApiError 413 when it is longer than `most` bytes."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise errors.ApiError(413, f"the body is longer than {most} bytes")
    out = bytearray()
    async for piece in request.stream():
        out += piece
        if len(out) > most:
            raise errors.ApiError(413, f"the body is longer than {most} bytes")
    return bytes(out)


def decode(data: bytes, kind: Any) -> Any:
    """A JSON body as the type of its endpoint. Raises ApiError 400 with the place of the fault."""
    try:
        if b"\\u0000" in data and _has_nul(msgspec.json.decode(data)):
            raise errors.bad_request("the body has the character NUL in it")
        return msgspec.json.decode(data or b"{}", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise errors.bad_request(f"the body is not what this call takes: {error}") from None


def _has_nul(value: Any) -> bool:
    """Whether a text in a decoded value has the character that no database and no environment takes."""
    todo = [value]
    while todo:
        value = todo.pop()
        if isinstance(value, str) and "\0" in value:
            return True
        if isinstance(value, dict):
            todo += [*value, *value.values()]
        elif isinstance(value, list):
            todo += value
    return False


def is_async(endpoint: Endpoint) -> bool:
    """Whether its handler is a coroutine; others run in a thread."""
    return inspect.iscoroutinefunction(endpoint.handler)
