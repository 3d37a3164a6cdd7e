"""Private Spaces: who sees them, and what their apps never see."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from localhub.router.world import World
from unstick.localhub.router.signing import Signer, signer
from unstick.localhub.store import repos

NAME = "alice-secret"


@pytest.fixture(scope="module")
def private(hub: World) -> World:
    """A hub with a private, a protected and a public Space that run."""
    for name, visibility in (("secret", "private"), ("shown", "protected"), ("open", "public")):
        hub.running(name)
        route = hub.hub.routes.find(f"alice-{name}")
        assert route is not None
        with hub.hub.engine.begin() as connection:
            repos.update(connection, route.repo, visibility=visibility)
        hub.hub.changed(route.repo)
    return hub


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_nobody_else_sees_it(private: World) -> None:
    unknown = private.visit("alice-unknown")
    for headers in (
        {},
        bearer(private.other),
        bearer("hf_unknown"),
        bearer("other"),
        {"Cookie": "spaces-jwt=x.y"},
    ):
        answer = private.visit(NAME, headers=headers)
        assert (answer.status_code, answer.text) == (404, unknown.text)
        assert set(answer.headers) == set(unknown.headers)
    assert not private.apps["secret"].asked


def test_a_visit_of_somebody_else_is_none(private: World) -> None:
    private.space("asleep", visibility="private", stage="SLEEPING")
    assert private.visit("alice-asleep").status_code == 404
    assert "Preparing Space" in private.visit("alice-asleep", token=private.reader).text


@pytest.mark.parametrize("header", ["Authorization", "X-HF-Authorization"])
def test_a_token_opens_it_and_stays_here(private: World, header: str) -> None:
    answer = private.visit(NAME, headers={header: f"Bearer {private.reader}", "X-Mine": "1"})
    assert answer.status_code == 200
    assert "hf_" not in answer.text and "X-Mine".lower() in answer.text.lower()


def test_an_app_keeps_its_own_authorization(private: World) -> None:
    for value in ("Bearer mine", "Basic bWU6aGZfeA==", "Bearer hf_of_another_hub"):
        answer = private.visit("alice-open", headers={"Authorization": value})
        assert ["authorization", value] in answer.json()["headers"]
    assert "authorization" not in private.visit("alice-open", token=private.other).text.lower()


def test_a_protected_space_shows_its_app(private: World) -> None:
    assert private.visit("alice-shown").status_code == 200


def test_a_signed_link_opens_it_and_gives_a_cookie(private: World) -> None:
    token = signer(private.hub).sign(NAME, "alice")
    answer = private.visit(NAME, f"/a?b=c&__sign={token}&__theme=dark")
    assert answer.json()["target"] == "/a?b=c&__theme=dark"
    cookies = answer.headers.get_list("set-cookie")
    assert [re.split("[=;]", cookie)[0] for cookie in cookies] == ["spaces-jwt", "spaces-jwt-framed"]
    assert all("HttpOnly" in cookie for cookie in cookies)
    for cookie in cookies:
        pair = cookie.split(";")[0]
        again = private.visit(NAME, headers={"Cookie": f"theirs=1; {pair}; also=2"})
        assert again.status_code == 200
        assert ["cookie", "theirs=1; also=2"] in again.json()["headers"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 200),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, 404),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, 404),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ({"Origin": "http://alice-open.hf.localhost:{port}"}, 404),
        ({"Origin": "http://alice-secret.hf.localhost:{port}"}, 200),
        ({"Origin": "null"}, 404),
    ],
)
def test_a_cookie_works_for_the_spaces_own_page(private: World, headers: dict[str, str], status: int) -> None:
    cookie = signer(private.hub).sign(NAME, "alice", "cookie")
    sent = {name: value.format(port=private.port) for name, value in headers.items()}
    assert private.visit(NAME, headers={"Cookie": f"spaces-jwt={cookie}", **sent}).status_code == status


def _tokens(private: World) -> dict[str, str]:
    ours = signer(private.hub)
    good = ours.sign(NAME, "alice")
    return {
        "of another Space": ours.sign("alice-open", "alice"),
        "of another account": ours.sign(NAME, "bob"),
        "of nobody": ours.sign(NAME, "ghost"),
        "a cookie": ours.sign(NAME, "alice", "cookie"),
        "of another key": Signer(b"x" * 32).sign(NAME, "alice"),
        "changed": good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1],
        "cut": good[:-10],
        "empty": "",
        "long": good + "A" * 2000,
        "no letters": "%ff.%00",
    }


@pytest.mark.parametrize("kind", [
    "of another Space", "of another account", "of nobody", "a cookie", "of another key", "changed", "cut", "empty",
    "long", "no letters",
])  # fmt: skip
def test_other_links_open_nothing(private: World, kind: str) -> None:
    assert private.visit(NAME, f"/?__sign={_tokens(private)[kind]}").status_code == 404


def test_a_link_is_for_some_minutes(private: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = signer(private.hub).sign(NAME, "alice")
    assert signer(private.hub).account(token, NAME, "link") == "alice"
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert signer(private.hub).account(token, NAME, "link") is None


def test_making_it_private_works_at_once(private: World) -> None:
    private.running("turns")
    route = private.hub.routes.find("alice-turns")
    assert route is not None
    assert private.visit("alice-turns").status_code == 200
    with private.hub.engine.begin() as connection:
        repos.update(connection, route.repo, visibility="private")
    private.hub.changed(route.repo)
    assert private.visit("alice-turns").status_code == 404


def test_the_cause_of_an_error_is_for_those_who_may_read(private: World) -> None:
    values: dict[str, Any] = {"stage": "RUNTIME_ERROR", "message": "Exit code: 3. Reason: secret"}
    private.space("protected-error", visibility="protected", **values)
    html = {"Accept": "text/html"}
    assert "secret" not in private.visit("alice-protected-error", headers=html).text
    assert (
        "Exit code: 3"
        in private.visit("alice-protected-error", headers={**html, **bearer(private.reader)}).text
    )
