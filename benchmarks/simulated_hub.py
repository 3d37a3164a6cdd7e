"""A Hub with many Spaces that exist only as numbers, for measuring and testing `unstick watch`.

    python benchmarks/simulated_hub.py --spaces 1000 --owners 10

prints its address, then serves until it is killed: lists with paging and conditional requests, single Spaces,
restarts, build logs, the Spaces' own hosts, and the platform's rate limit with its headers. Faults are
switched on and off below /_sim/, which no rate limit holds for. Every Space follows the platform's stages:
what ends a fault goes through BUILDING and APP_STARTING before it runs again.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import uvicorn

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
IN_ERROR = b"Your space is in error, check its status on hf.co"
ERRORS = {
    "crash": ("RUNTIME_ERROR", "Exit code: 1. Reason: ModuleNotFoundError: No module named 'torch'"),
    "no-capacity": ("RUNTIME_ERROR", "Scheduling failure: unable to schedule"),
    "build-error": ("BUILD_ERROR", "Job failed with exit code: 1. Reason: cache miss"),
    "config-error": ("CONFIG_ERROR", "Your Space's configuration is invalid"),
}  # fmt: skip
FAULTS = ("stuck", "stuck-build", "down", "flapping", "lagging", "gone", *ERRORS)


class Times(NamedTuple):
    """Seconds that a build and a start take, and that a flapping Space stays up and down."""

    build: float
    start: float
    flap: float


class Space:
    """One Space: the stage it is in follows from its fault, and from when that began or ended. A fault that
    begins with `says ` is a runtime error with these words."""

    def __init__(self, name: str, number: int, times: Times, timeout: str, sleepers: float) -> None:
        self.id = name
        self.number = number
        self.times = times
        self.timeout = timeout
        self.fault = ""
        self.changed = 0.0
        self.sleeps = number % 100 < sleepers * 100
        self.sha = hashlib.sha1(name.encode()).hexdigest()
        self.label = name.replace("/", "-").replace("_", "-").replace(".", "-").lower()
        self.restarts: list[float] = []
        self.visits = 0
        self._kept: tuple[str, bytes] = ("", b"")

    def set(self, fault: str, now: float) -> None:
        """Switch a fault on, or off with ''."""
        self.fault, self.changed = fault, now

    def push(self, now: float) -> None:
        """A new commit: an ordinary rebuild."""
        self.sha = hashlib.sha1(f"{self.sha} {now}".encode()).hexdigest()
        self._kept = ("", b"")
        self.set("", now)

    def stage(self, now: float) -> tuple[str, str]:
        """The stage and the error message."""
        past = now - self.changed if self.changed else 1e9
        if self.fault in ERRORS:
            return ERRORS[self.fault]
        if self.fault.startswith("says "):
            return "RUNTIME_ERROR", f"Exit code: 1. Reason: {self.fault}"
        if self.fault in ("stuck", "lagging"):
            return "APP_STARTING", ""
        if self.fault == "stuck-build":
            return "BUILDING", ""
        if self.fault == "flapping":
            return (
                ("RUNTIME_ERROR", "Exit code: 137")
                if int(past / self.times.flap) % 2 == 0
                else ("RUNNING", "")
            )
        if self.fault or past >= self.times.build + self.times.start:
            return "RUNNING", ""
        return ("BUILDING" if past < self.times.build else "APP_STARTING"), ""

    def json(self, now: float) -> bytes:
        """The Space object, as a list with `expand` holds it."""
        stage, error = self.stage(now)
        key = f"{stage}{error}{self.timeout}"
        if self._kept[0] != key:
            running = stage == "RUNNING"
            runtime: dict[str, Any] = {
                "stage": stage,
                "hardware": {"current": "cpu-basic" if running else None, "requested": "cpu-basic"},
                "gcTimeout": 172800 if self.sleeps else None,
                "replicas": {"requested": 1, "current": 1 if running else 0},
                "devMode": False,
                "domains": [{"domain": f"{self.label}.hf.space", "stage": "READY"}],
            }
            if running:
                runtime["sha"] = self.sha
            if error:
                runtime["errorMessage"] = error
            card = {"title": self.id, "sdk": "docker", "startup_duration_timeout": self.timeout}
            item = {
                "_id": f"{self.number:024x}", "id": self.id, "author": self.id.split("/")[0], "sha": self.sha,
                "sdk": "docker", "subdomain": self.label, "private": False, "cardData": card, "runtime": runtime,
            }  # fmt: skip
            self._kept = (key, json.dumps(item).encode())
        return self._kept[1]

    def serves(self, now: float) -> bool:
        """Whether the app answers on the Space's own host."""
        return self.fault == "lagging" or (self.fault != "down" and self.stage(now)[0] == "RUNNING")


