"""The event streams as bytes on the wire, and as the official client reads them."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi

from localhub.serving import Served, served, until
from unstick.localhub import sse
from unstick.localhub.metrics import Sample
from unstick.localhub.store import schema


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hub")) as running:
        yield running


def listeners(hub: Served, repo: int, kind: str = "run") -> int:
    return len(hub.hub.logs._listeners.get((repo, kind), ()))


def data(lines: Iterator[str], count: int) -> list[Any]:
    """The values of the next so many events."""
    found: list[Any] = []
    for line in lines:
        if line.startswith("data: {"):
            found.append(json.loads(line[6:]))
        if len(found) == count:
            break
    return found


def test_each_event_of_a_log_is_one_line_that_the_client_takes(hub: Served) -> None:
    repo = hub.space("wire")
    hub.hub.logs.append(repo, "build", "a \u2028 \x85 \x0c ü\r", at=1_767_225_600.0)
    with hub.stream("/api/spaces/alice/wire/logs/build", hub.token) as lines:
        assert next(lines) == (
            'data: {"data":"a \\u2028 \\u0085 \\f \\u00fc\\r\\n","timestamp":"2026-01-01T00:00:00.000Z"}'
        )
        assert next(lines) == ""


def test_head_has_no_body_and_ends(hub: Served) -> None:
    repo = hub.space("head")
    answer = hub.ask("HEAD", "/api/spaces/alice/head/logs/run", hub.token)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert listeners(hub, repo) == 0


def test_history_first_then_live_then_the_new_log_after_a_restart(hub: Served) -> None:
    repo = hub.space("live")
    for number in range(3):
        hub.hub.logs.append(repo, "run", f"old {number}")
    with hub.stream("/api/spaces/alice/live/logs/run", hub.token) as lines:
        assert [entry["data"] for entry in data(lines, 3)] == ["old 0\n", "old 1\n", "old 2\n"]
        hub.hub.logs.append(repo, "run", "live")
        assert data(lines, 1)[0]["data"] == "live\n"
        hub.hub.logs.clear(repo, "run")
        hub.hub.logs.append(repo, "run", "after the restart")
        assert data(lines, 1)[0]["data"] == "after the restart\n"
    assert until(lambda: listeners(hub, repo) == 0)


def test_the_tail(hub: Served) -> None:
    repo = hub.space("tail")
    for number in range(30):
        hub.hub.logs.append(repo, "run", str(number))
    with hub.stream("/api/spaces/alice/tail/logs/run?tail=2", hub.token) as lines:
        assert [entry["data"] for entry in data(lines, 2)] == ["28\n", "29\n"]
    with hub.stream("/api/spaces/alice/tail/logs/run?tail=0", hub.token) as lines:
        hub.hub.logs.append(repo, "run", "new")
        assert data(lines, 1)[0]["data"] == "new\n"
    assert hub.get("/api/spaces/alice/tail/logs/run?tail=x", hub.token).status_code == 400


def test_who_may_read(hub: Served) -> None:
    hub.space("mine")
    hub.space("hidden", visibility="private")
    for what in ("logs/run", "logs/build", "metrics"):
        assert hub.get(f"/api/spaces/alice/mine/{what}").status_code == 401
        assert hub.get(f"/api/spaces/alice/mine/{what}", hub.other).status_code == 403
    for what in ("logs/run", "metrics", "events"):
        hidden = hub.get(f"/api/spaces/alice/hidden/{what}", hub.other)
        assert (hidden.status_code, hidden.headers["x-error-code"]) == (404, "RepoNotFound")
    with hub.stream("/api/spaces/alice/hidden/logs/run", hub.reader):
        pass


def test_another_log_is_not_found(hub: Served) -> None:
    hub.space("kinds")
    for kind in ("container", "..%2f1-run", "RUN"):
        assert hub.get(f"/api/spaces/alice/kinds/logs/{kind}", hub.token).status_code in (404, 501)


def test_events_tell_each_change_of_the_runtime_without_a_token(hub: Served) -> None:
    repo = hub.space("staged", stage="BUILDING")
    with hub.stream("/api/spaces/alice/staged/events") as lines:
        assert data(lines, 1)[0]["stage"] == "BUILDING"
        hub.observe(repo, stage="APP_STARTING")
        assert data(lines, 1)[0]["stage"] == "APP_STARTING"
        hub.hub.changed(repo)
        hub.observe(repo, stage="RUNTIME_ERROR", message="Exit code: 1. Reason: x")
        assert data(lines, 1)[0]["errorMessage"] == "Exit code: 1. Reason: x"
    assert until(lambda: hub.hub._listeners == [])


def test_metrics_of_a_running_space(hub: Served) -> None:
    repo = hub.space("measured", stage="RUNNING", current_hardware="cpu-basic")
    hub.hub.metrics.put(repo, Sample(100.0, 5.0, 1000))
    hub.hub.metrics.put(repo, Sample(102.0, 6.0, 2000))
    with hub.stream("/api/spaces/alice/measured/metrics", hub.token) as lines:
        assert next(lines) == "event: metric"
        got = data(lines, 1)[0]
    assert got["cpu_usage_pct"] == 25.0
    assert got["memory_used_bytes"] == 2000
    assert got["memory_total_bytes"] == 16 * 1024**3


def test_keep_alive_is_an_empty_event_and_does_not_end_the_clients_wait(
    hub: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sse.KEEP_ALIVE > 5, "the client that does not follow goes after 5 s of silence"
    monkeypatch.setattr("unstick.localhub.api.streams.KEEP_ALIVE", 0.05)
    hub.space("silent")
    with hub.stream("/api/spaces/alice/silent/logs/run", hub.token) as lines:
        assert [next(lines) for _ in range(4)] == ["data:", "", "data:", ""]


@pytest.mark.parametrize("what", ["logs/run", "events", "metrics"])
def test_a_stream_ends_when_its_space_is_deleted(hub: Served, what: str) -> None:
    name = f"short-{what.replace('/', '-')}"
    repo = hub.space(name, stage="RUNNING")
    with hub.stream(f"/api/spaces/alice/{name}/{what}", hub.token) as lines:
        assert until(lambda: hub.hub._listeners)
        with hub.hub.engine.begin() as connection:
            connection.execute(schema.repos.delete().where(schema.repos.c.id == repo))
        hub.hub.changed(repo)
        for _ in lines:
            pass
    assert until(lambda: hub.hub._listeners == [])


def test_a_hundred_streams_need_no_thread_each_and_are_dropped_when_their_readers_go(hub: Served) -> None:
    repo = hub.space("many")
    hub.hub.logs.append(repo, "run", "one")
    request = (
        f"GET /api/spaces/alice/many/logs/run HTTP/1.1\r\nHost: {hub.endpoint.removeprefix('http://')}\r\n"
        f"Authorization: Bearer {hub.token}\r\n\r\n"
    ).encode()
    readers = [socket.create_connection(("127.0.0.1", hub.hub.settings.port)) for _ in range(100)]
    for reader in readers:
        reader.sendall(request)
    assert until(lambda: listeners(hub, repo) == 100)
    time.sleep(0.2)
    assert threading.active_count() < 100
    for reader in readers:
        reader.close()
    assert until(lambda: listeners(hub, repo) == 0)


def test_a_reader_that_does_not_read_costs_only_what_the_socket_holds(hub: Served) -> None:
    repo = hub.space("slow")
    line = "x" * 1000
    for _ in range(7000):
        hub.hub.logs.append(repo, "run", line)
    read = hub.hub.logs.read
    pieces: list[int] = []
    hub.hub.logs.read = lambda *given: pieces.append(1) or read(*given)  # type: ignore[method-assign,func-returns-value]
    try:
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            reader.connect(("127.0.0.1", hub.hub.settings.port))
            reader.sendall(
                f"GET /api/spaces/alice/slow/logs/run HTTP/1.1\r\nHost: 127.0.0.1:{hub.hub.settings.port}\r\n"
                f"Authorization: Bearer {hub.token}\r\n\r\n".encode()
            )
            time.sleep(0.6)
            held = len(pieces)
        assert 0 < held < 90, f"{held} pieces of 64 KiB were read for one that reads nothing"
    finally:
        del hub.hub.logs.read
    assert until(lambda: listeners(hub, repo) == 0)


def test_the_client_reads_a_log_and_returns(hub: Served, tmp_path: Path) -> None:
    repo = hub.space("client")
    for number in range(3):
        hub.hub.logs.append(repo, "run", f"line {number}")
    api = HfApi(endpoint=hub.endpoint, token=hub.token)
    busy = threading.Event()

    def log_on() -> None:
        while not busy.wait(0.05):
            hub.hub.logs.append(repo, "run", "busy")

    thread = threading.Thread(target=log_on)
    thread.start()
    try:
        got = [re.sub(r"\n$", "", str(line)) for line in api.fetch_space_logs("alice/client")]
    finally:
        busy.set()
        thread.join()
    assert got[:3] == ["line 0", "line 1", "line 2"]
    assert len(got) < 80, "an app that goes on logging must not hold the client"


def test_the_client_follows(hub: Served) -> None:
    repo = hub.space("followed")
    hub.hub.logs.append(repo, "build", "first")
    api = HfApi(endpoint=hub.endpoint, token=hub.token)
    follow = iter(api.fetch_space_logs("alice/followed", build=True, follow=True))
    assert str(next(follow)).strip() == "first"
    hub.hub.logs.append(repo, "build", "second")
    assert str(next(follow)).strip() == "second"
