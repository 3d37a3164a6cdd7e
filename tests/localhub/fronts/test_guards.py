"""Guards: calls that are not for this hub, or that no endpoint could handle."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localhub.serving import Served, served
from unstick.localhub.fronts.guards import name_of


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST:80", "[::1]:99", "127.8.9.1", "hf.localhost."]
)
def test_loopback_names_are_this_hub(hub: Served, host: str) -> None:
    assert hub.get("/api/whoami-v2", hub.token, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["example.com", "example.com:80", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "0.0.0.0",
     "localhost:evil", "[::1", "", "huggingface.co", "localhost@example.com", "[::1]x"],
)  # fmt: skip
def test_a_name_that_was_pointed_at_this_machine_is_not(hub: Served, host: str) -> None:
    answer = hub.get("/api/whoami-v2", hub.token, headers={"Host": host})
    assert answer.status_code in (400, 421)
    assert "alice" not in answer.text


def raw(hub: Served, request: bytes) -> bytes:
    """What a hub answers to bytes."""
    with socket.create_connection(("127.0.0.1", hub.hub.settings.port), 10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        out = b""
        while piece := connection.recv(65536):
            out += piece
    return out


def test_none_and_two_hosts_are_refused(hub: Served) -> None:
    assert raw(hub, b"GET /api/whoami-v2 HTTP/1.0\r\n\r\n").split()[1] == b"400"
    two = b"GET /api/whoami-v2 HTTP/1.1\r\nHost: localhost\r\nHost: example.com\r\nConnection: close\r\n\r\n"
    assert raw(hub, two).split()[1] == b"400"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/spaces/alice/a%00b", 400),
        ("/api/spaces/alice/a%0ab", 400),
        ("/api/spaces?search=%00", 400),
        ("/api/spaces?search=%ff", 400),
        ("/api/spaces/" + "a" * 9000, 414),
        ("/api/spaces?search=" + "a" * 17000, 414),
    ],
)
def test_addresses_that_nothing_could_be_made_of(hub: Served, path: str, status: int) -> None:
    assert hub.get(path).status_code == status


def test_long_headers(hub: Served) -> None:
    headers = {f"X-{number}": "a" * 4000 for number in range(17)}
    assert hub.get("/api/whoami-v2", headers=headers).status_code == 431


@given(st.text())
def test_a_host_header_is_read_or_is_nonsense(text: str) -> None:
    assert name_of(text) == "" or name_of(text) in text.lower()
