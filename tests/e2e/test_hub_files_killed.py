"""A hub that is killed the moment it has acknowledged files: after its next start they are all there."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from e2e.hubs import RunningHub, hub

ROUNDS = 3
STATIC = b"---\ntitle: x\nsdk: static\n---\n"


def ask(running: RunningHub, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """One request, answered as fast as can be: what comes after the answer must not be needed."""
    where = urlsplit(running.endpoint)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    connection.request(method, path, body, {"Authorization": f"Bearer {running.token}"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def commit(running: RunningHub, name: str, data: bytes, line: dict[str, Any] | None = None) -> str:
    text = base64.b64encode(data).decode()
    rows = [
        {"key": "header", "value": {"summary": "s"}},
        line or {"key": "file", "value": {"path": name, "content": text, "encoding": "base64"}},
    ]
    body = "".join(json.dumps(row) + "\n" for row in rows).encode()
    status, answer = ask(running, "POST", "/api/spaces/user/kept/commit/main", body)
    assert status == 200, answer
    return str(json.loads(answer)["commitOid"])


def send_large(running: RunningHub, data: bytes) -> str:
    oid = hashlib.sha256(data).hexdigest()
    body = json.dumps({"operation": "upload", "objects": [{"oid": oid, "size": len(data)}]}).encode()
    _, answer = ask(running, "POST", "/spaces/user/kept.git/info/lfs/objects/batch", body)
    href = json.loads(answer)["objects"][0]["actions"]["upload"]["href"]
    assert ask(running, "PUT", urlsplit(href).path, data)[0] == 200
    return oid


def push(running: RunningHub, folder: Path) -> str:
    url = running.endpoint.replace("://", f"://user:{running.token}@") + "/spaces/user/kept"
    env = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    who = ("-c", "user.name=a", "-c", "user.email=a@x")
    for words in (
        ("clone", "-q", url, str(folder)), ("-C", str(folder), *who, "commit", "-q", "--allow-empty", "-m", "pushed"),
        ("-C", str(folder), "push", "-q", "origin", "HEAD:main"),
    ):  # fmt: skip
        subprocess.run(["git", *words], env=env, check=True, capture_output=True, timeout=60)
    done = subprocess.run(["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.mark.parametrize("way", ["commit", "large", "push"])
def test_what_was_acknowledged_is_there(way: str, tmp_path: Path) -> None:
    with hub() as running:
        body = json.dumps({"name": "kept", "type": "space", "sdk": "static"}).encode()
        assert ask(running, "POST", "/api/repos/create", body)[0] == 200
        for number in range(ROUNDS):
            data = os.urandom(2_000_000)
            if way == "commit":
                expected = commit(running, f"f{number}", data)
            elif way == "large":
                oid = send_large(running, data)
            else:
                expected = push(running, tmp_path / f"clone{number}")
            running.kill()
            for lock in (running.data / "repositories").rglob("*.lock"):
                pytest.fail(f"{lock} is left although all was acknowledged")
            running.start()
            if way == "large":
                line = {"key": "lfsFile", "value": {"path": f"f{number}", "algo": "sha256", "oid": oid}}
                expected = commit(running, "", b"", line)
            _, answer = ask(running, "GET", "/api/spaces/user/kept")
            assert json.loads(answer)["sha"] == expected
            if way != "push":
                assert ask(running, "GET", f"/spaces/user/kept/resolve/main/f{number}")[1] == data
        assert os.listdir(running.data / "uploads") == []
