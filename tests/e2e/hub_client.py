"""What the suites of the official client share.

The suites use public names of huggingface_hub only and nothing of unstick's, so that any interpreter that has a
client and pytest can run them against a hub that is running already:

    HF_SUITE='{"endpoint": …, "token": …, "other": …, "reader": …}' PYTHONPATH=tests \\
      other/python -m pytest --noconftest -c /dev/null tests/e2e/test_hub_client_files.py

Then calls and arguments that its client lacks are skipped by name.
"""

from __future__ import annotations

import http.client
import inspect
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

for _name in ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_PROGRESS_BARS", "HF_HUB_DISABLE_UPDATE_CHECK"):
    os.environ.setdefault(_name, "1")

INDEX = b"<!doctype html><title>hello</title><h1>Hello from the Space</h1>\n"
SERVER = b"""
import http.server, os, sys

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = f"{os.environ.get('GREETING', 'none')} from {os.environ['SPACE_ID']}".encode()
        self.send_response(200)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, form, *values):
        pass

print("app is listening, secret has", len(os.environ.get("SECRET_WORD", "")), "letters", flush=True)
http.server.ThreadingHTTPServer(("0.0.0.0", 7860), Page).serve_forever()
"""
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
DOCKERFILE = f'FROM python:{PYTHON}-slim\nWORKDIR /app\nCOPY . .\nCMD ["python", "app.py"]\n'.encode()


def readme(sdk: str = "static", more: str = "") -> bytes:
    """A README whose block names an SDK."""
    return f"---\ntitle: A small Space\nemoji: 🐟\nsdk: {sdk}\n{more}---\n\nText.\n".encode()


SKELETON = {".gitattributes", "README.md"}
"""What the platform writes into a new Space."""
STATIC = {"README.md": readme(), "index.html": INDEX}
DOCKER = {"README.md": readme("docker"), "Dockerfile": DOCKERFILE, "app.py": SERVER}


class Where(NamedTuple):
    """A running hub: its address, the first user's token, a second user's, and one of the first that only reads."""

    endpoint: str
    token: str
    other: str
    reader: str


def with_accounts(running: Any) -> Where:
    """A hub of ours with a second user, an organisation, and the tokens of the suites."""
    from conftest import run_unstick

    data = ("--data", str(running.data))
    team = ("team", "--org", "--member", "user=write", "--member", "other=read")
    for account in (("other",), team):
        assert run_unstick("hub", "user", "add", *account, *data).code == 0
    other, reader = (
        run_unstick("hub", "token", "add", "--user", user, "--role", role, *data).out.strip()
        for user, role in (("other", "write"), ("user", "read"))
    )
    return Where(running.endpoint, running.token, other, reader)


def client(where: Where, token: str | bool | None = None) -> Any:
    """A client: of the first user, with another token, or (False) without one."""
    from huggingface_hub import HfApi

    return HfApi(endpoint=where.endpoint, token=where.token if token is None else token)


def commit(api: Any, repo: str, files: Mapping[str, bytes], message: str = "Files", **more: Any) -> str:
    """One commit with these files; gives its oid."""
    from huggingface_hub import CommitOperationAdd

    operations = [CommitOperationAdd(path, content) for path, content in files.items()]
    return str(api.create_commit(repo, operations, commit_message=message, repo_type="space", **more).oid)


def errors() -> Any:
    """The client's module of exceptions."""
    from huggingface_hub import errors as module

    return module


def files_of(api: Any, repo: str, **more: Any) -> dict[str, Any]:
    """The files of a Space by path."""
    items = api.list_repo_tree(repo, recursive=True, repo_type="space", **more)
    return {item.path: item for item in items if hasattr(item, "blob_id")}


def content(api: Any, repo: str, path: str, folder: Path, **more: Any) -> bytes:
    """A file's bytes, downloaded into an empty cache."""
    cache = folder / os.urandom(4).hex()
    return Path(api.hf_hub_download(repo, path, repo_type="space", cache_dir=cache, **more)).read_bytes()


def needs(call: str, *arguments: str) -> None:
    """Skip the test, by name, when this client has no such call or argument."""
    import huggingface_hub

    method = getattr(huggingface_hub.HfApi, call, None)
    version = huggingface_hub.__version__
    if method is None:
        pytest.skip(f"client {version} has no {call}")
    missing = set(arguments) - set(inspect.signature(method).parameters)
    if missing:
        pytest.skip(f"client {version}: {call} has no {', '.join(sorted(missing))}")


def environment(where: Where, home: Path, **more: str) -> dict[str, str]:
    """The environment in which programs of the client find the hub."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "PYTEST"))}
    return {
        **kept, "HF_ENDPOINT": where.endpoint, "HF_TOKEN": where.token, "HF_HOME": str(home), "NO_COLOR": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "PYTHONUTF8": "1", **more,
    }  # fmt: skip


def python(code: str, where: Where, home: Path, **more: str) -> str:
    """Run code in a process of its own whose client has the hub for its endpoint; gives what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(where, home, **more), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


class Answer(NamedTuple):
    """One answer over plain HTTP; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def ask(
    where: Where, method: str, path: str, body: Any = None, *, token: str = "", headers: Mapping[str, str] = {},
    host: str = "", most: int = 1 << 20, timeout: float = 30,
) -> Answer:  # fmt: skip
    """One request as it stands, nothing normalised. Of the body at most `most` bytes are read."""
    address = urlsplit(where.endpoint)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout)
    sent = {"Authorization": f"Bearer {token or where.token}"} if token != "-" else {}
    sent |= {"Host": host} if host else {}
    data = json.dumps(body).encode() if isinstance(body, dict | list) else body
    sent |= {"Content-Type": "application/json"} if isinstance(body, dict | list) else {}
    try:
        connection.request(method, path, data, {**sent, **headers})
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read(most))
    finally:
        connection.close()


def events(where: Where, path: str, wanted: int, timeout: float = 30) -> list[str]:
    """The first `wanted` data lines of an event stream, or those that came in `timeout` seconds."""
    until = time.monotonic() + timeout
    address = urlsplit(where.endpoint)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout)
    found: list[str] = []
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {where.token}"})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        while len(found) < wanted and time.monotonic() < until and (line := answer.readline()):
            if line.startswith(b"data: {"):
                found.append(line.decode().removeprefix("data: ").strip())
    finally:
        connection.close()
    return found


def wait(api: Any, repo: str, *, sha: str = "", stage: str = "RUNNING", seconds: float = 120) -> Any:
    """Wait until a Space is settled (and runs this commit); gives its runtime."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if hasattr(api, "wait_for_space"):
            runtime = api.wait_for_space(repo, timeout=seconds, poll_interval=0.2)
        else:
            runtime = api.get_space_runtime(repo)
        if runtime.stage == stage and sha in ("", runtime.raw.get("sha")):
            return runtime
        time.sleep(0.2)
    raise AssertionError(f"{repo} is {runtime.raw}")


def visit(where: Where, api: Any, repo: str, path: str = "/", token: str = "-") -> Any:
    """What the app of a Space answers through the router."""
    host = urlsplit(api.space_info(repo, token=where.token).host).netloc
    return ask(where, "GET", path, host=host, token=token)
