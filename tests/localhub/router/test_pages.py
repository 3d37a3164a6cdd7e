"""What a visitor sees where no app answers, and what a visit does."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator

import pytest

from localhub.router.world import World, world
from localhub.serving import until
from unstick.localhub.router import pages
from unstick.localhub.store import spaces

ERRORS = ("NO_APP_FILE", "CONFIG_ERROR", "BUILD_ERROR", "RUNTIME_ERROR", "PAUSED", "DELETING")
WAITS = ("BUILDING", "APP_STARTING", "RUNNING_BUILDING", "RUNNING_APP_STARTING", "SLEEPING", "STOPPED")
HTML = {"Accept": "text/html,*/*;q=0.8"}


def test_the_sentence_is_the_platforms() -> None:
    digest = "d967395a643b7f7acfaebbc6f70620868ea62bf2ea3a23562a2ed4a52e48ff5d"
    assert hashlib.sha256(pages.IN_ERROR.encode()).hexdigest() == digest


@pytest.mark.parametrize("stage", ERRORS)
def test_a_space_in_error(hub: World, stage: str) -> None:
    name = "error-" + stage.lower().replace("_", "-")
    hub.space(name, stage=stage, message="Exit code: 1. Reason: <b>boom</b>")
    answer = hub.visit(f"alice-{name}")
    assert (answer.status_code, answer.text) == (503, pages.IN_ERROR)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "x-proxied-host" not in answer.headers
    assert answer.headers["link"].startswith(f"<{hub.endpoint}/spaces/alice/{name}>")
    page = hub.visit(f"alice-{name}", headers=HTML)
    assert page.status_code == 503
    assert pages.IN_ERROR in page.text
    assert "Exit code: 1. Reason: &lt;b&gt;boom&lt;/b&gt;" in page.text
    assert f"{hub.endpoint}/spaces/alice/{name}" in page.text


@pytest.mark.parametrize("stage", WAITS)
def test_a_space_that_will_be_there_soon(hub: World, stage: str) -> None:
    name = "soon-" + stage.lower().replace("_", "-")
    hub.space(name, stage=stage)
    answer = hub.visit(f"alice-{name}")
    assert answer.status_code == 503
    assert "Preparing Space" in answer.text
    assert 'http-equiv="refresh"' in answer.text
    assert int(answer.headers["retry-after"]) > 0


def test_a_host_without_a_space(hub: World) -> None:
    answer = hub.visit("alice-nothing-here")
    assert answer.status_code == 404
    assert "Sorry, we can't find the page you are looking for." in answer.text
    assert "link" not in answer.headers


def test_head_of_a_page_has_no_body(hub: World) -> None:
    hub.space("headless", stage="PAUSED")
    request = b"HEAD / HTTP/1.1\r\nHost: alice-headless.hf.localhost\r\nConnection: close\r\n\r\n"
    answer = hub.raw(request)
    assert b"content-length: 49" in answer and answer.endswith(b"\r\n\r\n")


def test_a_page_after_a_body_that_nobody_reads(hub: World) -> None:
    hub.space("paused", stage="PAUSED")
    host = b"Host: alice-paused.hf.localhost\r\n"
    request = b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 300000\r\n\r\n" + bytes(300_000)
    answer = hub.raw(request + b"GET / HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 503") == 2


def test_a_static_space_answers_under_both_names_of_the_hub(hub: World) -> None:
    from unstick.localhub.store import repos

    app = hub.running("static")
    route = hub.hub.routes.find("alice-static")
    assert route is not None
    with hub.hub.engine.begin() as connection:
        repos.update(connection, route.repo, sdk="static")
    hub.hub.changed(route.repo)
    hosts = ("alice-static.hf.localhost", "alice-static.static.hf.localhost", "alice-static.static.hf.space")
    for host in (*hosts, "alice-static.hf.space"):
        answer = hub.raw(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 200" if host in hosts else b"HTTP/1.1 404"), host
    assert len(app.asked) == 3


def test_a_visit_wakes_a_sleeping_space(hub: World) -> None:
    repo = hub.space("sleeper", stage="SLEEPING")
    told: list[int] = []
    stop = hub.hub.listen(told.append)
    hub.visit("alice-sleeper")

    def row() -> spaces.Row:
        with hub.hub.reads.begin() as connection:
            found = spaces.get(connection, repo)
        assert found is not None
        return found

    assert until(lambda: row().wake and repo in told)
    assert row().visited > time.time() - 60
    stop()


def test_other_visits_do_not_wake(hub: World) -> None:
    repo = hub.space("still", stage="PAUSED")
    hub.visit("alice-still")
    hub.ask("OPTIONS", "/", headers={**FLIGHT, "Host": "alice-still.hf.localhost"})
    with hub.hub.reads.begin() as connection:
        row = spaces.get(connection, repo)
    assert row is not None and not row.wake


@pytest.fixture(scope="module")
def restless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A hub whose Spaces sleep after 2 s."""
    with world(tmp_path_factory.mktemp("restless"), sleep_after=2.0) as made:
        yield made