class Hub:
    """All Spaces, and the rate limit."""

    def __init__(self, args: argparse.Namespace) -> None:
        times = Times(args.build, args.start, args.flap)
        chance = random.Random(args.seed)
        names = [f"owner{number % args.owners}/space-{number}" for number in range(args.spaces)]
        chance.shuffle(names)
        self.spaces = {
            name: Space(name, number, times, args.timeout, args.sleepers)
            for number, name in enumerate(sorted(names))
        }
        self.by_owner: dict[str, list[Space]] = {}
        for space in self.spaces.values():
            self.by_owner.setdefault(space.id.split("/")[0], []).append(space)
        self.by_label = {space.label: space for space in self.spaces.values()}
        self.limit, self.window = args.limit, args.window
        self.windows: dict[str, tuple[float, int]] = {}
        self.counts: dict[str, int] = {}
        self.broken: dict[str, Any] = {}

    def count(self, what: str) -> None:
        """One more of it."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def admit(self, token: str, now: float) -> tuple[bool, list[tuple[bytes, bytes]]]:
        """Whether one more request fits into this fixed window, and the headers that say so."""
        begun, used = self.windows.get(token, (now, 0))
        if now - begun >= self.window:
            begun, used = now, 0
        allowed = used < self.limit
        self.windows[token] = (begun, used + allowed)
        left, reset = max(0, self.limit - used - 1), max(1, round(begun + self.window - now))
        return allowed, [
            (b"ratelimit", f'"api";r={left};t={reset}'.encode()),
            (b"ratelimit-policy", f'"fixed window";"api";q={self.limit};w={self.window:.0f}'.encode()),
        ]

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").partition(":")[0]
        now = time.time()
        if host.endswith(".hf.localhost"):
            await self._visit(self.by_label.get(host.removesuffix(".hf.localhost")), send, now)
            return
        if scope["path"].startswith("/_sim/"):
            await self._control(scope, receive, send, now)
            return
        token = headers.get(b"authorization", b"").decode("latin-1")
        allowed, extra = self.admit(token, now)
        self.count("requests" if allowed else "refused")
        if not allowed:
            await _answer(send, 429, b'{"error":"Too Many Requests"}', extra)
        elif self.broken.get("status"):
            await _answer(send, self.broken["status"], b'{"error":"broken"}', extra)
        else:
            await self._api(scope, headers, extra, send, now)

    async def _api(
        self,
        scope: dict[str, Any],
        headers: dict[bytes, bytes],
        extra: list[tuple[bytes, bytes]],
        send: Send,
        now: float,
    ) -> None:
        path, query = scope["path"], parse_qs(scope["query_string"].decode())
        if path == "/api/spaces":
            self.count("lists")
            body, more = self._list(query, scope["query_string"].decode(), headers[b"host"].decode(), now)
            await _conditional(send, body, headers, [*extra, *more])
            return
        parts = path.removeprefix("/api/spaces/").split("/")
        space = self.spaces.get("/".join(parts[:2]))
        if space is None or space.fault == "gone":
            await _answer(
                send, 404, b'{"error":"Repository not found"}', [*extra, (b"x-error-code", b"RepoNotFound")]
            )
        elif parts[2:] == ["restart"] and scope["method"] == "POST":
            space.restarts.append(now)
            self.count("restarts")
            if space.fault == "no-capacity":
                space.set("", now)
            await _answer(send, 200, b'{"stage":"BUILDING","hardware":{"current":null}}', extra)
        elif parts[2:3] == ["logs"]:
            await _log(send, space, extra, now)
        elif len(parts) == 2:
            await _conditional(send, space.json(now), headers, extra)
        else:
            await _answer(send, 404, b'{"error":"no such path"}', extra)

    def _list(
        self, query: dict[str, list[str]], raw: str, host: str, now: float
    ) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        found = self.by_owner.get(query.get("author", [""])[0], [])
        at, limit = int(query.get("cursor", ["0"])[0]), int(query.get("limit", ["100"])[0])
        page = [space for space in found[at : at + limit] if space.fault != "gone"]
        body = b"[" + b",".join(space.json(now) for space in page) + b"]"
        if at + limit >= len(found):
            return body, []
        rest = "&".join(part for part in raw.split("&") if not part.startswith("cursor="))
        return body, [
            (b"link", f'<http://{host}/api/spaces?{rest}&cursor={at + limit}>; rel="next"'.encode())
        ]

    async def _visit(self, space: Space | None, send: Send, now: float) -> None:
        self.count("visits")
        if space is None:
            await _answer(send, 404, b"Sorry, we can't find the page you are looking for.")
            return
        space.visits += 1
        if space.serves(now):
            await _answer(
                send, 200, b"hello", [(b"x-proxied-host", b"http://10.0.0.1"), (b"x-proxied-replica", b"a")]
            )
        else:
            await _answer(send, 503, IN_ERROR)

    async def _control(self, scope: dict[str, Any], receive: Receive, send: Send, now: float) -> None:
        """POST /_sim/fault {space, fault}, POST /_sim/broken {status}, GET /_sim/state."""
        body = b""
        while scope["method"] == "POST":
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if scope["path"] == "/_sim/fault":
            for one in json.loads(body):
                space = self.spaces[one["space"]]
                space.push(now) if one["fault"] == "push" else space.set(one["fault"], now)
                space.timeout = one.get("timeout", space.timeout)
        elif scope["path"] == "/_sim/broken":
            self.broken = json.loads(body)
        state = {
            "at": now,
            "counts": self.counts,
            "faults": {space.id: space.fault for space in self.spaces.values() if space.fault},
            "restarts": {space.id: space.restarts for space in self.spaces.values() if space.restarts},
            "visits": {space.id: space.visits for space in self.spaces.values() if space.visits},
        }
        await _answer(send, 200, json.dumps(state).encode())


async def _log(send: Send, space: Space, extra: list[tuple[bytes, bytes]], now: float) -> None:
    """A build log: one line a second while it moves, one line long ago when it is stuck. It stays open."""
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"text/event-stream"), *extra],
        }
    )
    at = space.changed if space.fault == "stuck-build" else now
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))
    line = json.dumps({"data": "--> RUN pip install\n", "timestamp": f"{stamp}.000Z"})
    await send({"type": "http.response.body", "body": f"data: {line}\n\n".encode(), "more_body": True})
    await asyncio.sleep(5)
    await send({"type": "http.response.body", "body": b""})


async def _conditional(
    send: Send, body: bytes, headers: dict[bytes, bytes], extra: list[tuple[bytes, bytes]]
) -> None:
    tag = b'W/"' + hashlib.sha1(body).hexdigest().encode() + b'"'
    if headers.get(b"if-none-match") == tag:
        await _answer(send, 304, b"", [*extra, (b"etag", tag)])
    else:
        await _answer(send, 200, body, [*extra, (b"etag", tag), (b"content-type", b"application/json")])


async def _answer(
    send: Send, status: int, body: bytes, extra: list[tuple[bytes, bytes]] | None = None
) -> None:
    length = [] if status == 304 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*length, *(extra or [])]})
    await send({"type": "http.response.body", "body": body})


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, value, words in (
        ("spaces", 1000, "how many Spaces"),
        ("owners", 10, "how many owners they belong to"),
        ("seed", 1, "seed of the names' order"),
        ("limit", 1000, "requests in a window (free account: 1000)"),
        ("port", 0, "port on loopback; 0: any"),
    ):
        parser.add_argument(f"--{name}", type=int, default=value, help=f"{words} (default {value})")
    for name, number, words in (
        ("window", 300.0, "seconds of a window"),
        ("build", 20.0, "seconds that a build takes"),
        ("start", 40.0, "seconds that a start takes"),
        ("flap", 60.0, "seconds that a flapping Space stays up and down"),
        ("sleepers", 0.7, "share of Spaces with a sleep time"),
    ):
        parser.add_argument(f"--{name}", type=float, default=number, help=f"{words} (default {number:g})")
    parser.add_argument(
        "--timeout", default="30m", help="startup_duration_timeout of every Space (default 30m)"
    )
    return parser.parse_args()


def main() -> None:
    """Serve until killed."""
    args = arguments()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", args.port))
    listener.listen(256)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(Hub(args), log_level="critical", access_log=False, lifespan="off", ws="none")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
