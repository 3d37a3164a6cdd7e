"""Addresses and bodies of any kind at the calls for files: never a fault of the hub, nothing written beside it."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localhub.serving import Served
from unstick.localhub.repository import Change
from unstick.localhub.store import repos

WORDS = st.sampled_from(
    ["main", "..", ".", "%2e%2e", "%2F", "%00", "%ff", "-x", "--upload-pack=id", "refs", "heads", ".git", "a", "HEAD",
     "", "%0a", "~", "^{tree}", ":(glob)*", "main:a", "@{0}", "%25", "a" * 300, "ü", "0" * 40, "*"]
)  # fmt: skip
TAILS = (st.lists(WORDS, max_size=3) | st.lists(WORDS, max_size=3).map(lambda words: ["main", *words])).map(
    "/".join
)
CALLS = st.sampled_from(
    ["GET tree", "GET commits", "GET refs", "GET auth-check", "GET lfs-files", "POST paths-info", "POST branch",
     "POST tag", "POST super-squash", "POST preupload", "POST commit", "POST lfs-files/batch", "DELETE branch",
     "DELETE tag", "PUT tree", "HEAD tree"]
)  # fmt: skip
KEYS = st.sampled_from(
    ["files", "path", "size", "sample", "tag", "message", "startingPoint", "deletions", "sha", "paths", "key", "value",
     "objects", "oid", "operation"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)
RELAXED = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module", autouse=True)
def demo(shared_hub: Served) -> None:
    repo = shared_hub.space("demo")
    with shared_hub.hub.reads.begin() as connection:
        found = repos.get(connection, repo)
    assert found is not None
    git = shared_hub.hub.repository(found.storage)
    git.commit("main", [Change("a", git.store(b"a")), Change("d/b", git.store(b"b"))], "m", author="alice")


def raw(hub: Served, method: str, target: str, body: bytes = b"", kind: str = "application/json") -> int:
    """One request exactly as it is written; gives the status."""
    where = urlsplit(hub.endpoint)
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {hub.token}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=30) as connection:
        connection.sendall(head.encode("utf-8") + body)
        with connection.makefile("rb") as answer:
            return int(answer.readline().split()[1])


def outside(hub: Served) -> set[Path]:
    """What stands beside the folders of the hub."""
    data = Path(hub.hub.settings.data)
    return {path for path in data.rglob("*") if "repositories" not in path.parts and path.suffix != ".db-wal"}


QUERIES = st.sampled_from(["", "?cursor=9", "?limit=-1", "?expand=1&recursive=1", "?create_pr=1"])
FILES = st.sampled_from(
    [
        "resolve",
        "raw",
        "blob",
        "info/refs",
        "git-upload-pack",
        "git-receive-pack",
        "objects",
        "info/lfs/objects/batch",
    ]
)


@given(CALLS, TAILS, QUERIES)
@RELAXED
def test_addresses_of_the_api(shared_hub: Served, call: str, tail: str, query: str) -> None:
    before = outside(shared_hub)
    method, _, name = call.partition(" ")
    target = f"/api/spaces/alice/demo/{name}/{quote(tail, safe='/%')}".rstrip("/") + query
    assert raw(shared_hub, method, target, b"{}") != 500
    assert outside(shared_hub) == before


@given(FILES, TAILS)
@RELAXED
def test_addresses_of_files(shared_hub: Served, call: str, tail: str) -> None:
    target = f"/spaces/alice/demo/{call}/{quote(tail, safe='/%')}"
    assert raw(shared_hub, "GET", target) != 500


@given(CALLS, JSON)
@RELAXED
def test_bodies(shared_hub: Served, call: str, body: Any) -> None:
    method, _, name = call.partition(" ")
    target = f"/api/spaces/alice/demo/{name}" + ("" if name.startswith("lfs-files") else "/main")
    data = json.dumps(body).encode()
    assert raw(shared_hub, method, target, data) != 500
    for name in ("batch", "verify"):
        assert raw(shared_hub, "POST", f"/spaces/alice/demo.git/info/lfs/objects/{name}", data) != 500
    assert os.listdir(shared_hub.hub.settings.folder("uploads")) == []


@given(st.lists(JSON, max_size=4), st.binary(max_size=50))
@RELAXED
def test_lines_of_a_commit(shared_hub: Served, rows: list[Any], rest: bytes) -> None:
    body = "".join(json.dumps(row) + "\n" for row in rows).encode() + rest
    status = raw(shared_hub, "POST", "/api/spaces/alice/demo/commit/main", body, "application/x-ndjson")
    assert status in (400, 404)


@pytest.mark.parametrize("length", ["-1", "99999999999999999999", "x", "1, 2"])
def test_lengths_that_lie(shared_hub: Served, length: str) -> None:
    where = urlsplit(shared_hub.endpoint)
    for path in ("/api/spaces/alice/demo/commit/main", "/spaces/alice/demo/git-receive-pack", "/api/lfs/x"):
        with socket.create_connection((where.hostname or "", where.port or 0), timeout=30) as connection:
            connection.sendall(
                f"POST {path} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {shared_hub.token}\r\n"
                f"Content-Length: {length}\r\n\r\n{{}}\n".encode()
            )
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as answer:
                assert b" 500 " not in answer.readline()
    assert os.listdir(shared_hub.hub.settings.folder("uploads")) == []