def test_visits_are_noted_once_in_a_while(restless: World) -> None:
    restless.running("busy")
    route = restless.hub.routes.find("alice-busy")
    assert route is not None
    seen = set()
    end = time.monotonic() + 1.2
    while time.monotonic() < end:
        restless.visit("alice-busy")
        with restless.hub.reads.begin() as connection:
            row = spaces.get(connection, route.repo)
        assert row is not None
        seen.add(row.visited)
    assert 2 <= len(seen - {0.0}) <= 4


FLIGHT = {
    "Origin": "https://example.org", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-mine",
}  # fmt: skip


def test_the_edge_answers_preflights_itself(hub: World) -> None:
    app = hub.running("cors")
    answer = hub.visit("alice-cors", method="OPTIONS", headers=FLIGHT)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://example.org"
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "x-mine"
    assert "x-proxied-host" not in answer.headers
    assert not app.asked
    assert hub.visit("alice-cors", method="OPTIONS").headers["x-proxied-host"]


def test_the_edge_reflects_the_origin(hub: World) -> None:
    def allows(asked: object, connection: object) -> None:
        head = b"HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\ncontent-length: 0\r\n\r\n"
        connection.sendall(head)  # type: ignore[attr-defined]

    hub.running("reflects", allows)
    answer = hub.visit("alice-reflects", headers={"Origin": "https://example.org"})
    assert answer.headers["access-control-allow-origin"] == "https://example.org"
    assert "origin" in answer.headers["vary"].lower()


def test_an_app_that_allows_credentials_chooses_its_origins_itself(hub: World) -> None:
    def allows(asked: object, connection: object) -> None:
        allowed = (
            b"access-control-allow-origin: https://mine.example\r\naccess-control-allow-credentials: true\r\n"
        )
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + allowed + b"content-length: 0\r\n\r\n")  # type: ignore[attr-defined]

    hub.running("chooses", allows)
    answer = hub.visit("alice-chooses", headers={"Origin": "https://evil.example"})
    assert answer.headers["access-control-allow-origin"] == "https://mine.example"


@pytest.mark.parametrize(
    ("cookie", "kept"),
    [
        ("a=b; Path=/", True),
        ("a=b; Domain=alice-cookies.hf.localhost", True),
        ("a=b; Domain=hf.localhost", False),
        ("a=b; domain=.HF.localhost; Path=/", False),
        ("a=b; Domain=localhost", False),
        ("a=b; Domain=hf.space", False),
    ],
)
def test_no_cookie_is_for_all_spaces(hub: World, cookie: str, kept: bool) -> None:
    def sets(asked: object, connection: object) -> None:
        head = f"HTTP/1.1 200 OK\r\nset-cookie: {cookie}\r\ncontent-length: 0\r\n\r\n"
        connection.sendall(head.encode())  # type: ignore[attr-defined]

    if "cookies" in hub.apps:
        hub.apps["cookies"].handler = sets
    else:
        hub.running("cookies", sets)
    assert ("set-cookie" in hub.visit("alice-cookies").headers) == kept


def test_a_forgotten_route(hub: World) -> None:
    app = hub.running("forgotten")
    route = hub.hub.routes.find("alice-forgotten")
    assert route is not None
    assert hub.visit("alice-forgotten").status_code == 200
    hub.hub.faults.set("route-forgotten", route.repo)
    assert until(lambda: hub.visit("alice-forgotten").status_code == 404, 3)
    hub.hub.routes.put("alice-forgotten", route)
    assert hub.hub.routes.find("alice-forgotten") is None
    hub.hub.faults.clear("route-forgotten")
    hub.hub.routes.put("alice-forgotten", route)
    assert until(lambda: hub.visit("alice-forgotten").status_code == 200, 3)
    assert app.asked


def test_a_router_that_cannot_connect(hub: World) -> None:
    app = hub.running("unreached")
    route = hub.hub.routes.find("alice-unreached")
    assert route is not None
    hub.hub.faults.set("proxy-503", route.repo, 60)
    assert until(lambda: hub.visit("alice-unreached").status_code == 503, 3)
    assert hub.visit("alice-unreached").text == pages.IN_ERROR
    count = len(app.asked)
    hub.hub.faults.clear("proxy-503", route.repo)
    assert until(lambda: hub.visit("alice-unreached").status_code == 200, 3)
    assert len(app.asked) == count + 1
