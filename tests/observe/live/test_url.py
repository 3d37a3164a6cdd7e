"""Who answers at a Space's address, what breaks the frame, and whether a session opens."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import RedirectResponse

from observe.live.fake_hub import TOKEN, FakeHub, app_page, serving
from unstick.observe.live import Options
from unstick.observe.live.frame import lost, refused
from unstick.observe.live.runtime import parse, runtime_of
from unstick.observe.live.statuspage import parse as status
from unstick.observe.live.url import IN_ERROR, probe, who
from unstick.observe.live.wire import Answer

HERE = "https://owner-name.hf.space/"
MARK = {"x-proxied-host": "http://10.0.0.1"}


@pytest.mark.parametrize(
    ("status", "headers", "body", "sdk", "by"),
    [
        (200, MARK, b"", "", "app"),
        (503, MARK, b"", "", "app"),
        (503, {}, IN_ERROR.encode(), "", "proxy"),
        (502, {}, b"<html>Bad gateway", "", "proxy"),
        (404, {}, b"Sorry, we can't find the page you are looking for.", "", "missing"),
        (200, {}, b"<title>Preparing Space</title>", "", "interstitial"),
        (200, {}, b"<h1>Hello</h1>", "static", "app"),
        (200, {}, b"<h1>Hello</h1>", "docker", "unknown"),
    ],
)
def test_who_answers(status: int, headers: dict[str, str], body: bytes, sdk: str, by: str) -> None:
    assert who(Answer(HERE, status, headers, body=body), sdk) == by


@pytest.mark.parametrize(
    ("headers", "forbidden"),
    [
        ({}, False),
        ({"x-frame-options": "DENY"}, True),
        ({"x-frame-options": "SAMEORIGIN"}, True),
        ({"x-frame-options": "ALLOWALL"}, False),
        ({"content-security-policy": "default-src 'self'"}, False),
        ({"content-security-policy": "frame-ancestors 'none'"}, True),
        ({"content-security-policy": "frame-ancestors 'self'"}, True),
        ({"content-security-policy": "frame-ancestors 'self' https://huggingface.co"}, False),
        ({"content-security-policy": "frame-ancestors https://*.huggingface.co *"}, False),
        ({"content-security-policy": "frame-ancestors *", "x-frame-options": "DENY"}, False),
        ({"content-security-policy": "frame-ancestors https://evilhuggingface.co"}, True),
    ],
)
def test_headers_that_forbid_the_frame(headers: dict[str, str], forbidden: bool) -> None:
    assert bool(refused(headers)) is forbidden


def test_cookies_that_a_frame_loses() -> None:
    cookies = ("a=1; SameSite=None; Secure", "b=2; Path=/", "c=3; SameSite=Lax; Secure", "d=4; SameSite=None")
    assert lost(cookies) == ("b", "c", "d")


@given(
    st.dictionaries(st.sampled_from(["x-frame-options", "content-security-policy"]), st.text(max_size=200))
)
def test_any_header_can_be_read(headers: dict[str, str]) -> None:
    refused(headers)


KEYS = st.sampled_from(["stage", "hardware", "domains", "included", "attributes", "type", "status", "data"])
PLAIN = st.none() | st.booleans() | st.integers() | st.text()
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner))


@given(VALUES)
def test_any_json_is_read_as_runtime_and_as_status_page(value: object) -> None:
    found = parse(value)
    assert found is None or found.stage
    assert status(value) is not None


def test_redirects_are_followed_and_counted() -> None:
    hub = FakeHub()
    hub.app = lambda r: app_page("there") if r.url.path == "/b" else RedirectResponse("/b", 302, headers=MARK)
    with serving(hub):
        seen = probe(f"http://a.hf.localhost:{hub.port}/", Options(endpoint=hub.endpoint))
    assert (seen.by, seen.first, seen.status, len(seen.hops)) == ("app", 302, 200, 1)


def test_redirects_without_end_end() -> None:
    hub = FakeHub()
    hub.app = lambda r: RedirectResponse(f"{r.url.path}x", 302, headers=MARK)
    with serving(hub):
        seen = probe(f"http://a.hf.localhost:{hub.port}/", Options(endpoint=hub.endpoint))
    assert seen.status == 302 and len(seen.hops) == 5


def test_the_runtime_alone() -> None:
    hub = FakeHub()
    with serving(hub):
        asked = runtime_of("owner/name", Options(endpoint=hub.endpoint, token=TOKEN))
        none = runtime_of("owner/none", Options(endpoint=hub.endpoint, token=TOKEN))
    assert asked.runtime is not None and asked.runtime.stage == "RUNNING"
    assert (none.runtime, none.status) == (None, 404)


@contextmanager
def raw(answers: dict[str, bytes]) -> Iterator[int]:
    """A server that answers bytes by the beginning of a request's path, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    asked = connection.recv(65536).decode("latin-1")
                    path = [*asked.split(" "), "", ""][1]
                    key = next((known for known in answers if path.startswith(known)), "")
                    answer = answers.get(key, b"")
                    if b"KEY" in answer:
                        answer = answer.replace(b"KEY", accept(asked))
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def accept(asked: str) -> bytes:
    import base64
    import hashlib

    key = next(
        x.partition(":")[2].strip() for x in asked.split("\r\n") if x.lower().startswith("sec-websocket-key")
    )
    return base64.b64encode(hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())


