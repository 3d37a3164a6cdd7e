"""How long the log signatures take on a large log, beside ripgrep with the same patterns in the same run.

    .venv/bin/python benchmarks/signatures.py [--megabytes 500] [--json]

The log is synthetic: lines of a busy server with a time stamp and random numbers, every 1250th of them a
line of one of the signatures. unstick and `rg -i -c -f patterns` read it in turn, each as a process of
its own, from a warm disk cache. ripgrep is stopped after `--patience` times unstick's time. The call ends
with 1 when unstick takes more than twice ripgrep's time or more than 300 MB of memory. Without ripgrep
(`apt-get install ripgrep`) only unstick is measured, which is said.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "src/unstick/signs/signatures"
WORDS = (
    "request", "model", "layer", "token", "batch", "queue", "user", "session", "image", "page", "handler",
    "cache", "worker", "index", "shard", "time", "step", "value", "row", "event",
)  # fmt: skip
EVERY = 1250
SLOWEST = 2.0
MOST_MEMORY = 300.0
SCAN = """
import sys
from unstick.signs.logs import scan_file
reading = scan_file(sys.argv[1], "any")
print(len(reading.hits))
"""


class Ran(NamedTuple):
    """One process: its time, its peak memory, whether it was stopped, what it printed."""

    seconds: float
    megabytes: float
    stopped: bool
    output: str


def entries() -> list[dict[str, str]]:
    """Every signature as it stands in the TOML files."""
    files = sorted(FOLDER.glob("*.toml"))
    return [entry for path in files for entry in tomllib.loads(path.read_text("utf-8"))["signature"]]


def write_log(path: Path, megabytes: int) -> None:
    """A log of so many megabytes; the same each time."""
    chosen = random.Random(20260601)
    lines = [entry["match"] for entry in entries()]
    left = megabytes * 1_000_000
    with path.open("w", encoding="utf-8", newline="\n") as file:
        while left > 0:
            block = []
            for _ in range(2 * EVERY):
                day, second = chosen.randint(1, 28), chosen.randint(0, 59)
                numbers = f"{chosen.choice(WORDS)}={chosen.randint(1, 99999)} {chosen.choice(WORDS)}"
                block.append(f"2026-06-{day:02} 12:04:{second:02}.123 INFO {chosen.choice(WORDS)} {numbers}")
            for half in (0, EVERY):
                block[half + chosen.randrange(EVERY)] = chosen.choice(lines)
            text = "\n".join(block) + "\n"
            file.write(text)
            left -= len(text.encode())


def run(command: list[str], limit: float | None = None) -> Ran:
    """Run a command to its end, or until `limit` seconds have passed."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        stopped = False
        while True:
            done, _, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            if limit and not stopped and time.perf_counter() - start > limit:
                process.kill()
                stopped = True
            time.sleep(0.01)
        seconds = time.perf_counter() - start
        output.seek(0)
        return Ran(
            seconds, usage.ru_maxrss / 1024, stopped, output.read(4000).decode("utf-8", "replace").strip()
        )


def patterns_for_ripgrep() -> str:
    """The same patterns; ripgrep joins them into one, in which a group's name may occur only once."""
    return "".join(re.sub(r"\(\?P<\w+>", "(?:", entry["pattern"]) + "\n" for entry in entries())


def main() -> int:
    """Print both times; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(description="Log signatures on a large log, beside ripgrep.")
    parser.add_argument("--megabytes", type=int, default=500, help="size of the log (500)")
    parser.add_argument(
        "--patience", type=float, default=10, help="stop ripgrep after so many times unstick's time (10)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log, patterns = Path(folder, "large.log"), Path(folder, "patterns")
        write_log(log, options.megabytes)
        patterns.write_text(patterns_for_ripgrep(), "utf-8")
        ours = run([sys.executable, "-c", SCAN, str(log)])
        program = shutil.which("rg")
        command = [program or "rg", "--no-config", "-i", "-c", "-f", str(patterns), str(log)]
        theirs = run(command, options.patience * ours.seconds) if program else None
    result = {
        "megabytes": options.megabytes,
        "signatures": len(entries()),
        "signs_found": int(ours.output) if ours.output.isdigit() else ours.output,
        "unstick_seconds": round(ours.seconds, 2),
        "unstick_megabytes": round(ours.megabytes),
        "ripgrep_seconds": round(theirs.seconds, 2) if theirs else None,
        "ripgrep_stopped": theirs.stopped if theirs else None,
        "ripgrep_lines": theirs.output if theirs and not theirs.stopped else None,
    }
    report(result, options.json)
    slow = theirs is not None and ours.seconds > SLOWEST * theirs.seconds
    return 1 if slow or ours.megabytes > MOST_MEMORY or not ours.output.isdigit() else 0


def report(result: dict[str, object], as_json: bool) -> None:
    """Print the figures."""
    if as_json:
        print(json.dumps(result))
        return
    print(f"{result['signatures']} signatures, a log of {result['megabytes']} MB")
    print(
        f"  unstick  {result['unstick_seconds']:>8} s, peak memory {result['unstick_megabytes']} MB,", end=" "
    )
    print(f"{result['signs_found']} signs found")
    if result["ripgrep_seconds"] is None:
        print("  ripgrep  NOT MEASURED: it is not installed (apt-get install ripgrep)")
    elif result["ripgrep_stopped"]:
        print(f"  ripgrep  more than {result['ripgrep_seconds']} s: stopped")
    else:
        print(f"  ripgrep  {result['ripgrep_seconds']:>8} s, {result['ripgrep_lines']} lines match")


if __name__ == "__main__":
    raise SystemExit(main())
