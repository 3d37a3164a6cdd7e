"""The status page as an observer of the platform's reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from localhub.serving import Served, served
from unstick.observe.live.statuspage import parse


def page(hub: Served) -> Any:
    return hub.get("/index.json").json()


def test_green_red_and_over(tmp_path: Path) -> None:
    with served(tmp_path, faults=True) as hub:
        assert page(hub)["data"]["attributes"]["aggregate_state"] == "operational"
        assert not parse(page(hub)).trouble
        hub.hub.faults.set("incident")
        status = parse(page(hub))
        assert (status.state, status.red) == ("degraded", (("Spaces", "degraded"),))
        assert len(status.reports) == 1
        assert "fault" not in hub.get("/index.json").text
        hub.hub.faults.clear("incident")
        status = parse(page(hub))
        assert not status.trouble and status.reports == ()
        old = [row for row in page(hub)["included"] if row["type"] == "status_report"]
        assert [row["attributes"]["aggregate_state"] for row in old] == ["resolved"]
        assert old[0]["attributes"]["ends_at"] is not None


def test_it_answers_while_the_api_fails(tmp_path: Path) -> None:
    with served(tmp_path, faults=True) as hub:
        hub.hub.faults.set("api-failing")
        assert [hub.get("/index.json").status_code for _ in range(4)] == [200] * 4