def page(body: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nx-proxied-host: http://x\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    ).encode()


UPGRADE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: KEY\r\n\r\n"
)
STREAMLIT = page("<title>Streamlit</title>")
GRADIO = page("<script>window.gradio_config = {}</script>")
SESSIONS = {
    "streamlit opens": ({"/_stcore/stream": UPGRADE, "/": STREAMLIT}, ("streamlit", True)),
    "streamlit refused": (
        {"/_stcore/stream": page("", "403 Forbidden"), "/": STREAMLIT},
        ("streamlit", False),
    ),
    "wrong accept": (
        {"/_stcore/stream": UPGRADE.replace(b"KEY", b"no"), "/": STREAMLIT},
        ("streamlit", False),
    ),
    "gradio": ({"/config": page('{"components": [], "protocol": "sse_v3"}'), "/": GRADIO}, ("gradio", True)),
    "gradio by websocket": (
        {"/config": page('{"components": [], "protocol": "ws"}'), "/queue/join": UPGRADE, "/": GRADIO},
        ("gradio", True),
    ),
    "gradio breaks": ({"/config": page("no", "500 Error"), "/": GRADIO}, ("gradio", False)),
    "gradio behind a login": ({"/config": page("no", "401 Unauthorized"), "/": GRADIO}, None),
    "neither": ({"/": page("<h1>Hello</h1>")}, None),
}


@pytest.mark.parametrize("name", SESSIONS)
def test_whether_a_session_opens(name: str) -> None:
    answers, expected = SESSIONS[name]
    with raw(answers) as port:
        seen = probe(f"http://127.0.0.1:{port}/", Options(endpoint="http://127.0.0.1:1", visit=5.0))
    assert seen.by == "app"
    assert (seen.session and (seen.session.kind, seen.session.opened)) == expected
    assert seen.session is None or seen.session.opened == (not seen.session.error)


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500_000, b"\x16\x03\x01"]
)
def test_a_server_that_speaks_no_http(answer: bytes) -> None:
    with raw({"/": answer}) as port:
        seen = probe(f"http://127.0.0.1:{port}/", Options(endpoint="http://127.0.0.1:1", visit=3.0))
    assert (seen.by, seen.status) == ("", 0)
    assert seen.error


def test_a_certificate_that_is_none() -> None:
    with raw({"": b"HTTP/1.1 200 OK\r\n\r\n"}) as port:
        seen = probe(f"https://127.0.0.1:{port}/", Options(endpoint="http://127.0.0.1:1", visit=3.0))
    assert seen.failure == "tls"
