"""Faults of the API act before every call but those that switch them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from localhub.serving import Served, served
from unstick.localhub.fronts import faults


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hub"), faults=True) as running:
        yield running


def test_every_second_call_fails_until_it_is_cleared(hub: Served) -> None:
    hub.hub.faults.set("api-failing")
    answers = [hub.get("/api/whoami-v2", hub.token) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [500, 200, 503, 200, 500, 200]
    assert all("fault" not in f"{answer.headers}{answer.text}".lower() for answer in answers)
    hub.hub.faults.clear("api-failing")
    assert {hub.get("/api/whoami-v2", hub.token).status_code for _ in range(4)} == {200}


def test_slow_is_slow(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults.DELAY == 5
    monkeypatch.setattr(faults, "DELAY", 0.4)
    hub.hub.faults.set("api-slow")
    start = time.monotonic()
    assert hub.get("/api/whoami-v2", hub.token).status_code == 200
    assert time.monotonic() - start >= 0.4


def test_a_fault_ends_by_itself(hub: Served) -> None:
    hub.hub.faults.set("api-failing", seconds=0.5)
    assert hub.get("/api/whoami-v2", hub.token).status_code == 500
    time.sleep(0.8)
    assert [hub.get("/api/whoami-v2", hub.token).status_code for _ in range(4)] == [200] * 4
