"""Sessions of real Streamlit and Gradio servers, in environments that uv makes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from unstick.rehearse import readiness
from unstick.rehearse.sessions import open_session
from unstick.rehearse.types import Session

pytestmark = pytest.mark.heavy
HOST = "owner-name.hf.space"
OLD = pytest.mark.skipif(sys.version_info >= (3, 12), reason="this release has no wheels for a newer Python")
STREAMLIT = ("streamlit>=1.50",)
STREAMLIT_OLD = ("streamlit==1.12.2", "altair<5", "protobuf<4", "setuptools<80")
GRADIO = ("gradio>=6",)
GRADIO_5 = ("gradio<6", "huggingface_hub<1")


def dial(port: int, address: str = "") -> socket.socket:
    return socket.create_connection((address or "127.0.0.1", port), timeout=5)


@contextmanager
def running(packages: Sequence[str], *command: str) -> Iterator[int]:
    """The app's port; `{port}` in the command is replaced by it."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        port: int = made.getsockname()[1]
    uv = ["uv", "run", "--quiet", "--no-project", "--python", sys.executable]
    for package in packages:
        uv += ["--with", package]
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "0"}
    process = subprocess.Popen(
        [*uv, "--", *(word.format(port=port) for word in command)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + 240
        ready = readiness.first_accept(lambda: dial(port), end, lambda: process.poll() is None)
        assert ready is not None, "the app did not start"
        yield port
    finally:
        os.killpg(process.pid, 9)
        process.wait()


def streamlit(folder: Path, script: str, packages: Sequence[str], base: str = "") -> Session | None:
    app = folder / "app.py"
    app.write_text(textwrap.dedent(script), encoding="utf-8")
    options = ["--server.port", "{port}", "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    if base:
        options += ["--server.baseUrlPath", base]
    with running(packages, "streamlit", "run", str(app), *options) as port:
        return open_session(dial, port, f"/{base}", HOST)


def gradio(folder: Path, script: str, packages: Sequence[str]) -> Session | None:
    app = folder / "app.py"
    head = "import gradio as gr\n"
    app.write_text(head + textwrap.dedent(script) + "demo.launch()\n", encoding="utf-8")
    with running(packages, "python", str(app)) as port:
        return open_session(dial, port, "/", HOST)


FINE = """
    import streamlit as st
    st.write("hello")
"""
MISSING = """
    import streamlit as st
    st.write("first")
    import not_there_at_all
"""
NOT_AN_EXCEPTION = """
    import streamlit as st
    st.error("an error for the reader")
    if "again" not in st.session_state:
        st.session_state["again"] = True
        (getattr(st, "rerun", None) or st.experimental_rerun)()
    try:
        1 / 0
    except ZeroDivisionError:
        st.warning("caught")
    st.stop()
"""
IN_A_COLUMN = """
    import streamlit as st
    with st.sidebar:
        first, second = st.columns(2)
        with second:
            1 / 0
"""
NO_PYTHON = """
    import streamlit as st
    def broken(:
"""


@pytest.mark.needs("uv")
@pytest.mark.parametrize(
    ("script", "packages", "error"),
    [
        (FINE, STREAMLIT, ""),
        (MISSING, STREAMLIT, "ModuleNotFoundError: No module named 'not_there_at_all'"),
        (NOT_AN_EXCEPTION, STREAMLIT, ""),
        (IN_A_COLUMN, STREAMLIT, "ZeroDivisionError: division by zero"),
        (NO_PYTHON, STREAMLIT, "SyntaxError"),
        pytest.param(NOT_AN_EXCEPTION, STREAMLIT_OLD, "", marks=OLD),
        pytest.param(
            MISSING, STREAMLIT_OLD, "ModuleNotFoundError: No module named 'not_there_at_all'", marks=OLD
        ),
    ],
)
def test_streamlit(tmp_path: Path, script: str, packages: Sequence[str], error: str) -> None:
    found = streamlit(tmp_path, script, packages)
    assert found is not None
    assert (found.kind, found.opened) == ("streamlit", not error)
    assert found.error.startswith(error)
    assert bool(found.error) == bool(error)


@pytest.mark.needs("uv")
def test_streamlit_below_a_path(tmp_path: Path) -> None:
    found = streamlit(tmp_path, FINE, STREAMLIT, base="sub/app")
    assert found is not None
    assert (found.opened, found.error) == (True, "")


LOADS = """
    with gr.Blocks() as demo:
        text = gr.Textbox()
        kept = gr.State(3)
        gr.Button().click(lambda value: 1 / 0, text, text)
        demo.load(lambda: "hello", None, text)
        demo.load(lambda value: str(value + 1), kept, text)
"""
NO_MODEL = """
    def load():
        raise FileNotFoundError("model.bin")
    with gr.Blocks() as demo:
        text = gr.Textbox()
        demo.load(load, None, text)
"""
SHOWN = """
    def load():
        raise gr.Error("no model here")
    with gr.Blocks() as demo:
        text = gr.Textbox()
        demo.load(load, None, text, queue=False)
"""


@pytest.mark.needs("uv")
@pytest.mark.parametrize("packages", [GRADIO, GRADIO_5], ids=["6", "5"])
@pytest.mark.parametrize(
    ("script", "error"),
    [(LOADS, ""), (NO_MODEL, "a load event fails"), (SHOWN, "no model here")],
    ids=["loads", "no model", "shown"],
)
def test_gradio(tmp_path: Path, script: str, packages: Sequence[str], error: str) -> None:
    found = gradio(tmp_path, script, packages)
    assert found is not None
    assert (found.kind, found.opened) == ("gradio", not error)
    assert found.error.startswith(error)
    assert bool(found.error) == bool(error)


class Other(BaseHTTPRequestHandler):
    """A server that answers every path alike."""

    answer = b"<!doctype html><title>Everything</title>"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *args: Any) -> None:
        """Silent."""


@pytest.mark.parametrize(
    "answer",
    [b"<!doctype html>", b"{}", b'{"dependencies": 1}', b"[" * 100_000, b"\xff\x00"],
)
def test_another_server_is_neither(answer: bytes) -> None:
    handler = type("Handler", (Other,), {"answer": answer})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert open_session(dial, server.server_port, "/", HOST) is None
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "answer",
    [
        b'{"dependencies": null, "components": null}',
        b'{"dependencies": [1, {"targets": 3}, {"targets": [[]], "inputs": 5}], "components": [[], {"id": []}]}',
        b'{"dependencies": [{"targets": [[0, "load"]], "inputs": [[]]}], "components": {}, "api_prefix": 5}',
    ],
)
def test_a_hostile_configuration_ends_in_a_session(answer: bytes) -> None:
    handler = type("Handler", (Other,), {"answer": answer})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        found = open_session(dial, server.server_port, "/", HOST)
        assert found is not None
        assert found.kind == "gradio"
    finally:
        server.shutdown()
        server.server_close()


def test_nobody_there_is_neither() -> None:
    with socket.create_server(("127.0.0.1", 0)) as made:
        port = made.getsockname()[1]
    assert open_session(dial, port, "/", HOST) is None
