"""Hostile callers of the local hub: git, links, tokens, other people's Spaces, Host headers (see hub_guarded)."""

from __future__ import annotations

import base64
import gzip
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from e2e.hub_client import INDEX, Where, client, commit, environment
from e2e.hub_guarded import CANARY, TELLING, Guarded, head

pytest_plugins = ["e2e.hub_guarded_fixtures"]
pytestmark = pytest.mark.usefixtures("nothing_outside")
Git = Callable[..., str]


@pytest.fixture
def git(guarded: Guarded, repo: str, tmp_path: Path) -> Git:
    """Runs git in a clone of the Space; `fails=True` when it has to."""
    where = guarded.where
    address = where.endpoint.replace("://", f"://user:{where.token}@") + f"/spaces/{repo}"
    env = environment(where, tmp_path, GIT_TERMINAL_PROMPT="0", GIT_CONFIG_GLOBAL="/dev/null")

    def run(*words: str, fails: bool = False, given: bytes = b"") -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=g", "-c", "user.email=g@h", *words], cwd=tmp_path / "clone", env=env,
            input=given, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stderr
        return done.stdout.decode().strip()

    (tmp_path / "clone").mkdir()
    run("clone", "-q", address, ".")
    return run


def settled(guarded: Guarded, repo: str) -> dict[str, Any]:
    """The runtime once the newest commit has been dealt with."""
    wanted = head(guarded, repo)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        runtime: dict[str, Any] = guarded.ask("GET", f"/api/spaces/{repo}/runtime").json()
        if runtime["stage"] in ("CONFIG_ERROR", "NO_APP_FILE", "BUILD_ERROR", "RUNTIME_ERROR"):
            return runtime
        if runtime["stage"] == "RUNNING" and runtime.get("sha") == wanted:
            return runtime
        time.sleep(0.2)
    raise AssertionError(runtime)


def test_links_that_are_pushed(guarded: Guarded, repo: str, git: Git, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    links = {
        "passwd": "/etc/passwd",
        "up": "../../../canary",
        "far": f"{guarded.around}/canary",
        "dir": "/etc",
    }
    for name, target in links.items():
        (clone / name).symlink_to(target)
    (clone / "index.html").unlink()
    (clone / "index.html").symlink_to(guarded.around / "canary")
    git("add", "-A")
    git("commit", "-qm", "Links")
    git("push", "-q", "origin", "main")
    for name in links:
        answer = guarded.ask("GET", f"/spaces/{repo}/resolve/main/{name}")
        assert answer.status != 200 or answer.body == links[name].encode()
    assert guarded.ask("GET", f"/spaces/{repo}/resolve/main/dir/passwd").status == 404
    guarded.ask("GET", f"/api/spaces/{repo}/tree/main?recursive=true&expand=true")
    settled(guarded, repo)
    host = urlsplit(guarded.ask("GET", f"/api/spaces/{repo}").json()["host"]).netloc
    for path in (
        "/",
        "/index.html",
        "/passwd",
        "/up",
        "/far",
        "/dir/passwd",
        "/..%2f..%2fcanary",
        "/../canary",
    ):
        answer = guarded.ask("GET", path, host=host, token="-")
        assert answer.status != 200 or CANARY.encode() not in answer.body
    # A file below what is a link in the branch replaces the link; nothing is written where it leads.
    commit(client(guarded.where), repo, {"dir/new.txt": b"new"})
    assert not Path("/etc/new.txt").exists()


def test_trees_that_git_refuses(guarded: Guarded, repo: str, git: Git) -> None:
    before = head(guarded, repo)
    blob = git("hash-object", "-w", "--stdin", given=b"x")
    for name in (".git", "..", ".GIT", "a/b"):
        raw = b"100644 " + name.encode() + b"\0" + bytes.fromhex(blob)
        tree = git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=raw)
        made = git("commit-tree", tree, "-p", before, "-m", "x")
        git("push", "-q", "origin", f"{made}:refs/heads/main", fails=True)
    assert head(guarded, repo) == before


