"""The moment of the first accepted connection, and the sentence about why there is none."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from unstick.rehearse.readiness import explain, first_accept
from unstick.rehearse.types import Socket


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as made:
        port: int = made.getsockname()[1]
        return port


def dialer(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=1)


def test_not_before_it_listens() -> None:
    port, at = free_port(), []

    def listen() -> None:
        time.sleep(0.2)
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
        at.append(time.monotonic())
        made.listen()
        made.accept()[0].close()
        made.close()

    thread = threading.Thread(target=listen)
    thread.start()
    found = first_accept(lambda: dialer(port), time.monotonic() + 20)
    thread.join()
    assert found is not None
    assert found >= at[0]


def test_none_when_the_time_is_over() -> None:
    port = free_port()
    end = time.monotonic() + 0.1
    assert first_accept(lambda: dialer(port), end) is None
    assert time.monotonic() >= end


def test_none_when_the_app_has_ended() -> None:
    port = free_port()
    assert first_accept(lambda: dialer(port), time.monotonic() + 600, lambda: False) is None


def test_a_moment_that_has_passed_still_asks_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as made:
        assert first_accept(lambda: dialer(made.getsockname()[1]), time.monotonic() - 1) is not None


def on(*ends: tuple[str, int]) -> list[Socket]:
    return [Socket("listen", address, port) for address, port in ends]


@pytest.mark.parametrize(
    ("sockets", "sdk", "sentence"),
    [
        (on(), "gradio", "nothing listens; the contract asks 0.0.0.0:7860"),
        (
            on(("127.0.0.1", 8501)),
            "streamlit",
            "listens on 127.0.0.1:8501; the contract asks 0.0.0.0:7860",
        ),
        (
            on(("127.0.0.1", 7860)),
            "docker",
            "listens on 127.0.0.1:7860; the contract asks 0.0.0.0:7860 (app_port)",
        ),
        (on(("::", 7860)), "gradio", "listens on [::]:7860 by IPv6 only; the contract asks 0.0.0.0:7860"),
        (on(("::1", 7860)), "gradio", "listens on [::1]:7860; the contract asks 0.0.0.0:7860"),
        (
            on(("0.0.0.0", 8000), ("127.0.0.1", 7860)),
            "gradio",
            "listens on 127.0.0.1:7860 and 0.0.0.0:8000; the contract asks 0.0.0.0:7860",
        ),
        (
            on(("0.0.0.0", 7860)),
            "gradio",
            "listens on 0.0.0.0:7860, and yet no connection is accepted; the contract asks 0.0.0.0:7860",
        ),
        (
            on(*(("0.0.0.0", port) for port in range(9000, 9006))),
            "gradio",
            "listens on 0.0.0.0:9000, 0.0.0.0:9001, 0.0.0.0:9002 and 3 more; the contract asks 0.0.0.0:7860",
        ),
        (on(("127.0.0.11", 40001)), "gradio", "nothing listens; the contract asks 0.0.0.0:7860"),
        ([Socket("syn-sent", "10.0.0.2", 7860)], "gradio", "nothing listens; the contract asks 0.0.0.0:7860"),
    ],
)
def test_explain(sockets: list[Socket], sdk: str, sentence: str) -> None:
    assert explain(sockets, 7860, sdk) == sentence
