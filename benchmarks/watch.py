"""What `unstick watch` costs: Spaces simulated by another process that enforces the platform's rate limit.

`python benchmarks/watch.py [--minutes N] [--spaces 1000 ...]`. One poll a minute in real time, the watcher on one core,
the Hub on another. Each minute one Space in a hundred fails or recovers, so that there is something to write,
diagnose and tell. Two rows for each number of Spaces: URLs asked as the policy is without a word (only Spaces
that never sleep: three in ten here), and all of them. Ends with 1 when 1,000 Spaces take more than 300 MB, more
than a core, a request that was refused, or rounds that are late.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from watching import Hub, Watcher

LIMIT_MB = 300.0
CHURN = 0.01


class Row(NamedTuple):
    """What was measured of one setting."""

    spaces: int
    probe: str
    cpu: float
    most: float
    now: float
    threads: int
    requests: float
    refused: int
    visits: float
    rounds: float


def measure(spaces: int, probe: str, minutes: float, database: str) -> Row:
    """Watch for so many minutes, the first one not counted."""
    chance = random.Random(spaces)
    owners = max(1, spaces // 250)
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub("--spaces", str(spaces), "--owners", str(owners))
        names = [f"owner{number % owners}/space-{number}" for number in range(spaces)]
        targets = [f"owner{number}/*" for number in range(owners)]
        watcher = Watcher(
            hub, Path(folder), *targets, "--probe", probe, "--every", "1m",
            "--database", database or f"{folder}/h.db",
        )  # fmt: skip
        try:
            watcher.wait_for("begun")
            time.sleep(60)
            begun, cpu, before = time.monotonic(), watcher.cpu(), hub.counts()
            failing: set[str] = set()
            while time.monotonic() - begun < minutes * 60:
                changed = chance.sample(names, max(1, int(spaces * CHURN)))
                hub.post(
                    "/_sim/fault",
                    [{"space": one, "fault": "" if one in failing else "crash"} for one in changed],
                )
                failing ^= set(changed)
                time.sleep(60)
            took, after = time.monotonic() - begun, hub.counts()
            most, now = watcher.memory()
            per_minute = 60 / took

            def rate(name: str) -> float:
                return (after.get(name, 0) - before.get(name, 0)) * per_minute

            pages = sum(-(-(spaces // owners) // 100) for _ in range(owners))
            return Row(
                spaces, probe, (watcher.cpu() - cpu) / took, most, now, watcher.threads(), rate("requests"),
                after.get("refused", 0), rate("visits"), rate("lists") / pages,
            )  # fmt: skip
        finally:
            watcher.close()
            hub.close()


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--minutes", type=float, default=3.0, help="measured, after one that is not (default 3)"
    )
    parser.add_argument("--spaces", type=int, nargs="+", default=[1000, 3000, 10000])
    parser.add_argument("--probe", nargs="+", default=["never-sleeping", "all"])
    parser.add_argument("--database", default="", help="instead of a file of SQLite; only with one row")
    args = parser.parse_args()
    print(
        "Spaces  URLs asked      of one core  most MB  MB now  threads  requests/min  refused  URLs/min  rounds/min"
    )
    kept = True
    for spaces in args.spaces:
        for probe in args.probe:
            row = measure(spaces, probe, args.minutes, args.database)
            print(
                f"{row.spaces:6}  {row.probe:14}  {row.cpu:11.1%}  {row.most:7.0f}  {row.now:6.0f}  {row.threads:7}  "
                f"{row.requests:12.1f}  {row.refused:7}  {row.visits:8.0f}  {row.rounds:10.2f}",
                flush=True,
            )
            if spaces <= 1000:
                kept &= row.most < LIMIT_MB and row.cpu < 1 and not row.refused and row.rounds > 0.9
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
