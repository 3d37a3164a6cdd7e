"""A hub with its router, and apps behind doors: real sockets, in this process."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from localhub.serving import Served
from unstick.localhub.control.door import Door
from unstick.localhub.hub import Hub
from unstick.localhub.router.router import Router
from unstick.localhub.routes import Target
from unstick.localhub.server import configuration, listen
from unstick.localhub.settings import Settings
from unstick.localhub.store import repos

Handler = Callable[["Asked", socket.socket], None]


class Asked:
    """A request as an app received it: the raw head, and the body as its framing says."""

    def __init__(self, raw: bytes, body: bytes) -> None:
        lines = raw.decode("latin-1").split("\r\n")
        self.raw = raw
        self.method, self.target, self.version = lines[0].split(" ")
        self.headers = [tuple(line.split(": ", 1)) for line in lines[1:] if line]
        self.body = body

    def get(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for key, value in self.headers if key.lower() == name]


class App:
    """A server that answers by a handler, and keeps what it was asked."""

    def __init__(self, handler: Handler | None = None) -> None:
        self.handler = handler or echo
        self.asked: list[Asked] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.address = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def dial(self) -> socket.socket:
        """A connection to it."""
        return socket.create_connection(self.address, timeout=5)

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, ValueError):  # ValueError: a chunk that never came
            while (asked := receive(connection)) is not None:
                self.asked.append(asked)
                self.handler(asked, connection)


def receive(connection: socket.socket) -> Asked | None:
    """The next request on a connection, None at its end."""
    file = connection.makefile("rb", buffering=0)
    raw = b""
    while not raw.endswith(b"\r\n\r\n"):
        piece = file.read(1)
        if not piece:
            return None
        raw += piece
    asked = Asked(raw[:-4], b"")
    if asked.get("transfer-encoding"):
        while size := int(line(file), 16):
            asked.body += exactly(file, size)
            line(file)
        line(file)
    elif asked.get("content-length") and not asked.get("expect"):
        asked.body = exactly(file, int(asked.get("content-length")[0]))
    return asked


def line(file: Any) -> bytes:
    """One line."""
    out = b""
    while not out.endswith(b"\r\n"):
        piece = file.read(1)
        if not piece:
            return out
        out += piece
    return out[:-2]


def exactly(file: Any, size: int) -> bytes:
    """So many bytes, or what there is of them."""
    out = b""
    while len(out) < size:
        piece = file.read(size - len(out))
        if not piece:
            break
        out += piece
    return out


def echo(asked: Asked, connection: socket.socket) -> None:
    """Answer with what was asked."""
    shown = {
        "method": asked.method, "target": asked.target, "headers": asked.headers, "body": asked.body.decode("latin-1"),
    }  # fmt: skip
    body = json.dumps(shown).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    connection.sendall(head + (b"" if asked.method == "HEAD" else body))


class World(Served):
    """A hub with its router; `raw` talks to its port."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        super().__init__(hub)
        self.folder = folder
        self.port = hub.settings.port
        self._doors: list[Door] = []
        self.apps: dict[str, App] = {}

    def running(self, name: str, handler: Handler | None = None, **values: Any) -> App:
        """A Space of alice that runs with an app."""
        repo = self.space(name, **{"stage": "RUNNING", **values})
        app = self.apps[name] = App(handler)
        self.route(repo, app)
        return app

    def route(self, repo: int, app: App) -> None:
        """Send the visitors of a Space to an app."""
        with self.hub.reads.begin() as connection:
            found = repos.get(connection, repo)
        assert found is not None and found.subdomain is not None
        path = self.folder / f"{repo}-{len(self._doors)}.sock"
        self._doors.append(Door(str(path), app.dial))
        self.hub.routes.put(found.subdomain, Target(repo, str(path), f"r{repo}"))

    def raw(self, data: bytes, seconds: float = 10.0) -> bytes:
        """Send bytes, and read until the hub closes the connection."""
        with self.connect(seconds) as connection:
            connection.sendall(data)
            out = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := connection.recv(65536):
                    out += piece
            return out

    def connect(self, seconds: float = 10.0) -> socket.socket:
        """A connection to the hub's port."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def visit(self, host: str, path: str = "/", method: str = "GET", **more: Any) -> Any:
        """A request to the host of a Space."""
        headers = {"Host": f"{host}.hf.localhost:{self.port}", **more.pop("headers", {})}
        return self.ask(method, path, headers=headers, **more)

    def close(self) -> None:
        """Close doors and apps."""
        for door in self._doors:
            door.close()
        for app in self.apps.values():
            app.close()


@contextmanager
def world(folder: Path, **settings: Any) -> Iterator[World]:
    """A hub with its router on a free port, its data in a folder."""
    listener = listen("127.0.0.1", 0)
    hub = Hub(Settings(str(folder), port=listener.getsockname()[1], **settings))
    router = Router(hub)
    server = uvicorn.Server(configuration(hub, router))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    made = World(hub, folder)
    try:
        while not server.started:
            time.sleep(0.005)
        yield made
    finally:
        made.close()
        server.should_exit = True
        thread.join(10)
        listener.close()
        router.close()
        hub.close()
