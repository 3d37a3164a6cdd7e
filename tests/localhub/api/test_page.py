"""Pages: what a visitor may see, escaped, with a cookie that only reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from localhub.serving import Served, served, until


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hub")) as running:
        running.space("open", stage="RUNNING", current_hardware="cpu-basic", sha="a" * 40)
        running.space(
            "hidden", visibility="private", stage="BUILD_ERROR", message="<script>alert(1)</script>'\""
        )
        running.space("half", visibility="protected")
        yield running


@contextmanager
def signed_in(hub: Served, token: str) -> Iterator[httpx2.Client]:
    """A browser that gave a token."""
    with httpx2.Client(base_url=hub.endpoint, trust_env=False, follow_redirects=False) as client:
        answer = client.post("/login", data={"token": token})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "httponly" in answer.headers["set-cookie"].lower()
        assert "samesite=strict" in answer.headers["set-cookie"].lower()
        assert token not in answer.headers["set-cookie"]
        yield client


def test_nobody_sees_public_spaces_only(hub: Served) -> None:
    page = hub.get("/")
    assert page.status_code == 200 and "alice/open" in page.text
    assert "alice/hidden" not in page.text and "alice/half" not in page.text
    assert hub.get("/spaces/alice/open").status_code == 200
    for path in ("/spaces/alice/hidden", "/spaces/alice/half", "/spaces/alice/none"):
        missing = hub.get(path)
        assert missing.status_code == 404 and "can't find the page" in missing.text
    for what in ("live", "app"):
        hidden, none = (hub.get(f"/spaces/alice/{name}/{what}") for name in ("hidden", "none"))
        assert (hidden.status_code, hidden.text) == (none.status_code, none.text)


def test_the_owner_sees_theirs_and_another_user_does_not(hub: Served) -> None:
    with signed_in(hub, hub.token) as alice, signed_in(hub, hub.other) as bob:
        assert "alice/hidden" in alice.get("/").text and "alice/hidden" not in bob.get("/").text
        assert alice.get("/spaces/alice/hidden").status_code == 200
        assert bob.get("/spaces/alice/hidden").status_code == 404
        link = alice.get("/spaces/alice/hidden/app")
        assert link.status_code == 303 and "alice-hidden.hf.localhost" in link.headers["location"]
        assert "__sign=" in link.headers["location"]
        assert "id='build'" in alice.get("/spaces/alice/open").text
        assert "id='build'" not in bob.get("/spaces/alice/open").text
        assert alice.get("/logout").status_code == 303
        assert alice.get("/spaces/alice/hidden").status_code == 404


def test_a_permit_is_for_those_who_may_see_the_space(hub: Served) -> None:
    path = "/api/spaces/alice/hidden/jwt"
    assert hub.get(path, hub.reader).json()["token"]
    assert (hub.get(path).status_code, hub.get(path, hub.other).status_code) == (401, 404)


def test_the_cookie_only_reads_pages(hub: Served) -> None:
    with signed_in(hub, hub.token) as alice:
        assert alice.post("/api/spaces/alice/open/restart").status_code == 401
        assert alice.get("/api/whoami-v2").status_code == 401
        assert alice.get("/api/spaces/alice/open/logs/run").status_code == 401


def test_a_forged_cookie_and_a_wrong_token_are_nobody(hub: Served) -> None:
    name = f"unstick-hub-{hub.hub.settings.port}"
    for value in ("x", "W10.x", "a" * 5000, "eyJ.."):
        assert "alice/hidden" not in hub.get("/", headers={"Cookie": f"{name}={value}"}).text
    wrong = hub.ask("POST", "/login", data={"token": "hf_wrong"})
    assert wrong.status_code == 401 and "set-cookie" not in wrong.headers
    assert hub.ask("POST", "/login", content=b"token=" + b"a" * 5000).status_code == 413
    assert hub.ask("POST", "/login", content=b"\xff" * 100 + b"&" * 90).status_code in (400, 401)


def test_what_others_wrote_is_escaped_and_scripts_come_from_files_only(hub: Served) -> None:
    page = hub.get("/spaces/alice/hidden", hub.token)
    assert "<script>alert" not in page.text and "&lt;script&gt;alert(1)" in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert hub.get("/pages/space.js").headers["content-type"].startswith("text/javascript")
    for name in ("html.py", "..%2fhub.py", "__init__.py"):
        assert hub.get(f"/pages/{name}").status_code in (404, 501)


def named(lines: Iterator[str], name: str) -> object:
    """The value of the next event of a name."""
    for line in lines:
        if line == f"event: {name}":
            return json.loads(next(lines).removeprefix("data: "))
    raise AssertionError(name)


def test_one_stream_brings_stage_and_logs(hub: Served) -> None:
    repo = hub.space("live", stage="BUILDING")
    hub.hub.logs.append(repo, "build", "old <b>")
    with hub.stream("/spaces/alice/live/live", hub.token) as lines:
        assert named(lines, "begin") == {}
        stage = named(lines, "stage")
        assert isinstance(stage, dict) and (stage["page"], stage["kind"]) == ("Building", "going")
        assert named(lines, "build") == ["old <b>\n"]
        hub.hub.logs.append(repo, "run", "new")
        assert named(lines, "run") == ["new\n"]
        hub.observe(repo, stage="RUNTIME_ERROR", message="Exit code: 1")
        stage = named(lines, "stage")
        assert isinstance(stage, dict) and (stage["kind"], stage["message"]) == ("failed", "Exit code: 1")
    assert until(lambda: hub.hub._listeners == [])


def test_strangers_get_the_stage_without_logs(hub: Served) -> None:
    repo = hub.space("seen", stage="RUNNING")
    hub.hub.logs.append(repo, "run", "not for strangers")
    with hub.stream("/spaces/alice/seen/live") as lines:
        named(lines, "stage")
        hub.hub.logs.append(repo, "run", "nor this")
        hub.observe(repo, stage="PAUSED")
        seen = []
        for line in lines:
            seen.append(line)
            if "PAUSED" in line:
                break
    assert not any("stranger" in line or "nor this" in line for line in seen)
