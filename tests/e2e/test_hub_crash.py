"""kill -9 of the hub, a worker, an app and the database at random instants: nothing lost, nothing left.

The short form; `benchmarks/hub_crash.py --kills 200` is the long one. UNSTICK_CRASHES says how many.
"""

from __future__ import annotations

import os

import pytest

from e2e.crashes import Crashes, crash_database
from e2e.hubs import hub
from e2e.postgres import available, create_database, postgres_server

KILLS = int(os.environ.get("UNSTICK_CRASHES", "6"))
DEADLINES = {"start_timeout": "15s", "build_timeout": "40s", "queue_timeout": "40s"}


def test_with_sqlite_nothing_is_lost_and_nothing_is_left() -> None:
    with hub(**DEADLINES) as running:
        crashes = Crashes(running, seed=1)
        for _ in range(KILLS):
            crashes.round()
            crashes.check()


@pytest.mark.skipif(not available() and not os.environ.get("CI"), reason="PostgreSQL is not installed")
def test_with_postgresql_nothing_is_lost_and_nothing_is_left() -> None:
    with postgres_server() as server:
        url = create_database(server.url, "crashes")

        def crash() -> None:
            crash_database(server)

        with hub(database=url, **DEADLINES) as running:
            crashes = Crashes(running, seed=2, database=crash)
            for _ in range(KILLS):
                crashes.round()
                crashes.check()
