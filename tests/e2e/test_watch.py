"""`unstick watch` as a process, against a Hub that is simulated in another: what is told, when, how often."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import run_unstick
from e2e.postgres import PROGRAMS, postgres_server
from e2e.watched import (
    Receiver,
    SimulatedHub,
    environment,
    policy,
    receiver,
    simulated_hub,
    wait_for,
    watching,
)

QUICK = ("--spaces", "24", "--owners", "2", "--build", "0.5", "--start", "1", "--timeout", "4s")


@pytest.fixture
def hub() -> Iterator[SimulatedHub]:
    with simulated_hub(*QUICK) as made:
        yield made


@pytest.fixture
def told() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def test_a_stuck_space_is_told_once_within_a_poll_of_its_deadline_and_cleared_once(
    hub: SimulatedHub, told: Receiver, tmp_path: Path
) -> None:
    with watching(hub, tmp_path, "owner0/*", "--every", "1s", "--alert", told.url, "--policy", policy(tmp_path),
                  "--database", str(tmp_path / "h.db")) as watcher:  # fmt: skip
        wait_for(lambda: len(watcher.lines) > 0)
        time.sleep(1.5)
        begun = hub.fault("owner0/space-0", kind="stuck")
        wait_for(lambda: told.got)
        _, title, body = told.got[0]
        assert title == "owner0/space-0 is stuck"
        assert "startup_duration_timeout is 4 s" in body
        assert "/spaces/owner0/space-0" in body
        shown = next(line for line in watcher.lines if "ALERT" in line)
        assert shown
        hub.fault("owner0/space-0", kind="")
        wait_for(lambda: len(told.got) > 1)
        time.sleep(2)
    assert told.titles() == ["owner0/space-0 is stuck", "over: owner0/space-0 is stuck"]
    opened = sqlite3.connect(tmp_path / "h.db").execute("select opened_at from troubles").fetchall()
    assert [4.0 <= row[0] - begun <= 5.0 + 0.5 for row in opened] == [True]


def test_a_space_down_though_running_is_told(hub: SimulatedHub, told: Receiver, tmp_path: Path) -> None:
    with watching(hub, tmp_path, "owner0/*", "--every", "1s", "--alert", told.url, "--policy", policy(tmp_path),
                  "--probe", "all", "--database", str(tmp_path / "h.db")):  # fmt: skip
        wait_for(lambda: hub.state["visits"].get("owner0/space-0"))
        hub.fault("owner0/space-0", kind="down")
        wait_for(lambda: told.got)
        hub.fault("owner0/space-0", kind="")
        wait_for(lambda: len(told.got) > 1)
    assert told.titles() == ["owner0/space-0 is down", "over: owner0/space-0 is down"]
    assert "the platform answers 503 in its place" in told.got[0][2]


def test_spaces_with_a_sleep_time_are_not_visited(hub: SimulatedHub, tmp_path: Path) -> None:
    with watching(hub, tmp_path, "owner0/*", "--every", "1s", "--database", str(tmp_path / "h.db")):
        time.sleep(3)
    assert hub.state["visits"] == {}


def test_many_at_once_are_one_incident(hub: SimulatedHub, told: Receiver, tmp_path: Path) -> None:
    spaces = [f"owner0/space-{number}" for number in range(0, 20, 2)]
    with watching(hub, tmp_path, "owner0/*", "--every", "1s", "--alert", told.url, "--policy",
                  policy(tmp_path, "[incident]\nwithin = '2s'\n"), "--database", str(tmp_path / "h.db")):  # fmt: skip
        time.sleep(2)
        hub.fault(*spaces, kind="no-capacity")
        wait_for(lambda: told.got)
        time.sleep(3)
        assert told.titles() == ["many Spaces failed at once"]
        hub.fault(*spaces, kind="")
        wait_for(lambda: len(told.got) > 1)
        time.sleep(2)
    assert told.titles() == ["many Spaces failed at once", "over: many Spaces failed at once"]
    assert "10 of 12 Spaces" in told.got[0][2]


def test_an_unreachable_hub_makes_no_space_stuck(hub: SimulatedHub, told: Receiver, tmp_path: Path) -> None:
    with watching(hub, tmp_path, "owner0/*", "--every", "1s", "--alert", told.url, "--policy", policy(tmp_path),
                  "--database", str(tmp_path / "h.db")) as watcher:  # fmt: skip
        time.sleep(2)
        hub.post("/_sim/broken", {"status": 503})
        hub.fault("owner0/space-0", kind="stuck")
        wait_for(lambda: any("not observed" in line for line in watcher.lines))
        time.sleep(5)
        assert told.got == []
        asked = [line for line in watcher.lines if "not observed" in line]
        assert len(asked) <= 3, "it backs off"


@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs(str(PROGRAMS / "initdb")))]
)
def test_kill_9_loses_no_change_and_repeats_nothing(
    kind: str, hub: SimulatedHub, told: Receiver, tmp_path: Path
) -> None:
    if kind == "sqlite":
        _killed(str(tmp_path / "h.db"), hub, told, tmp_path)
        return
    with postgres_server() as server:
        _killed(server.url, hub, told, tmp_path)


ACT = "[[act]]\nrung = 'restart'\nafter = '0s'\nevery = '1h'\n"


def _killed(database: str, hub: SimulatedHub, told: Receiver, folder: Path) -> None:
    """Killed at awkward moments: just after a failure, while an alert is sent, after a restart was asked for."""
    options = (
        "owner0/*",
        "--every",
        "1s",
        "--alert",
        told.url,
        "--policy",
        policy(folder, ACT),
        "--database",
        database,
    )
    told.slow = 2.0
    with watching(hub, folder, *options) as watcher:
        wait_for(lambda: any("watching" in line for line in watcher.lines))
        time.sleep(1.5)
        hub.fault("owner0/space-0", kind="crash")
        wait_for(lambda: told.got)
        watcher.kill()
    told.slow = 0.0
    for pause in (0.7, 1.6):
        with watching(hub, folder, *options) as watcher:
            wait_for(lambda watcher=watcher: any("watching" in line for line in watcher.lines))
            time.sleep(pause)
            watcher.kill()
    with watching(hub, folder, *options):
        hub.fault("owner0/space-0", kind="")
        wait_for(lambda: any(title.startswith("over:") for title in told.titles()))
    titles = told.titles()
    assert titles.count("owner0/space-0 failed") == 1
    assert titles.count("over: owner0/space-0 failed") == 1
    assert titles.count("unstick watch was started again") == 1, "it says that the first may not have arrived"
    assert len(titles) == 3
    assert len(hub.state["restarts"]["owner0/space-0"]) == 1
    shown = run_unstick("history", "owner0/space-0", "--database", database, "--json").json()
    assert [stay["stage"] for stay in shown["stays"]][:2] == ["RUNNING", "RUNTIME_ERROR"]
    assert shown["stays"][-1]["stage"] == "RUNNING"
    assert [action["rung"] for action in shown["actions"]] == ["restart"]


@pytest.mark.needs(str(PROGRAMS / "initdb"))
def test_a_restart_of_postgresql_loses_nothing(hub: SimulatedHub, told: Receiver, tmp_path: Path) -> None:
    with postgres_server() as server:
        with watching(hub, tmp_path, "owner0/*", "--every", "1s", "--alert", told.url, "--policy", policy(tmp_path),
                      "--database", server.url) as watcher:  # fmt: skip
            wait_for(lambda: any("watching" in line for line in watcher.lines))
            time.sleep(1.5)
            server.kill()
            hub.fault("owner0/space-0", kind="crash")
            wait_for(lambda: any("the database fails" in line for line in watcher.lines))
            server.start()
            wait_for(lambda: told.got)
            hub.fault("owner0/space-0", kind="")
            wait_for(lambda: len(told.got) > 1)
        assert told.titles() == ["owner0/space-0 failed", "over: owner0/space-0 failed"]


def test_an_alert_that_cannot_be_delivered_waits(hub: SimulatedHub, told: Receiver, tmp_path: Path) -> None:
    told.fails = True
    with watching(hub, tmp_path, "owner0/*", "--every", "1s", "--alert", told.url, "--policy", policy(tmp_path),
                  "--database", str(tmp_path / "h.db")) as watcher:  # fmt: skip
        time.sleep(1.5)
        hub.fault("owner0/space-0", kind="crash")
        wait_for(lambda: any("alert not delivered (pending)" in line for line in watcher.lines))
        told.fails = False
        wait_for(lambda: told.got)
    assert told.titles() == ["owner0/space-0 failed"]


def test_once_is_for_cron(hub: SimulatedHub, told: Receiver, tmp_path: Path) -> None:
    database = str(tmp_path / "h.db")
    options = ("watch", "owner0/*", "owner1/space-1", "--once", "--alert", told.url, "--database", database,
               "--policy", policy(tmp_path), "--exit-code")  # fmt: skip
    env = environment(hub, tmp_path)
    assert run_unstick(*options, env=env).code == 0
    hub.fault("owner1/space-1", kind="crash")
    failed = run_unstick(*options, env=env)
    assert failed.code == 1
    assert "owner1/space-1 failed" in failed.out
    assert run_unstick(*options, env=env).code == 1
    assert told.titles() == ["owner1/space-1 failed"]
    hub.fault("owner1/space-1", kind="")
    time.sleep(2)
    run_unstick(*options, env=env)
    time.sleep(1.2)
    assert run_unstick(*options, env=env).code == 0
    assert told.titles() == ["owner1/space-1 failed", "over: owner1/space-1 failed"]
    hub.post("/_sim/broken", {"status": 500})
    blind = run_unstick(*options, env=env)
    assert blind.code == 3
    assert "the Hub answers 500" in blind.err


def test_two_watchers_of_one_database_are_refused(hub: SimulatedHub, tmp_path: Path) -> None:
    database = str(tmp_path / "h.db")
    with watching(hub, tmp_path, "owner0/*", "--database", database) as watcher:
        wait_for(lambda: watcher.lines)
        second = run_unstick(
            "watch", "owner0/*", "--once", "--database", database, env=environment(hub, tmp_path)
        )
    assert second.code == 2
    assert "another `unstick watch`" in second.err


def test_it_serves_metrics_health_and_badges(hub: SimulatedHub, tmp_path: Path) -> None:
    import socket
    import urllib.error
    import urllib.request

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        at = f"127.0.0.1:{free.getsockname()[1]}"

    def get(path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://{at}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    hub.fault("owner0/space-0", kind="crash")
    with watching(hub, tmp_path, "owner0/*", "--every", "1s", "--listen", at,
                  "--database", str(tmp_path / "h.db")) as watcher:  # fmt: skip
        wait_for(lambda: any("ALERT" in line for line in watcher.lines))
        status, text = get("/metrics")
        assert status == 200
        assert 'unstick_watch_spaces{stage="RUNNING"} 11.0' in text
        assert 'unstick_watch_space_up{space="owner0/space-0"} 0.0' in text
        assert 'unstick_watch_troubles_open{kind="failed"} 1.0' in text
        status, text = get("/healthz")
        assert (status, json.loads(text)["spaces"]) == (200, 12)
        status, text = get("/badge/owner0/space-0.svg")
        assert status == 200 and "runtime error" in text
        assert get("/badge/owner0/nobody.svg")[0] == 404


def test_no_secret_is_kept_or_told(hub: SimulatedHub, told: Receiver, tmp_path: Path) -> None:
    """The Hub's error message quotes a token; so does a password in the address of the database."""
    secret = "hf_" + "AbCdEfGh1234567890abcdefghIJKLMN"[:34]
    hub.post("/_sim/fault", [{"space": "owner0/space-0", "fault": f"says {secret}"}])
    database = tmp_path / "h.db"
    with watching(hub, tmp_path, "owner0/*", "--every", "1s", "--alert", told.url, "--json",
                  "--database", str(database), HF_TOKEN=secret) as watcher:  # fmt: skip
        wait_for(lambda: told.got)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("h.db*"))
    for text in (kept.decode("latin-1"), "\n".join(watcher.lines), json.dumps(told.got)):
        assert "says" in text
        assert secret not in text
        assert secret[8:] not in text
