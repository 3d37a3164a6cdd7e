"""A hub of our own for tests: the real command line in a process, with a data folder that goes away."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conftest import COMMAND

NAMES = {"HF_ENDPOINT": "endpoint", "HF_TOKEN": "token", "UNSTICK_HUB_ADMIN_TOKEN": "admin_token"}
SECONDS = 60
"""How long a hub may take to start or to end."""


class RunningHub:
    """One hub: its address, the tokens that it printed, its process and its data folder."""

    def __init__(self, data: Path, options: list[str], env: dict[str, str]) -> None:
        self.data = data
        self.endpoint = self.token = self.admin_token = ""
        self._command = [str(COMMAND), "hub", "--data", str(data), *options]
        self._environment = {**os.environ, "HF_HUB_DISABLE_TELEMETRY": "1", "PYTHONUTF8": "1", **env}
        self._faults = "--faults" in options
        self.process: subprocess.Popen[str]
        self.start()

    def start(self) -> None:
        """Start it (again, on the same data) and wait until it has printed what to export."""
        with open(self.errors, "a", encoding="utf-8") as errors:
            self.process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True,
                env=self._environment,
            )  # fmt: skip
        watchdog = threading.Timer(SECONDS, self.process.kill)
        watchdog.start()
        wanted = dict(NAMES) if self._faults else {n: a for n, a in NAMES.items() if a != "admin_token"}
        assert self.process.stdout is not None
        for line in self.process.stdout:
            name, _, value = line.strip().removeprefix("export ").partition("=")
            if name in wanted:
                setattr(self, wanted.pop(name), value)
            if not wanted:
                break
        watchdog.cancel()
        if wanted:
            self.stop()
            raise RuntimeError(f"the hub did not start: {self.said()}")

    @property
    def errors(self) -> Path:
        """The file with what the hub wrote to standard error."""
        return self.data.with_name(self.data.name + ".stderr")

    def said(self) -> str:
        """What the hub wrote to standard error so far."""
        return self.errors.read_text("utf-8", "replace")[-20_000:] if self.errors.exists() else ""

    def api(self, token: str | None = None) -> Any:
        """The official client, as the first user or with another token ('' : without one)."""
        from huggingface_hub import HfApi

        return HfApi(endpoint=self.endpoint, token=self.token if token is None else token or False)

    def environment(self) -> dict[str, str]:
        """The environment in which client programs (`hf`, `git`) find the hub, with a cache of their own."""
        return {
            **self._environment, "HF_ENDPOINT": self.endpoint, "HF_TOKEN": self.token,
            "HF_HOME": str(self.data.with_name(self.data.name + ".hf")),
        }  # fmt: skip

    def kill(self) -> None:
        """End it as a loss of power would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(SECONDS)
        self._close()

    def stop(self) -> int:
        """End it as `systemctl stop` or Ctrl-C would; gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait(SECONDS)
        self._close()
        return code

    def _close(self) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def hub(*, env: dict[str, str] | None = None, **options: Any) -> Iterator[RunningHub]:
    """A running hub. Keywords are options of the command: `faults=True`, `builds=1`, `start_timeout="20s"`,
    `data=…` to keep the folder. Without `backend` it is the process backend, without `port` a free one."""
    given = {"port": 0, "backend": "process", **options}
    kept = given.pop("data", None)
    folder = Path(tempfile.mkdtemp(prefix="unstick-hub-"))
    data = Path(kept) if kept else folder / "data"
    arguments = []
    for name, value in given.items():
        if value is True:
            arguments.append(f"--{name.replace('_', '-')}")
        elif value is not None and value is not False:
            arguments += [f"--{name.replace('_', '-')}", str(value)]
    try:
        running = RunningHub(data, arguments, env or {})
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
