"""What the benchmarks of `unstick watch` share: the simulated Hub and the watcher as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
UNSTICK = Path(sys.executable).with_name("unstick")
TICKS = os.sysconf("SC_CLK_TCK")


class Hub:
    """A simulated Hub in another process."""

    def __init__(self, *options: str) -> None:
        script = str(ROOT / "benchmarks" / "simulated_hub.py")
        self.process = subprocess.Popen([sys.executable, script, *options], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.endpoint = self.process.stdout.readline().strip()

    def post(self, path: str, data: Any) -> dict[str, Any]:
        """Tell it something; gives its state."""
        request = urllib.request.Request(self.endpoint + path, json.dumps(data).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.load(answer))

    def counts(self) -> dict[str, int]:
        """How many requests it has had, by kind."""
        return dict(self.post("/_sim/state", {})["counts"])

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


class Watcher:
    """`unstick watch` on one core."""

    def __init__(self, hub: Hub, folder: Path, *arguments: str, core: int = 0, **more: str) -> None:
        self.log = folder / "watch.log"
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "HF_ENDPOINT": hub.endpoint,
            "HF_TOKEN": "hf_simulated", "PYTHONUTF8": "1", "PYTHONPATH": os.environ.get("PYTHONPATH", ""), **more,
        }  # fmt: skip
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [str(UNSTICK), "watch", *arguments, "--json"], stdout=out, stderr=subprocess.STDOUT, env=environment,
                preexec_fn=lambda: os.sched_setaffinity(0, {core}),
            )  # fmt: skip

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> tuple[float, float]:
        """Megabytes: the most it ever had, and now."""
        with open(f"/proc/{self.process.pid}/status") as file:
            lines = dict(line.split(":", 1) for line in file)
        return int(lines["VmHWM"].split()[0]) / 1024, int(lines["VmRSS"].split()[0]) / 1024

    def threads(self) -> int:
        """How many threads it has."""
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def events(self) -> list[dict[str, Any]]:
        """What it printed."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def wait_for(self, event: str, seconds: float = 60.0) -> None:
        """Wait until it printed an event of this kind."""
        until = time.monotonic() + seconds
        while not any(one["event"] == event for one in self.events()):
            if time.monotonic() > until or self.process.poll() is not None:
                raise SystemExit(f"no `{event}`: {self.log.read_text()[-2000:]}")
            time.sleep(0.1)

    def close(self) -> None:
        """End it, kindly."""
        self.process.terminate()
        self.process.wait(timeout=60)
