"""Real apps through the router of a hub: a browser on Streamlit and Gradio, large bodies both ways."""

from __future__ import annotations

import hashlib
import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from e2e.hubs import RunningHub, hub

pytestmark = [pytest.mark.needs("uv"), pytest.mark.needs("bwrap"), pytest.mark.needs("git")]
EXAMPLES = Path(__file__).parents[2] / "examples"
CHROMIUM = "/usr/bin/chromium"
MIB = 1024 * 1024
GROWTH = 48 * MIB
"""What the hub may need more while large bodies pass; they are four and twenty times that."""

README = "---\ntitle: Bodies\nsdk: docker\n---\n"
DOCKERFILE = 'FROM python:3.11\nWORKDIR /app\nCOPY app.py .\nCMD ["python", "app.py"]\n'
BODIES = """
import hashlib, http.server
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        size = int(self.path.lstrip("/") or 0)
        self.send_response(200)
        self.send_header("content-length", str(size))
        self.end_headers()
        piece = bytes(1024 * 1024)
        for start in range(0, size, len(piece)):
            self.wfile.write(piece[:size - start])
    def do_POST(self):
        left, digest = int(self.headers["content-length"]), hashlib.sha256()
        while left and (piece := self.rfile.read(min(left, 1024 * 1024))):
            digest.update(piece)
            left -= len(piece)
        body = digest.hexdigest().encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("0.0.0.0", 7860), Handler).serve_forever()
"""
GRADIO = """
import time
import gradio as gr

def greet(name):
    for end in range(1, len(name) + 1):
        time.sleep(0.05)
        yield "Hello " + name[:end]

gr.Interface(greet, gr.Textbox(label="Name"), gr.Textbox(label="Greeting")).launch()
"""


@pytest.fixture(scope="module")
def running() -> Iterator[RunningHub]:
    """A hub for the tests of this module."""
    with hub() as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium. It finds names under .localhost by itself."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not there")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


def space(running: RunningHub, name: str, sdk: str, files: dict[str, str], seconds: float = 300) -> str:
    """Push a Space and wait until it runs; gives its address."""
    from huggingface_hub import CommitOperationAdd

    api = running.api()
    repo = f"{api.whoami()['name']}/{name}"
    api.create_repo(repo, repo_type="space", space_sdk=sdk)
    operations = [CommitOperationAdd(path, text.encode()) for path, text in files.items()]
    api.create_commit(repo, operations, commit_message="the app", repo_type="space")
    end = time.monotonic() + seconds
    while (runtime := api.get_space_runtime(repo)).stage != "RUNNING":
        assert not runtime.stage.endswith("ERROR"), (runtime.raw, running.said())
        assert time.monotonic() < end, runtime.raw
        time.sleep(0.5)
    address: str = api.space_info(repo).host
    return address


