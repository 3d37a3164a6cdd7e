"""The hub's router beside nginx as a proxy to the same app, in the same run.

    .venv/bin/python benchmarks/router.py [--seconds 5] [--visitors 100] [--rounds 3] [--json]

The app is an nginx that answers 200 with 1 KiB, and with a file of 256 MiB. It is asked directly, through an nginx
that proxies (one worker, keep-alive to the app, unbuffered), and through the router of a hub in a process of its own,
behind a door. Visitors are connections that ask again as soon as they have their answer; rounds are interleaved.
The load generator shares the machine's processors with what it measures, for each in the same way.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

LARGE = 256 * 1024 * 1024
HOST = "alice-bench.hf.localhost"
WAYS = ("direct", "nginx", "router")

NGINX = """
worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off;
events {{ worker_connections 2048; }}
http {{
  access_log off; keepalive_requests 1000000; client_max_body_size 0;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream app {{ server 127.0.0.1:{app}; keepalive 128; }}
  server {{ listen 127.0.0.1:{app}; root {folder}/files; location = /small {{ return 200 "{body}"; }} }}
  server {{ listen 127.0.0.1:{proxy}; location / {{
    proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_buffering off; proxy_request_buffering off;
  }} }}
}}
"""


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        port: int = made.getsockname()[1]
        return port


@contextlib.contextmanager
def nginx(folder: pathlib.Path) -> Iterator[tuple[int, int]]:
    """The app and the proxy: their ports."""
    app, proxy = free_port(), free_port()
    (folder / "files").mkdir()
    with open(folder / "files" / "large", "wb") as file:
        file.truncate(LARGE)
    for path in (folder, folder / "files"):  # its workers are not root
        path.chmod(0o755)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, app=app, proxy=proxy, body="x" * 1024))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-c", str(folder / "nginx.conf")])
    try:
        for port in (app, proxy):
            until_open(port)
        yield app, proxy
    finally:
        process.terminate()
        process.wait()


def until_open(port: int) -> None:
    """Wait until a port takes connections."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.02)
    raise SystemExit(f"nothing listens on port {port}")


def hub(folder: str, app: int, told: Any) -> None:
    """A hub with one Space whose app is the nginx on a port; runs until it is ended."""
    import uvicorn

    from unstick.localhub.control.door import Door
    from unstick.localhub.hub import Hub
    from unstick.localhub.router.router import Router
    from unstick.localhub.routes import Target
    from unstick.localhub.server import configuration, listen
    from unstick.localhub.settings import Settings
    from unstick.localhub.store import accounts, repos, spaces

    listener = listen("127.0.0.1", 0)
    made = Hub(Settings(os.path.join(folder, "data"), port=listener.getsockname()[1]))
    with made.engine.begin() as connection:
        accounts.create_account(connection, "alice")
        repo = repos.add(connection, "space", "alice", "bench", "public", "docker")
        spaces.add(connection, repo.id, stage="RUNNING")
    path = os.path.join(folder, "door.sock")
    door = Door(path, lambda: socket.create_connection(("127.0.0.1", app)))
    made.routes.put("alice-bench", Target(repo.id, path, "bench"))
    told.send(made.settings.port)
    uvicorn.Server(configuration(made, Router(made))).run([listener])
    door.close()


async def visitor(port: int, end: float, times: list[float]) -> None:
    """Ask for the small page until `end`; the times of the answers in seconds go into `times`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET /small HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    while (begun := time.perf_counter()) < end:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"an error: {head[:200]!r}")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        times.append(time.perf_counter() - begun)
    writer.close()


async def load(port: int, visitors: int, seconds: float) -> list[float]:
    """The times of all answers that so many visitors got at once."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    await asyncio.gather(*(visitor(port, end, times) for _ in range(visitors)))
    return times


def download(port: int) -> float:
    """Mebibytes a second of a large answer."""
    buffer = bytearray(1024 * 1024)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        begun = time.perf_counter()
        connection.sendall(f"GET /large HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        got = 0
        while count := connection.recv_into(buffer):
            got += count
        if got < LARGE:
            raise SystemExit(f"only {got} bytes came")
        return LARGE / 2**20 / (time.perf_counter() - begun)


def measure(ports: dict[str, int], visitors: int, seconds: float, rounds: int) -> dict[str, dict[str, float]]:
    """The figures of each way, medians over the rounds."""
    found: dict[str, dict[str, list[float]]] = {way: {} for way in WAYS}

    def note(way: str, name: str, value: float) -> None:
        found[way].setdefault(name, []).append(value)

    for _ in range(rounds):
        for way in WAYS:
            alone = asyncio.run(load(ports[way], 1, seconds / 2))
            note(way, "alone_ms", statistics.median(alone) * 1000)
            crowd = sorted(asyncio.run(load(ports[way], visitors, seconds)))
            note(way, "per_second", len(crowd) / seconds)
            note(way, "median_ms", crowd[len(crowd) // 2] * 1000)
            note(way, "p99_ms", crowd[len(crowd) * 99 // 100] * 1000)
            note(way, "mib_per_second", download(ports[way]))
    return {
        way: {name: statistics.median(values) for name, values in row.items()} for way, row in found.items()
    }


COLUMNS = (
    ("alone_ms", "one visitor, median ms", "{:.2f}"),
    ("per_second", "requests/s", "{:,.0f}"),
    ("median_ms", "median ms", "{:.1f}"),
    ("p99_ms", "99 % ms", "{:.1f}"),
    ("mib_per_second", "download MiB/s", "{:,.0f}"),
)


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--visitors", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name, nginx(pathlib.Path(name)) as (app, proxy):
        here, there = context.Pipe()
        process = context.Process(target=hub, args=(name, app, there))
        process.start()
        try:
            ports = {"direct": app, "nginx": proxy, "router": here.recv()}
            figures = measure(ports, given.visitors, given.seconds, given.rounds)
        finally:
            process.terminate()
            process.join()
    if given.json:
        print(json.dumps(figures, indent=2))
        return 0
    print(f"{given.visitors} visitors at once, {os.cpu_count()} processors")
    print("| way | " + " | ".join(title for _, title, _ in COLUMNS) + " |")
    print("|---|" + "---:|" * len(COLUMNS))
    for way in WAYS:
        print(f"| {way} | " + " | ".join(form.format(figures[way][key]) for key, _, form in COLUMNS) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
