"""200 kills of a local Hub, its workers, builders, apps (containers) and database at random instants.

`python benchmarks/hub_crash.py [--kills 200] [--seed 1] [--database sqlite|postgresql]
[--backend process|docker]`. Docker needs its stand-ins (.ci/engine). Says each kill, and at the end what they
hit; ends with an error at the first thing that was lost or left.
"""

import argparse
import collections
import contextlib
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from e2e.crashes import Crashes, crash_database
from e2e.hubs import hub
from e2e.postgres import create_database, postgres_server


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--backend", choices=("process", "docker"), default="process")
    args = parser.parse_args()
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        options, crash = {"backend": args.backend}, None
        if args.database == "postgresql":
            server = stack.enter_context(postgres_server())
            options["database"] = create_database(server.url, "crashes")

            def crash():
                crash_database(server)

        running = stack.enter_context(
            hub(start_timeout="15s", build_timeout="40s", queue_timeout="40s", **options)
        )
        crashes = Crashes(running, args.seed, crash, docker=args.backend == "docker")
        for _ in range(args.kills):
            done = crashes.round()
            crashes.check()
            print(
                f"{done.number + 1:4} {done.deed:8} {done.victim} killed after {done.after:.2f} s", flush=True
            )
    hit = collections.Counter(row.victim for row in crashes.rounds)
    commits = sum(map(len, crashes.commits.values()))
    print(
        f"{args.kills} kills, {crashes.hit} of something that lived "
        f"({', '.join(f'{name} {count}' for name, count in sorted(hit.items()))}) in "
        f"{time.monotonic() - began:.0f} s: {len(crashes.commits)} Spaces and {commits} acknowledged commits, "
        "none lost; every Space came to rest; no process, container or folder left"
    )


if __name__ == "__main__":
    main()