def test_submodules_name_no_addresses(guarded: Guarded, repo: str, git: Git, tmp_path: Path) -> None:
    modules = '[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch /tmp/pwned\n'
    (tmp_path / "clone/.gitmodules").write_text(modules)
    git("add", ".gitmodules")
    git("update-index", "--add", "--cacheinfo", f"160000,{head(guarded, repo)},x")
    git("commit", "-qm", "x")
    git("push", "-q", "origin", "main", fails=True)


@pytest.mark.parametrize("ref", ["refs/hooks/post-receive", "refs/x/y"])
def test_refs_that_are_pushed(guarded: Guarded, repo: str, git: Git, ref: str) -> None:
    before = head(guarded, repo)
    git("push", "-q", "origin", f"HEAD:{ref}", fails=True)
    assert head(guarded, repo) == before


@pytest.mark.parametrize("branch", ["--upload-pack=x", "-x", "--help", "--output=x"])
def test_branches_named_like_options(guarded: Guarded, repo: str, git: Git, branch: str) -> None:
    git("commit", "-q", "--allow-empty", "-m", "x")
    try:
        git("push", "-q", "origin", f"HEAD:refs/heads/{branch}")
    except AssertionError:
        return
    name = quote(branch, safe="")
    assert branch in [
        one["name"] for one in guarded.ask("GET", f"/api/spaces/{repo}/refs").json()["branches"]
    ]
    base = f"/api/spaces/{repo}"
    for path in (f"{base}/revision/{name}", f"{base}/tree/{name}", f"{base}/commits/{name}"):
        assert guarded.ask("GET", path).status in (200, 404)
    assert guarded.ask("GET", f"/spaces/{repo}/resolve/{name}/README.md").status in (200, 404)
    assert guarded.ask("POST", f"{base}/super-squash/{name}", {"message": "x"}).status in (200, 400, 404)
    assert guarded.ask("DELETE", f"{base}/branch/{name}").status in (200, 400, 404)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("info/refs?service=git-upload-pack;touch%20x", None), ("info/refs?service=../../../bin/sh", None),
        ("info/refs?service=git-daemon", None), ("info/refs?service=--help", None), ("info/refs", None),
        ("git-upload-pack", b""), ("git-upload-pack", b"0000"), ("git-upload-pack", b"ffff"),
        ("git-upload-pack", b"zzzz"), ("git-upload-pack", b"0032want " + b"1" * 40 + b"\n00000009done\n"),
        ("git-receive-pack", b""), ("git-receive-pack", b"ffff" + b"x" * 70_000),
        ("git-receive-pack", b"00a0" + b"0" * 40 + b" " + b"1" * 40 + b" refs/heads/../../x\0 report-status"),
        ("HEAD", None), ("config", None), ("objects/info/packs", None), ("../../../canary", None),
        ("hooks/post-receive", b"#!/bin/sh"),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_git_over_http(guarded: Guarded, repo: str, path: str, body: bytes | None) -> None:
    before = head(guarded, repo)
    service = path if path.startswith("git-") else "git-upload-pack"
    kind = {"Content-Type": f"application/x-{service}-request"}
    for start in (f"/spaces/{repo}", f"/spaces/{repo}.git"):
        answer = guarded.ask("GET" if body is None else "POST", f"{start}/{path}", body, headers=kind)
        assert answer.status < 500 or answer.status == 501, answer
        if body is not None:
            packed = gzip.compress(body)
            guarded.ask("POST", f"{start}/{path}", packed, headers={**kind, "Content-Encoding": "gzip"})
            guarded.ask("POST", f"{start}/{path}", b"no gzip", headers={**kind, "Content-Encoding": "gzip"})
    assert head(guarded, repo) == before


@pytest.mark.parametrize(
    "value",
    [
        "Bearer", "Bearer ", "Bearer hf_wrong", "Bearer hf_" + "x" * 20_000, "bearer \xff", "Basic", "Basic !!!",
        "Basic " + base64.b64encode(b"user").decode(), "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Digest x", "Bearer ' OR 1=1 --", "Bearer hf_wrong, Bearer hf_also",
    ],
)  # fmt: skip
def test_tokens_of_nonsense(guarded: Guarded, repo: str, value: str) -> None:
    for method, path in (("GET", "/api/whoami-v2"), ("POST", f"/api/spaces/{repo}/restart")):
        answer = guarded.ask(method, path, token="-", headers={"Authorization": value})
        assert answer.status in (400, 401), answer
    assert guarded.ask("GET", f"/spaces/{repo}/info/refs?service=git-receive-pack", token="-").status == 401


