"""The script behind a Streamlit page: what its session tells, and servers that mean harm by it."""

from __future__ import annotations

import asyncio
import resource
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from observe.live.fake_hub import TOKEN, FakeHub, serving
from observe.live.test_url import STREAMLIT, UPGRADE, accept, page
from observe.test_streamlit import element, exception, field
from unstick.case import Case
from unstick.diagnose import diagnose
from unstick.observe.live import Options, observe_live
from unstick.observe.live.url import probe
from unstick.observe.live.websocket import MOST_BYTES, MOST_FRAMES, connect
from unstick.observe.live.wire import Wire

BINARY, PING, CLOSE = 2, 9, 8
SECONDS = 20.0


def frame(payload: bytes, opcode: int = BINARY, *, size: int | None = None, masked: bool = False) -> bytes:
    """A frame of the server, `size` long by its own words."""
    length, mask = len(payload) if size is None else size, 0x80 if masked else 0
    head = bytes([0x80 | opcode])
    if length < 126:
        head += bytes([mask | length])
    elif length < 65536:
        head += bytes([mask | 126]) + struct.pack(">H", length)
    else:
        head += bytes([mask | 127]) + struct.pack(">Q", length)
    return head + (bytes(4) if masked else b"") + payload


def app(say: Callable[[socket.socket], None], asked: list[str]) -> Callable[[socket.socket], None]:
    """A Streamlit page, whose WebSocket does what `say` does once the script was asked to run."""

    def serve(connection: socket.socket) -> None:
        request = connection.recv(65536).decode("latin-1")
        path = request.split(" ")[1]
        asked.append(path)
        if path != "/_stcore/stream":
            connection.sendall(STREAMLIT if path == "/" else page("", "404 Not Found"))
            return
        connection.sendall(UPGRADE.replace(b"KEY", accept(request)))
        if sent := connection.recv(64):
            asked.append(unmasked(sent).hex())
            say(connection)

    return serve


def unmasked(data: bytes) -> bytes:
    """The payload of a client's short frame."""
    mask, payload = data[2:6], data[6 : 6 + (data[1] & 0x7F)]
    return bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