@contextmanager
def memory(process: int) -> Iterator[list[int]]:
    """The resident bytes of a process: at the start, and the most while the block runs."""

    def resident() -> int:
        status = Path(f"/proc/{process}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    seen = [resident(), resident()]
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.02):
            seen[1] = max(seen[1], resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        stop.set()
        watcher.join()


def connection(address: str) -> tuple[http.client.HTTPConnection, dict[str, str]]:
    """A connection to the hub's port with the Host header of a Space: names under .localhost need not resolve."""
    host = address.partition("://")[2].rstrip("/")
    return http.client.HTTPConnection("127.0.0.1", int(host.rpartition(":")[2]), timeout=60), {"Host": host}


@pytest.fixture(scope="module")
def bodies(running: RunningHub) -> str:
    """The address of a Space that sends and takes large bodies."""
    files = {"README.md": README, "Dockerfile": DOCKERFILE, "app.py": BODIES}
    address = space(running, "bodies", "docker", files)
    made, headers = connection(address)
    made.request("GET", f"/{16 * MIB}", headers=headers)  # what it takes once is taken
    assert len(made.getresponse().read()) == 16 * MIB
    return address


def test_a_download_of_1_gb_takes_no_memory(running: RunningHub, bodies: str) -> None:
    made, headers = connection(bodies)
    with memory(running.process.pid) as seen:
        made.request("GET", f"/{1024 * MIB}", headers=headers)
        answer = made.getresponse()
        assert answer.headers["x-proxied-path"] == f"/{1024 * MIB}"
        got, buffer = 0, bytearray(MIB)
        while count := answer.readinto(buffer):
            got += count
    assert got == 1024 * MIB
    print(f"hub: {seen[0] / MIB:.0f} MiB before, at most {seen[1] / MIB:.0f} MiB")
    assert seen[1] - seen[0] < GROWTH


def test_an_upload_of_200_mb_takes_no_memory(running: RunningHub, bodies: str) -> None:
    digest, piece = hashlib.sha256(), bytes(range(256)) * 4096

    def pieces() -> Iterator[bytes]:
        for _ in range(200):
            digest.update(piece)
            yield piece

    made, headers = connection(bodies)
    with memory(running.process.pid) as seen:
        made.request("POST", "/", body=pieces(), headers={**headers, "Content-Length": str(200 * MIB)})
        assert made.getresponse().read().decode() == digest.hexdigest()
    print(f"hub: {seen[0] / MIB:.0f} MiB before, at most {seen[1] / MIB:.0f} MiB")
    assert seen[1] - seen[0] < GROWTH


def test_a_visitor_waits_and_then_sees_the_app(running: RunningHub, browser: Any) -> None:
    api = running.api()
    name = f"{api.whoami()['name']}/waits"
    files = {
        "README.md": README,
        "Dockerfile": DOCKERFILE,
        "app.py": BODIES.replace("bytes(1024", "b'x' * (1024"),
    }
    address = space(running, "waits", "docker", files)
    api.pause_space(name)
    page = browser.new_page()
    page.goto(f"{address}/3")
    assert "Your space is in error" in page.inner_text("body")
    api.restart_space(name)
    page.goto(f"{address}/3")
    page.get_by_text("xxx", exact=True).wait_for(timeout=60_000)
    page.close()


def test_a_private_space_opens_by_the_link_of_the_hub(running: RunningHub, browser: Any, bodies: str) -> None:
    api = running.api()
    name = f"{api.whoami()['name']}/bodies"
    api.update_repo_settings(name, private=True, repo_type="space")
    page = browser.new_context().new_page()
    assert page.goto(f"{bodies}/0").status == 404
    page.goto(f"{running.endpoint}/login")
    page.locator("input[name=token]").fill(running.token)
    page.locator("form button, form input[type=submit]").first.click()
    page.goto(f"{running.endpoint}/spaces/{name}/app")
    assert page.url.startswith(bodies)
    assert page.goto(f"{bodies}/0").status == 200
    api.update_repo_settings(name, private=False, repo_type="space")
    page.close()


@pytest.mark.heavy
def test_streamlit_reacts_to_a_click(running: RunningHub, browser: Any) -> None:
    root = EXAMPLES / "er-predictor" / "streamlit-sdk"
    files = {path.name: path.read_text("utf-8") for path in root.iterdir() if path.is_file()}
    address = space(running, "er", "streamlit", files, 600)
    page = browser.new_page()
    sockets: list[str] = []
    page.on("websocket", lambda made: sockets.append(made.url))
    page.goto(address)
    page.get_by_role("button", name="Start a flu wave").click(timeout=120_000)
    page.get_by_text("Scenario: a wave of flu").wait_for(timeout=60_000)
    page.get_by_role("button", name="End the flu wave").wait_for(timeout=60_000)
    assert sockets and all(url.startswith(address.replace("http", "ws", 1)) for url in sockets)
    page.close()


@pytest.mark.heavy
def test_gradio_answers_piece_by_piece(running: RunningHub, browser: Any) -> None:
    readme = "---\ntitle: Greeting\nsdk: gradio\nsdk_version: 5.49.1\napp_file: app.py\n---\n"
    address = space(running, "greeting", "gradio", {"README.md": readme, "app.py": GRADIO}, 600)
    page = browser.new_page()
    kinds: list[str] = []
    page.on("response", lambda answer: kinds.append(answer.headers.get("content-type", "")))
    page.goto(address)
    page.get_by_label("Name").fill("unstick", timeout=120_000)
    page.get_by_role("button", name="Submit").click()
    page.wait_for_function(
        "[...document.querySelectorAll('textarea')].some(box => box.value === 'Hello unstick')",
        timeout=60_000,
    )
    assert any(kind.startswith("text/event-stream") for kind in kinds)
    page.close()
