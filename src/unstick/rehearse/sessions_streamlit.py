"""Opens a Streamlit session and tells whether its script raises.

Streamlit's health page answers 200 while every session is broken, because the script runs for the first
time when a browser connects. Source: Streamlit's public protocol (proto/streamlit/proto/ForwardMsg.proto,
BackMsg.proto, Delta.proto, Element.proto, Exception.proto; the numbers used here are the same in 1.12 and
1.67) and its server's routes (`_stcore/stream` since 1.13, `stream` before).
"""

from __future__ import annotations

import time

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse import visiting, wire
from unstick.rehearse.types import Session

if TYPE_CHECKING:
    import httpx2
    from httpx2.websockets import WebSocketSession

    from unstick.rehearse.visiting import Dial

ROUTES = (("/_stcore/health", "/_stcore/stream"), ("/healthz", "/stream"))
"""The health page and the WebSocket of new and old versions."""

NO_PAGE = "/unstick-is-no-page"
"""A path that no app has."""

HEALTH = (b"ok", b"unavailable")
"""The body of the health page, with status 200 or 503 (streamlit/web/server/routes.py)."""

RERUN = b"\x5a\x00"
"""BackMsg with rerun_script (11), an empty ClientState: what a browser sends first."""

DELTA, SCRIPT_FINISHED, NEW_SESSION, SESSION_EVENT = 5, 6, 4, 10
NEW_ELEMENT, EXCEPTION = 3, 8
COMPILATION_EXCEPTION = 3
TYPE, MESSAGE, IS_WARNING = 1, 2, 5
FINISHED, COMPILE_ERROR, EARLY_FOR_RERUN = 0, 1, 2

QUIET = 20.0
"""Seconds without a message after which the script is taken to be waiting for something."""

AFTER_COMPILE_ERROR = 1.0
"""Seconds in which the exception of a script that cannot be compiled follows."""

MOST_MESSAGE = 16 * 1024 * 1024
TOO_BIG = 1009
"""The code with which this side ends a WebSocket for a longer message (RFC 6455, section 7.4.1)."""


class Told(NamedTuple):
    """What one message says: `started` a run, `finished` with this status (-1: not), raised `error`."""

    started: bool = False
    finished: int = -1
    error: str = ""


def open_session(dial: Dial, port: int, base_path: str, host: str) -> Session | None:
    """Run the script as a first visit does, or None where no Streamlit answers.

    `opened` is False when the script raised, did not compile, or the WebSocket is refused. A script that is
    still at work after a minute counts as opened, and `error` says so.
    """
    import httpx2

    began = time.monotonic()
    with visiting.visitor(dial, port, host) as client:
        try:
            stream = _stream(client, base_path)
        except httpx2.HTTPError:
            return None
        if not stream:
            return None
        opened, error = _visit(client, stream, host)
    if not opened and not error and not stream.endswith("/_stcore/stream"):
        return None
    return Session("streamlit", opened, error, time.monotonic() - began)


def _stream(client: httpx2.Client, base_path: str) -> str:
    """The path of the WebSocket, '' where this is no Streamlit."""
    for prefix in visiting.prefixes(base_path):
        for health, stream in ROUTES:
            answer = visiting.page(client, prefix + health)
            if answer.status in (200, 503) and answer.body.strip() in HEALTH:
                # Some servers say 'ok' to everything.
                other = visiting.page(client, prefix + NO_PAGE)
                return "" if other.body.strip() in HEALTH else prefix + stream
    return ""


def _visit(client: httpx2.Client, path: str, host: str) -> tuple[bool, str]:
    import httpx2
    from httpx2.websockets import HTTPXWSException, WebSocketUpgradeError

    try:
        with client.websocket(
            path,
            subprotocols=["streamlit"],
            headers={"Origin": f"https://{host}"},
            max_message_size_bytes=MOST_MESSAGE,
            keepalive_ping_interval_seconds=None,
        ) as session:
            session.send_bytes(RERUN)
            return _watch(session)
    except WebSocketUpgradeError as refused:
        status = refused.response.status_code
        if status == 404 and not path.endswith("/_stcore/stream"):
            return False, ""
        return False, f"the WebSocket {path} is refused with status {status}"
    except (HTTPXWSException, httpx2.HTTPError) as broken:
        if getattr(broken, "code", 0) == TOO_BIG:
            return True, ""
        return False, f"the WebSocket {path} breaks off: {type(broken).__name__}"


def _watch(session: WebSocketSession) -> tuple[bool, str]:
    """Read until the script has finished; the last run counts."""
    deadline = time.monotonic() + visiting.SESSION
    error, uncompiled = "", False
    while (left := deadline - time.monotonic()) > 0:
        try:
            told = understood(session.receive_bytes(timeout=min(left, QUIET)))
        except TimeoutError:
            break
        if told.started:
            error = ""
        error = error or told.error
        if told.finished == COMPILE_ERROR:
            uncompiled = True
            deadline = min(deadline, time.monotonic() + AFTER_COMPILE_ERROR)
        if uncompiled and error:
            break
        if told.finished == EARLY_FOR_RERUN:
            error = ""
        elif told.finished >= 0 and not uncompiled:
            return not error, error
    if uncompiled:
        return False, error or "the script cannot be compiled"
    return not error, error or f"the script had not finished after {visiting.SESSION:.0f} s"


def understood(message: bytes) -> Told:
    """What a ForwardMsg says about the run. Never fails: a message that is not one says nothing."""
    started, finished, error = False, -1, ""
    for number, value in wire.fields(message):
        if number == NEW_SESSION:
            started = True
        elif number == SCRIPT_FINISHED and isinstance(value, int):
            finished = value
        elif number == DELTA:
            error = error or _raised(wire.messages(value, NEW_ELEMENT, EXCEPTION))
        elif number == SESSION_EVENT:
            error = error or _raised(wire.messages(value, COMPILATION_EXCEPTION))
    return Told(started, finished, error)


def _raised(exceptions: list[bytes]) -> str:
    """The first of these Exception messages that is not a warning, in words."""
    for raw in exceptions:
        named = dict(wire.fields(raw))
        if not named.get(IS_WARNING):
            kind, message = wire.text(named.get(TYPE)), wire.text(named.get(MESSAGE))
            return visiting.quoted(
                f"{kind}: {message}" if kind and message else kind or message or "exception"
            )
    return ""