@contextmanager
def listening(treat: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on loopback, each connection in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def one(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                treat(connection)

        def run() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=one, args=(server.accept()[0],), daemon=True).start()

        threading.Thread(target=run, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def observed(say: Callable[[socket.socket], None], visit: float = 2.0) -> tuple[Case, list[str]]:
    asked: list[str] = []
    hub = FakeHub()
    with listening(app(say, asked)) as port, serving(hub):
        hub.info["host"] = f"http://127.0.0.1:{port}"
        began = time.monotonic()
        case = observe_live(
            "owner/name",
            Options(endpoint=hub.endpoint, token=TOKEN, patience=4, visit=visit, logs=1, follow=0.2),
        )
        assert time.monotonic() - began < SECONDS
    return case, asked


def sends(*messages: bytes) -> Callable[[socket.socket], None]:
    def say(connection: socket.socket) -> None:
        for message in messages:
            connection.sendall(frame(message))
        connection.recv(64)  # until the visitor leaves

    return say


STARTED, FINISHED = field(4, b"\x0a\x00"), field(6, 0)


def present(case: Case) -> set[str]:
    return {item.sign for item in case.evidence if item.present}


def unknown(case: Case) -> dict[str, str]:
    return {item.sign: item.reason for item in case.unobserved}


def test_a_script_that_runs_to_its_end_is_well() -> None:
    case, asked = observed(sends(STARTED, element(2, b"\x0a\x02hi"), FINISHED))
    assert asked.count("5a00") == 1
    assert case.fact("session") == "runs"
    assert {"direct-url-works", "live-serves"} <= present(case)
    assert diagnose(case).turn == "nobody"


RAISED = {
    "of its code": (exception("ZeroDivisionError", "division by zero"), "app-crash", {"live-session-raises"}),
    "of a module": (
        exception("ModuleNotFoundError", "No module named 'plotly'"),
        "missing-dependency",
        {"log-module-not-found", "live-session-import-fails"},
    ),
}


@pytest.mark.parametrize("name", RAISED)
def test_a_script_that_raises_is_diagnosed(name: str) -> None:
    message, cause, signs = RAISED[name]
    case, _ = observed(sends(STARTED, element(8, message), FINISHED))
    assert case.fact("session") == "raises"
    assert signs <= present(case)
    assert not {"direct-url-works", "live-serves"} & present(case)
    diagnosis = diagnose(case)
    assert (diagnosis.causes[0].cause, diagnosis.turn) == (cause, "you"), diagnosis.verdict


def test_a_script_that_cannot_be_compiled() -> None:
    case, _ = observed(sends(field(6, 1), field(10, field(3, exception("SyntaxError", "invalid syntax")))))
    assert "SyntaxError: invalid syntax" in case.fact("session_error")


def test_what_a_session_says_is_redacted() -> None:
    told = f"token {TOKEN} \x1b[31mrefused\u202e"
    case, _ = observed(sends(element(8, exception("RuntimeError", told)), FINISHED))
    assert case.fact("session_error").startswith("RuntimeError: token")
    assert all(TOKEN not in text and "\x1b" not in text and "\u202e" not in text for text in texts(case))


def texts(case: Case) -> list[str]:
    return [value for _, value in case.facts] + [item.quote for item in case.evidence]


def test_what_is_not_told_in_time_is_not_observed() -> None:
    case, _ = observed(sends(STARTED))
    assert "had not finished" in unknown(case)["live-session-raises"]
    assert not case.fact("session")
    assert "direct-url-works" in present(case)


def test_who_looks_in_passing_runs_no_script() -> None:
    asked: list[str] = []
    with listening(app(sends(FINISHED), asked)) as port:
        seen = probe(f"http://127.0.0.1:{port}/", Options(endpoint="http://127.0.0.1:1", visit=3.0))
    assert seen.serves and seen.session is not None and not seen.session.ran
    assert "5a00" not in asked


def test_no_visit_runs_no_script() -> None:
    asked: list[str] = []
    hub = FakeHub()
    with listening(app(sends(FINISHED), asked)) as port, serving(hub):
        hub.info["host"] = f"http://127.0.0.1:{port}"
        observe_live("owner/name", Options(endpoint=hub.endpoint, token=TOKEN, logs=1, ask_url=False))
    assert asked == []


def test_the_websocket_of_an_old_version_is_found() -> None:
    asked: list[str] = []

    def serve(connection: socket.socket) -> None:
        request = connection.recv(65536).decode("latin-1")
        asked.append(request.split(" ")[1])
        if asked[-1] != "/stream":
            connection.sendall(STREAMLIT)  # it answers any address with its page
            return
        connection.sendall(UPGRADE.replace(b"KEY", accept(request)))
        connection.recv(64)

    with listening(serve) as port:
        seen = probe(f"http://127.0.0.1:{port}/", Options(endpoint="http://127.0.0.1:1", visit=3.0))
    assert seen.serves and asked == ["/", "/_stcore/stream", "/stream"]


def test_no_websocket_leads_to_a_private_address() -> None:
    reached: list[str] = []

    async def opened(port: int) -> str:
        async with Wire() as wire:
            return await connect(
                wire, f"http://127.0.0.1:{port}/_stcore/stream", headers={}, anywhere=False, seconds=3
            )

    with listening(app(sends(), reached)) as port:
        assert "no public address" in asyncio.run(opened(port))
    assert reached == []


def for_ever(piece: bytes) -> Callable[[socket.socket], None]:
    """Without end, and without reading."""

    def say(connection: socket.socket) -> None:
        while True:
            connection.sendall(piece)

    return say


def huge(connection: socket.socket) -> None:
    """A frame of 2**62 bytes, as many of them as anybody takes."""
    connection.sendall(frame(b"", size=2**62))
    for_ever(b"x" * 65536)(connection)


def stall(connection: socket.socket) -> None:
    connection.sendall(frame(b"", size=5000) + b"x")
    time.sleep(SECONDS)


HARM: dict[str, tuple[Callable[[socket.socket], None], str]] = {
    "endless messages": (for_ever(frame(element(2, b"hi")) * 500), "frames"),
    "endless large messages": (for_ever(frame(b"\x2a" * 200_000)), "MiB|had not finished"),
    "endless empty pieces": (for_ever(b"\x00\x00" * 10_000), "closed|frames"),
    "endless runs": (for_ever(frame(STARTED) * 500), "frames"),
    "a huge frame": (huge, "MiB|had not finished"),
    "a frame that never ends": (stall, "had not finished"),
    "pings": (for_ever(frame(b"p" * 125, PING) * 500), "frames|breaks off"),
    "masked": (for_ever(frame(FINISHED, masked=True)), "closed"),
    "garbage": (for_ever(bytes(range(256)) * 100), "closed|breaks off"),
    "a ping too long": (for_ever(frame(b"p" * 200, PING)), "closed"),
    "closed at once": (lambda connection: connection.sendall(frame(b"\x03\xe8", CLOSE)), "closed"),
    "cut off": (lambda connection: None, "closed|breaks off"),
    "text": (for_ever(frame(b"finished", 1) * 500), "frames"),
    "text that is none": (for_ever(frame(b"\xff\xfe", 1)), "closed|breaks off"),
    "many small fields": (for_ever(frame(b"\x08\x01" * 100_000)), "MiB|had not finished"),
}  # fmt: skip


@pytest.mark.parametrize("name", HARM)
def test_a_websocket_that_means_harm_is_bounded(name: str) -> None:
    import re

    say, why = HARM[name]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    case, _ = observed(say, visit=3.0)
    assert case.fact("stage") == "RUNNING"
    assert re.search(why, unknown(case)["live-session-raises"]), unknown(case)
    assert "direct-url-works" in present(case)
    assert not case.fact("session")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_the_bounds_are_far_above_what_apps_send() -> None:
    assert MOST_FRAMES >= 10_000 and MOST_BYTES >= 16 * 1024**2
