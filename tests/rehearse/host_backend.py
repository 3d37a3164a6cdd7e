"""A backend for tests: runs `python app.py` on this machine, without any confinement.

'Outside' is 127.0.0.2, which an app on 0.0.0.0 answers and one on 127.0.0.1 does not (Linux).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

from unstick.rehearse.backend import BuildFailed
from unstick.rehearse.types import Exit, Plan, Socket, Written

OUTSIDE = "127.0.0.2"


class HostBuilt:
    """A copy of the Space's files."""

    passed_over = ("no confinement in this test",)

    def __init__(self, folder: str) -> None:
        self.folder = folder


class HostRunning:
    """One started `python app.py`."""

    def __init__(self, folder: str, plan: Plan, log: Any) -> None:
        self.plan = plan
        self.folder = tempfile.mkdtemp(prefix="unstick-test-")
        shutil.copytree(folder, self.folder, dirs_exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-u", "app.py"],
            cwd=self.folder,
            env={**os.environ, **dict(plan.environment)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read, args=(log,), daemon=True)
        self.reader.start()

    def _read(self, log: Any) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            log(line.rstrip("\n"))

    def first_accept(self, seconds: float) -> float | None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.dial(self.plan.port).close()
                return time.monotonic()
            except OSError:
                time.sleep(0.005)
        return None

    def dial(self, port: int, address: str = "") -> socket.socket:
        return socket.create_connection((address or OUTSIDE, port), timeout=5)

    def sockets(self) -> tuple[Socket, ...]:
        found = []
        for address in ("0.0.0.0", "127.0.0.1"):
            try:
                self.dial(self.plan.port, OUTSIDE if address == "0.0.0.0" else address).close()
            except OSError:
                continue
            found.append(Socket("listen", address, self.plan.port))
            break
        return tuple(found)

    def wait(self, seconds: float) -> Exit | None:
        try:
            code = self.process.wait(seconds or 0.001)
        except subprocess.TimeoutExpired:
            return None
        self.reader.join(2)
        return Exit(-1, -code) if code < 0 else Exit(code)

    def processes(self) -> tuple[tuple[int, str], ...]:
        return ((self.process.pid, "python app.py"),)

    def peak(self) -> int:
        return 0

    def written(self) -> tuple[Written, ...]:
        return ()

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class HostBackend:
    """Builds by copying; a file `fails-to-build` in the Space makes that fail."""

    name = "host"

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="unstick-test-")
        self.starts = 0
        self.users: list[str] = []

    def build(self, plan: Plan, log: Any) -> HostBuilt:
        log("--> COPY . .")
        if "fails-to-build" in plan.files:
            raise BuildFailed("step 2 ended with exit code 1")
        for path in plan.files:
            target = os.path.join(self.folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(os.path.join(plan.root, path), target)
        return HostBuilt(self.folder)

    def start(self, built: HostBuilt, plan: Plan, log: Any) -> HostRunning:
        self.starts += 1
        self.users.append(plan.options.user)
        return HostRunning(built.folder, plan, log)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody has right now."""
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        return int(probe.getsockname()[1])
