"""Starts one program confined, as whoever calls it, and prints what came of it: `python confined.py` with JSON
on standard input. A file of its own so that an ordinary user can run it with any Python; it imports nothing
but the standard library and unstick."""

from __future__ import annotations

import json
import sys
import time

from unstick.rehearse.process.running import ProcessRunning
from unstick.rehearse.process.spec import Mount, Spec
from unstick.rehearse.types import Limits


def main() -> None:
    """Start, wait, look, stop, print."""
    asked = json.load(sys.stdin)
    lines: list[str] = []
    spec = Spec(
        (asked["python"], "-u", "-c", asked["code"]),
        (("PATH", "/usr/bin:/bin"), ("PYTHONDONTWRITEBYTECODE", "1")),
        asked["cwd"],
        tuple(Mount(*mount) for mount in asked["mounts"]),
        Limits(**asked["limits"]),
        asked["port"],
        asked["uid"],
    )
    running = ProcessRunning(spec, lines.append, asked["writable"])
    try:
        if asked["say"]:
            print(json.dumps({"address": running.address, "pids": running.processes()}), flush=True)
        if asked["port"]:
            ready = running.first_accept(asked["seconds"])
            if ready is not None:
                lines.append(f"ready {ready}")
        end = time.monotonic() + asked["seconds"]
        seen = set()
        while (ended := running.wait(0.1)) is None and time.monotonic() < end:
            seen |= {(item.state, item.peer, item.peer_port) for item in running.sockets()}
            if any(line == "look" for line in lines):
                break
        seen |= {(item.state, item.peer, item.peer_port) for item in running.sockets()}
        written = [item.path for item in running.written()]
        peak = running.peak()
    finally:
        running.stop()
    result = {
        "lines": lines, "exit": ended and ended._asdict(), "notes": running.notes, "sockets": sorted(seen),
        "written": written, "peak": peak,
    }  # fmt: skip
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
