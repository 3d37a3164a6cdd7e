"""Opens a Gradio session as its page does, and tells whether the page or a `load` event fails.

Source: Gradio's public routes and client protocol (gradio/routes.py and the JavaScript client of 3.50, 4.44,
5.50 and 6.31): `/config` describes the page; each dependency whose target is ['', 'load'] runs when the page
opens; since 4.8 (protocol sse_v1 and later) it is put into the queue by `queue/join`, and all results of a
session come from the event stream `queue/data`. Since 5 these paths begin with `/gradio_api`.
"""

from __future__ import annotations

import time

from unstick.observe.quotes import quoted
from unstick.record import TYPE_CHECKING
from unstick.rehearse import visiting
from unstick.rehearse.types import Session

if TYPE_CHECKING:
    from typing import Any

    import httpx2

    from unstick.rehearse.visiting import Dial

QUEUED = ("sse_v1", "sse_v2", "sse_v2.1", "sse_v3")
"""Protocols in which `queue/join` is a POST; older ones ('ws', 'sse') are asked without the queue."""

STATELESS = ("state",)
"""Components whose value the server keeps: the page sends null for them."""

MOST_EVENTS = 10
MOST_MESSAGES = 2000
FIRST_BAD = 500
NO_MESSAGE = "a load event fails (Gradio hides the message from visitors; the app's log has it)"


def open_session(dial: Dial, port: int, base_path: str, host: str) -> Session | None:
    """Open the page and run its load events that need no input, or None where no Gradio answers.

    `opened` is False when the page or an event fails. A page behind a login counts as opened. An event that
    is still at work after a minute counts as opened, and `error` says so.
    """
    import httpx2

    began = time.monotonic()
    with visiting.visitor(dial, port, host) as client:
        try:
            prefix, config = _config(client, base_path)
        except httpx2.HTTPError:
            return None
        if config is None:
            return None
        try:
            error = _visit(client, prefix, config)
        except (httpx2.HTTPError, httpx2.SSEError) as broken:
            error = f"the session breaks off: {type(broken).__name__}"
        except _Unfinished:
            return Session("gradio", True, "a load event had not finished", time.monotonic() - began)
    return Session("gradio", not error, error, time.monotonic() - began)


class _Unfinished(Exception):
    """The time for a session is over, and an event still runs."""


def _config(client: httpx2.Client, base_path: str) -> tuple[str, dict[str, Any] | None]:
    """The prefix of the app's paths, and its configuration; None where this is no Gradio."""
    for prefix in visiting.prefixes(base_path):
        answer = visiting.page(client, prefix + "/config")
        config = _object(answer.body)
        if answer.status == 200 and "dependencies" in config and "components" in config:
            return prefix, config
        if answer.status == 401 and b"gradio" in visiting.page(client, prefix + "/").body[:100_000]:
            return prefix, {}
    return "", None


def _visit(client: httpx2.Client, prefix: str, config: dict[str, Any]) -> str:
    """Why the session does not open, '' when it does."""
    shown = visiting.page(client, prefix + "/")
    if shown.status >= FIRST_BAD:
        return f"the page is answered {shown.status}"
    events = [
        {"id": number, **item}
        for number, item in enumerate(_list(config.get("dependencies")))
        if _on_load(item, config)
    ][:MOST_EVENTS]
    if not events:
        return ""
    api = config.get("api_prefix")
    base = prefix + (api if isinstance(api, str) else "")
    session = _session_hash()
    queued = [item for item in events if config.get("protocol") in QUEUED and _queued(item, config)]
    for item in events:
        if item not in queued and not _streams(item):
            error = _ask_directly(client, base, item, session)
            if error:
                return error
    return _ask_in_queue(client, base, queued, session) if queued else ""


