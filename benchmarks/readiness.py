"""How long after listen() an app is declared ready: unstick's wait beside health checks of 1 s and 50 ms.

    .venv/bin/python benchmarks/readiness.py [--starts 200] [--at-once 4] [--json]

Each start is a process of its own that listens after a random time (0.2 to 1.2 s, seed printed) and says
`time.monotonic()` of the moment just after listen(). Three threads wait for the same start: `first_accept`
as both backends use it, and two loops that try a connection each second and each 50 ms, which is less than a
health check by HTTP has to do. Their first tries are spread evenly over their period. Milliseconds.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from unstick.rehearse.readiness import first_accept

LIMIT = 20.0
"""The most that the median of `first_accept` may be, in milliseconds."""

SERVER = """
import socket, sys, time
made = socket.socket()
made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
time.sleep(float(sys.argv[2]))
made.bind(("127.0.0.1", int(sys.argv[1])))
made.listen()
print(time.monotonic(), flush=True)
while True:
    made.accept()[0].close()
"""
CHECKS = {"health check each 1 s": 1.0, "health check each 50 ms": 0.05}
OURS = "unstick first_accept"
MOST = 30.0


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        port: int = made.getsockname()[1]
        return port


def polled(port: int, period: float, first: float) -> float | None:
    """When a check each `period` seconds, the first one after `first`, finds the port open."""
    moment = time.monotonic() + first
    end = moment + MOST
    while moment < end:
        time.sleep(max(0.0, moment - time.monotonic()))
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return time.monotonic()
        except OSError:
            moment += period
    return None


def start(delay: float, offset: float) -> dict[str, float]:
    """One start: seconds from listen() to each declaration."""
    port = free_port()
    found: dict[str, float | None] = {}

    def ours() -> None:
        def dial() -> socket.socket:
            return socket.create_connection(("127.0.0.1", port), timeout=1)

        found[OURS] = first_accept(dial, time.monotonic() + MOST, lambda: server.poll() is None)

    def check(name: str, period: float) -> None:
        found[name] = polled(port, period, offset * period)

    command = [sys.executable, "-I", "-S", "-c", SERVER, str(port), str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        threads = [threading.Thread(target=ours)]
        threads += [threading.Thread(target=check, args=item) for item in CHECKS.items()]
        for thread in threads:
            thread.start()
        assert server.stdout is not None
        listened = float(server.stdout.readline())
        for thread in threads:
            thread.join()
        server.kill()
    return {name: moment - listened for name, moment in found.items() if moment is not None}


def main() -> int:
    """Measure, print, and end with 1 when the limit is not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--starts", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    chance = random.Random(args.seed)
    delays = [chance.uniform(0.2, 1.2) for _ in range(args.starts)]
    offsets = [chance.random() for _ in range(args.starts)]
    with ThreadPoolExecutor(args.at_once) as pool:
        rounds = list(pool.map(start, delays, offsets))
    rows = {}
    for name in (OURS, *reversed(CHECKS)):
        times = sorted(1000 * item[name] for item in rounds if name in item)
        rows[name] = {
            "starts": len(times),
            "median": statistics.median(times),
            "p95": times[int(0.95 * (len(times) - 1))],
            "max": times[-1],
        }
    if args.json:
        print(json.dumps(rows, indent=1))
    else:
        print(f"milliseconds from listen() to ready, {args.starts} starts, seed {args.seed}")
        print(f"{'':26}{'median':>10}{'p95':>10}{'max':>10}")
        for name, row in rows.items():
            print(f"{name:26}{row['median']:10.1f}{row['p95']:10.1f}{row['max']:10.1f}")
    kept = rows[OURS]["starts"] == args.starts and rows[OURS]["median"] <= LIMIT
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
