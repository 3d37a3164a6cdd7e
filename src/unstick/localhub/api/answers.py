"""Answers in the platform's shape: a value as JSON, an error with the headers that the client reads."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.api.errors import ApiError

LONGEST_HEADER = 500


def of_value(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A value as JSON."""
    return Response(msgspec.json.encode(value), status, headers, "application/json")


def of_error(error: ApiError) -> Response:
    """An error: its text in X-Error-Message and in the body, its code in X-Error-Code."""
    headers = {"X-Error-Message": _header(error.text), **error.headers}
    if error.code:
        headers["X-Error-Code"] = error.code
    if error.status == 401:
        headers.setdefault("WWW-Authenticate", 'Basic realm="Authentication required", charset="UTF-8"')
    return of_value({"error": error.text, **error.extra}, error.status, headers)


def _header(text: str) -> str:
    """A text that can stand in a header: in ASCII, without spaces at its ends."""
    return "".join(c if " " <= c <= "~" else " " for c in text)[:LONGEST_HEADER].strip()