def _ask_directly(client: httpx2.Client, base: str, event: dict[str, Any], session: str) -> str:
    """Run an event without the queue. What may only be asked through the queue is passed over (4xx)."""
    answer = client.post(f"{base}/run/predict", json=_request(event, session), timeout=visiting.SESSION)
    if answer.status_code == 404:
        answer = client.post(f"{base}/api/predict", json=_request(event, session), timeout=visiting.SESSION)
    if answer.status_code < FIRST_BAD:
        return ""
    return _said(_object(answer.content[: visiting.MOST_BODY]))


def _ask_in_queue(client: httpx2.Client, base: str, events: list[dict[str, Any]], session: str) -> str:
    """Run events as the page does, and read the session's event stream until each has completed."""
    waiting: set[str] = set()
    for event in events:
        answer = client.post(f"{base}/queue/join", json=_request(event, session))
        if answer.status_code >= FIRST_BAD:
            return f"the queue answers {answer.status_code}"
        given = _object(answer.content[: visiting.MOST_BODY]).get("event_id")
        if answer.status_code == 200 and isinstance(given, str):
            waiting.add(given)
    if not waiting:
        return ""
    deadline = time.monotonic() + visiting.SESSION
    with client.sse(f"{base}/queue/data", params={"session_hash": session}, timeout=_patient()) as stream:
        for count, sent in enumerate(stream):
            message = _object(sent.data.encode())
            kind = message.get("msg")
            if kind == "unexpected_error":
                return quoted(str(message.get("message") or NO_MESSAGE))
            if kind == "process_completed":
                waiting.discard(str(message.get("event_id")))
                if message.get("success") is False:
                    output = message.get("output")
                    return _said(output if isinstance(output, dict) else {})
            if not waiting or kind == "close_stream":
                return ""
            if count > MOST_MESSAGES or time.monotonic() > deadline:
                raise _Unfinished
    return "the event stream ends before the load event has completed"


def _on_load(event: object, config: dict[str, Any]) -> bool:
    """Whether the page runs this event by itself, on the server, and without an input of the visitor."""
    if not isinstance(event, dict) or event.get("backend_fn") is False:
        return False
    targets = _list(event.get("targets"))
    on_load = event.get("trigger") == "load" or any(
        isinstance(item, list) and len(item) == 2 and item[1] == "load" for item in targets
    )
    kept = {
        item.get("id")
        for item in _list(config.get("components"))
        if isinstance(item, dict) and item.get("type") in STATELESS
    }
    return on_load and all(not isinstance(item, (list, dict)) and item in kept for item in _inputs(event))


def _queued(event: dict[str, Any], config: dict[str, Any]) -> bool:
    """Whether an event goes through the queue: its own setting, or else that of the page."""
    own = event.get("queue")
    return bool(config.get("enable_queue", True) if own is None else own)


def _streams(event: dict[str, Any]) -> bool:
    """Whether it gives several results, which only the queue can deliver."""
    types = event.get("types")
    return isinstance(types, dict) and bool(types.get("continuous") or types.get("generator"))


def _request(event: dict[str, Any], session: str) -> dict[str, Any]:
    """The body by which the page asks for an event."""
    return {
        "data": [None] * len(_inputs(event)),
        "event_data": None,
        "fn_index": event["id"],
        "trigger_id": None,
        "session_hash": session,
    }


def _inputs(event: dict[str, Any]) -> list[Any]:
    return _list(event.get("inputs"))


def _said(output: dict[str, Any]) -> str:
    """The message of a failed event, where the app shows it."""
    error = output.get("error")
    return quoted(error) if isinstance(error, str) and error.strip() else NO_MESSAGE


def _object(body: bytes) -> dict[str, Any]:
    """A JSON object; an empty one for anything else."""
    import json

    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _session_hash() -> str:
    import secrets

    return secrets.token_hex(6)


def _patient() -> httpx2.Timeout:
    """Gradio sends a heartbeat every 15 s, so a stream that is silent for longer is broken."""
    import httpx2

    return httpx2.Timeout(visiting.SECONDS, read=visiting.SESSION)
