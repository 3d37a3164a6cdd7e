"""A small Hub on loopback that answers what a test tells it to, in the shapes that the client sees."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

TOKEN = "hf_" + "a" * 34
README = "---\ntitle: T\nsdk: docker\napp_port: 7860\n---\n"
DOCKERFILE = 'FROM python:3.12\nRUN useradd -m -u 1000 user\nUSER user\nCOPY . .\nCMD ["python", "app.py"]\n'
APP = (
    "import http.server\nhttp.server.test(http.server.SimpleHTTPRequestHandler, port=7860, bind='0.0.0.0')\n"
)
SHA = "a" * 40
OLD = "b" * 40


def stamp(ago: float) -> str:
    """A moment so many seconds ago, as the Hub writes it."""
    return datetime.fromtimestamp(time.time() - ago, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def line(text: str, ago: float = 60.0) -> dict[str, str]:
    """One event of a log."""
    return {"data": text + "\n", "timestamp": stamp(ago)}


def banner(kind: str, ago: float) -> dict[str, str]:
    """The platform's own first line of a log."""
    what = "Application Startup" if kind == "run" else "Build Queued"
    at = datetime.fromtimestamp(time.time() - ago, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return line(f"===== {what} at {at} =====", ago)


class FakeHub:
    """What the Hub says. Tests change the fields; `asked` lists every path that was asked for, with its Host
    and whether a token came along."""

    def __init__(self) -> None:
        self.id = "owner/name"
        self.private = False
        self.stage = "RUNNING"
        self.runtime: dict[str, Any] = {
            "sha": SHA,
            "hardware": {"current": "cpu-basic", "requested": "cpu-basic"},
        }
        self.info: dict[str, Any] = {}
        self.head = SHA
        self.files = {"README.md": README, "Dockerfile": DOCKERFILE, "app.py": APP}
        self.logs: dict[str, list[dict[str, str]]] = {
            "build": [banner("build", 4000), line("--> DONE 1.0s", 3900)],
            "run": [banner("run", 3800), line("Serving HTTP on 0.0.0.0 port 7860 (http://0.0.0.0:7860/) ...", 3790)],
        }  # fmt: skip
        self.live: list[dict[str, str]] = []
        self.commits = [{"id": SHA, "title": "Change", "date": stamp(5000)}]
        self.secrets: dict[str, Any] = {}
        self.variables: dict[str, Any] = {}
        self.user: dict[str, Any] | None = {"name": "owner", "orgs": [], "isPro": False, "auth": {}}
        self.status: Any = {"data": {"attributes": {"aggregate_state": "operational"}}, "included": []}
        self.app: Callable[[Request], Response] = lambda request: app_page("<title>App</title>")
        self.override: dict[str, Callable[[Request], Response]] = {}
        self.asked: list[tuple[str, str, bool]] = []
        self.endpoint = ""

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    def answer(self, request: Request) -> Response:
        """One answer."""
        path, host = request.url.path, request.headers.get("host", "")
        self.asked.append((path, host, "authorization" in request.headers))
        if ".hf.localhost" in host:
            return self.app(request)
        for known, given in self.override.items():
            if path.startswith(known):
                return given(request)
        if path == "/index.json":
            return JSONResponse(self.status)
        if path == "/api/whoami-v2":
            return (
                JSONResponse(self.user)
                if self.user
                else refused(401, "Invalid credentials in Authorization header")
            )
        return self._space(path, request)

    def _space(self, path: str, request: Request) -> Response:
        space = f"/api/spaces/{self.id}"
        if self.private and "authorization" not in request.headers:
            return refused(401, "Invalid username or password.")
        if path == space or path == "/api/spaces/by-subdomain/owner-name":
            return JSONResponse(self.described())
        if path == f"{space}/runtime":
            return JSONResponse({"stage": self.stage, **self.runtime})
        if path.startswith(f"{space}/tree/"):
            return JSONResponse(
                [{"type": "file", "path": p, "size": len(t), "oid": "x"} for p, t in self.files.items()]
            )
        if path.startswith(f"{space}/commits/"):
            return JSONResponse(self.commits)
        if path.startswith(f"{space}/logs/"):
            return self.stream(path.rpartition("/")[2])
        if path in (f"{space}/secrets", f"{space}/variables"):
            if "authorization" not in request.headers:
                return refused(401, "Invalid username or password.")
            return JSONResponse(getattr(self, path.rpartition("/")[2]))
        prefix = f"/spaces/{self.id}/resolve/{self.head}/"
        if path.startswith(prefix) and path.removeprefix(prefix) in self.files:
            return PlainTextResponse(self.files[path.removeprefix(prefix)])
        return refused(404, "Repository not found", "RepoNotFound")

    def described(self) -> dict[str, Any]:
        """The Space object."""
        return {
            "id": self.id, "sha": self.head, "private": self.private, "sdk": "docker", "lastModified": stamp(5000),
            "host": f"http://owner-name.hf.localhost:{self.port}", "subdomain": "owner-name",
            "runtime": {"stage": self.stage, **self.runtime}, **self.info,
        }  # fmt: skip

    def stream(self, kind: str) -> Response:
        """A log: history, then what `live` holds, then open until the client goes."""

        async def events() -> Any:
            for event in self.logs[kind]:
                yield f"data: {json.dumps(event)}\n\n"
            await asyncio.sleep(0.8)
            for event in self.live if kind == "run" else ():
                yield f"data: {json.dumps(event)}\n\n"
            await asyncio.sleep(30)

        return StreamingResponse(events(), media_type="text/event-stream")


def app_page(body: str, status: int = 200, **headers: str) -> Response:
    """An answer of the app, as it comes through the platform's proxy."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Response(body, status, {"x-proxied-host": "http://10.0.0.1", **named}, media_type="text/html")


def refused(status: int, said: str, code: str = "") -> Response:
    """An error of the API."""
    headers = {"X-Error-Message": said, **({"X-Error-Code": code} if code else {})}
    return JSONResponse({"error": said}, status, headers)


def moved(to: str) -> Callable[[Request], Response]:
    """A redirect."""
    return lambda request: RedirectResponse(to, 307)


@contextmanager
def serving(hub: FakeHub) -> Iterator[FakeHub]:
    """Serve until the end of the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    hub.endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = Starlette(routes=[Route("/{path:path}", hub.answer, methods=["GET", "HEAD", "POST"])])
    config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield hub
    finally:
        server.should_exit = True
        thread.join(5)
        listener.close()
