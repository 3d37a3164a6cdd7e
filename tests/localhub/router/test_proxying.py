"""What passes through the router, both ways."""

from __future__ import annotations

import re

import pytest

from localhub.router.world import World


def test_a_request_reaches_the_app_and_its_answer_the_visitor(hub: World) -> None:
    app = hub.running("plain")
    answer = hub.visit("alice-plain", "/a/b?c=d", "POST", content=b"body", headers={"X-Real-IP": "1.2.3.4"})
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["method"], shown["target"], shown["body"]) == ("POST", "/a/b?c=d", "body")
    assert app.asked[0].get("host") == [f"alice-plain.hf.localhost:{hub.port}"]
    assert app.asked[0].get("x-real-ip") == ["1.2.3.4"]


@pytest.mark.parametrize("before", [(), ("10.0.0.1",), ("10.0.0.1, 10.0.0.2",), ("10.0.0.1", "10.0.0.2")])
def test_exactly_one_address_is_appended(hub: World, before: tuple[str, ...]) -> None:
    app = hub.running(f"forwarded-{abs(hash(before))}")
    host = f"alice-forwarded-{abs(hash(before))}.hf.localhost"
    head = "".join(f"X-Forwarded-For: {value}\r\n" for value in before)
    hub.raw(
        f"GET / HTTP/1.1\r\nHost: {host}\r\n{head}X-Forwarded-Proto: https\r\nConnection: close\r\n\r\n".encode()
    )
    assert app.asked[0].get("x-forwarded-for") == [", ".join([*before, "127.0.0.1"])]
    assert app.asked[0].get("x-forwarded-proto") == ["http"]
    assert app.asked[0].get("x-forwarded-host") == [host]


def test_answers_of_the_app_carry_the_headers_of_the_edge(hub: World) -> None:
    app = hub.running("edge")
    answer = hub.visit("alice-edge", "/path?query")
    assert answer.headers["x-proxied-host"] == f"http://127.0.0.1:{app.address[1]}"
    assert answer.headers["x-proxied-path"] == "/path"
    assert answer.headers["x-proxied-replica"]
    assert answer.headers["link"] == f'<{hub.endpoint}/spaces/alice/edge>;rel="canonical"'
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", answer.headers["x-request-id"])
    assert app.asked[0].get("x-request-id") == [answer.headers["x-request-id"]]
    assert answer.headers["access-control-expose-headers"] == "*"
