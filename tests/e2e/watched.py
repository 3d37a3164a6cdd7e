"""What the end-to-end tests of `unstick watch` use: a simulated Hub, a receiver of alerts, a running watcher."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from conftest import COMMAND, ROOT

HUB = ROOT / "benchmarks" / "simulated_hub.py"


class SimulatedHub:
    """A simulated Hub in a process of its own."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def post(self, path: str, data: Any) -> dict[str, Any]:
        """Tell it something; gives its state."""
        request = urllib.request.Request(self.endpoint + path, json.dumps(data).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return dict(json.load(answer))

    def fault(self, *spaces: str, kind: str) -> float:
        """Switch a fault of Spaces on, or off with ''; gives the time of it."""
        at = time.time()
        self.post("/_sim/fault", [{"space": space, "fault": kind} for space in spaces])
        return at

    @property
    def state(self) -> dict[str, Any]:
        """Counts, faults, restarts, visits."""
        return self.post("/_sim/state", {})


@contextmanager
def simulated_hub(*options: str) -> Iterator[SimulatedHub]:
    """A simulated Hub with these options."""
    process = subprocess.Popen([sys.executable, str(HUB), *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield SimulatedHub(process.stdout.readline().strip())
    finally:
        process.kill()
        process.wait()


class Receiver:
    """Takes alerts as apprise's `json://` sends them. `slow` seconds pass before it answers; with `fails` it
    answers 500 and keeps nothing."""

    def __init__(self) -> None:
        self.got: list[tuple[float, str, str]] = []
        self.slow = 0.0
        self.fails = False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if not receiver.fails:
                    receiver.got.append((time.time(), body["title"], body["message"]))
                time.sleep(receiver.slow)
                self.send_response(500 if receiver.fails else 200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def titles(self) -> list[str]:
        """What came, in order."""
        return [title for _, title, _ in self.got]

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver of alerts."""
    made = Receiver()
    try:
        yield made
    finally:
        made.close()


class Watching:
    """A running `unstick watch`."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self.log = log

    @property
    def lines(self) -> list[str]:
        """What it printed."""
        return self.log.read_text().splitlines()

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """Ask it to end."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


def environment(hub: SimulatedHub, folder: Path, **more: str) -> dict[str, str]:
    """The environment of a watcher: nothing of the person's own."""
    return {
        "PATH": os.environ["PATH"], "HOME": str(folder), "HF_ENDPOINT": hub.endpoint, "HF_TOKEN": "hf_simulated",
        "PYTHONUTF8": "1", **more,
    }  # fmt: skip


@contextmanager
def watching(hub: SimulatedHub, folder: Path, *arguments: str, **more: str) -> Iterator[Watching]:
    """`unstick watch` with these arguments, until the block ends; it must not have printed a traceback."""
    log = folder / f"watch-{time.time_ns()}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [str(COMMAND), "watch", *arguments], stdout=out, stderr=subprocess.STDOUT, text=True,
            env=environment(hub, folder, **more), cwd=folder,
        )  # fmt: skip
        made = Watching(process, log)
        try:
            yield made
        finally:
            if process.poll() is None:
                made.end()
            assert "Traceback" not in log.read_text(), log.read_text()


def wait_for(true: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What a condition gives once it holds; fails after so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = true()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


def policy(folder: Path, text: str = "") -> str:
    """A policy file with short times."""
    path = folder / "policy.toml"
    path.write_text(f'[deadlines]\nsettle = "1s"\nown_history = 0\n{text}')
    return str(path)
