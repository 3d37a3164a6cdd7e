"""The admin API: refused without its token, absent without the switch, and it wakes who acts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localhub.serving import Served, served
from unstick.localhub.faults import KINDS


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hub"), faults=True) as running:
        running.space("app")
        running.space("two")
        yield running


@pytest.fixture(autouse=True)
def _clean(hub: Served) -> Iterator[None]:
    yield
    hub.hub.faults.clear()


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_refused_without_the_admin_token(hub: Served, method: str) -> None:
    body = {"json": {"kind": "incident"}} if method == "POST" else {}
    assert hub.ask(method, "/admin/faults", **body).status_code == 401
    assert hub.ask(method, "/admin/faults", hub.token, **body).status_code == 403
    assert hub.ask(method, "/admin/faults", hub.other, **body).status_code == 403
    assert hub.hub.faults.active() == ()


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_not_there_without_the_switch(tmp_path_factory: pytest.TempPathFactory, method: str) -> None:
    with served(tmp_path_factory.mktemp("plain")) as plain:
        body = {"json": {"kind": "incident"}} if method == "POST" else {}
        for token in (None, plain.token, plain.admin):
            assert plain.ask(method, "/admin/faults", token, **body).status_code == 404
        assert "/admin/faults" not in plain.get("/.well-known/openapi.json").text


@pytest.mark.parametrize("kind", [kind.id for kind in KINDS if not kind.whole])
def test_each_kind_for_one_space(hub: Served, kind: str) -> None:
    woken: list[int] = []
    stop = hub.hub.listen(woken.append)
    answer = hub.ask(
        "POST", "/admin/faults", hub.admin, json={"kind": kind, "space": "alice/app", "seconds": 60}
    )
    stop()
    assert answer.status_code == 200
    assert (answer.json()["kind"], answer.json()["space"]) == (kind, "alice/app")
    assert answer.json()["until"] is not None
    assert hub.hub.faults.on(kind, 1) and not hub.hub.faults.on(kind, 2)
    assert woken == [1]


def test_one_for_all_spaces_wakes_all_and_is_cleared_by_kind(hub: Served) -> None:
    woken: list[int] = []
    stop = hub.hub.listen(woken.append)
    assert hub.ask("POST", "/admin/faults", hub.admin, json={"kind": "no-capacity"}).json()["until"] is None
    hub.ask("POST", "/admin/faults", hub.admin, json={"kind": "evicted"})
    assert hub.hub.faults.on("no-capacity", 2)
    assert hub.ask("DELETE", "/admin/faults?kind=no-capacity", hub.admin).json() == {"cleared": 1}
    stop()
    assert not hub.hub.faults.on("no-capacity", 2) and hub.hub.faults.on("evicted", 1)
    assert woken == [1, 2] * 3
    listing = hub.get("/admin/faults", hub.admin).json()
    assert [fault["kind"] for fault in listing["active"]] == ["evicted"]
    assert len(listing["kinds"]) == len(KINDS)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "nothing"}, 400),
        ({"kind": "incident", "space": "alice/app"}, 400),
        ({"kind": "evicted", "space": "alice/none"}, 404),
        ({"kind": "evicted", "space": "../x"}, 400),
        ({"kind": "evicted", "seconds": 0}, 400),
        ({"kind": "evicted", "seconds": -1}, 400),
        ({"kind": "evicted", "seconds": 1e300}, 400),
        ({"kind": "evicted", "other": 1}, 400),
        ({}, 400),
        ([], 400),
    ],
)
def test_nonsense_is_refused(hub: Served, body: object, status: int) -> None:
    assert hub.ask("POST", "/admin/faults", hub.admin, json=body).status_code == status
    assert hub.hub.faults.active() == ()


def test_it_answers_while_the_api_fails(hub: Served) -> None:
    hub.ask("POST", "/admin/faults", hub.admin, json={"kind": "api-failing"})
    assert [hub.get("/admin/faults", hub.admin).status_code for _ in range(4)] == [200] * 4
