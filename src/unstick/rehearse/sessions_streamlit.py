"""Opens a Streamlit session and tells whether its script raises; `unstick.observe.streamlit` has the protocol."""

from __future__ import annotations

import time

from unstick.observe.streamlit import PROTOCOL, RERUN, ROUTES, Run
from unstick.record import TYPE_CHECKING
from unstick.rehearse import visiting
from unstick.rehearse.types import Session

if TYPE_CHECKING:
    import httpx2
    from httpx2.websockets import WebSocketSession

    from unstick.rehearse.visiting import Dial

NO_PAGE = "/unstick-is-no-page"
"""A path that no app has."""

HEALTH = (b"ok", b"unavailable")
"""The body of the health page, with status 200 or 503 (streamlit/web/server/routes.py)."""

MOST_MESSAGE = 16 * 1024 * 1024
TOO_BIG = 1009
"""The code with which this side ends a WebSocket for a longer message (RFC 6455, section 7.4.1)."""


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
            subprotocols=[PROTOCOL],
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
    """Read until the script has finished."""
    run = Run(time.monotonic(), visiting.SESSION)
    while (left := run.patience(time.monotonic())) > 0:
        try:
            message = session.receive_bytes(timeout=left)
        except TimeoutError:
            break
        if run.heard(message, time.monotonic()):
            break
    unfinished = "" if run.finished else f"the script had not finished after {visiting.SESSION:.0f} s"
    return not run.raised, run.raised or unfinished