def test_another_persons_private_space_is_like_none(guarded: Guarded, repo: str) -> None:
    """Each call of the OpenAPI document: a stranger gets the same answer as for a Space that does not exist."""
    client(guarded.where).update_repo_settings(repo, private=True, repo_type="space")
    document = guarded.ask("GET", "/.well-known/openapi.json", most=1 << 24).json()
    tried = 0
    for template, methods in document["paths"].items():
        if "{owner}" not in template or not template.startswith(("/api/spaces/", "/spaces/")):
            continue
        for method in set(methods) & {"get", "post", "put", "delete", "head", "patch"}:
            answers = []
            for name in (repo, f"user/{'n' * len(repo.split('/')[1])}"):
                path = template.replace("{owner}/{name}", name)
                path = re.sub(r"\{[^}]*\}", "main", path)
                body = None if method in ("get", "head") else {}
                answer = guarded.ask(method.upper(), path, body, token=guarded.where.other)
                said = answer.body.replace(name.encode(), b"NAME").replace(
                    name.split("/")[1].encode(), b"NAME"
                )
                answers.append((answer.status, answer.headers.get("x-error-code"), said))
            assert answers[0] == answers[1], (method, template)
            assert answers[0][0] >= 300, (method, template)
            tried += 1
    assert tried > 30
    host = urlsplit(guarded.ask("GET", f"/api/spaces/{repo}").json()["host"]).netloc
    assert guarded.ask("GET", "/", host=host, token=guarded.where.other).status == 404
    assert guarded.ask("GET", "/", host=host, token="-").status == 404
    for token in (guarded.where.other, "-"):
        listed = guarded.ask("GET", "/api/spaces?limit=1000", token=token).json()
        assert repo not in [found["id"] for found in listed]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:80", "hf.localhost.evil.example", "localhost.evil.example", "127.0.0.1.evil.eu",
        "user-x.hf.localhost@evil.example", "..hf.localhost", ".hf.localhost", "a.b.hf.localhost", "[::1", "a" * 300,
        "localhost:port", "huggingface.co", "x_y.hf.localhost", "-.hf.localhost",
    ],
)  # fmt: skip
def test_host_headers(guarded: Guarded, host: str) -> None:
    for path in ("/api/whoami-v2", "/", "/api/spaces/hardware"):
        assert 400 <= guarded.ask("GET", path, host=host).status < 500


def raw(where: Where, data: bytes) -> bytes:
    """What the hub answers to bytes; nothing when it hangs up on them."""
    address = urlsplit(where.endpoint)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        found = b""
        with suppress(OSError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                found += piece
        return found


@pytest.mark.parametrize(
    "data",
    [
        b"GET /api/whoami-v2 HTTP/1.1\r\n\r\n",
        b"GET /api/whoami-v2 HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET http://evil.example/api/whoami-v2 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /../../canary HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET //etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"POST /api/repos/create HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/repos/create HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/repos/create HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /api/whoami-v2 HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
        b"\x00" * 1000,
    ],
    ids=lambda data: repr(data[:60]),
)
def test_bytes_that_are_no_request(guarded: Guarded, data: bytes) -> None:
    answer = raw(guarded.where, data)
    assert not any(word in answer for word in TELLING)
    assert not answer or answer.split(b" ", 2)[1][:1] == b"4", answer[:300]
    assert guarded.ask("GET", "/api/whoami-v2").status == 200


def test_the_space_still_is_what_it_was(guarded: Guarded, repo: str) -> None:
    assert guarded.ask("GET", f"/spaces/{repo}/resolve/main/index.html").body == INDEX
    assert sorted(os.listdir(guarded.around)) == ["canary", "data", "data.stderr", "home", "tmp"]
