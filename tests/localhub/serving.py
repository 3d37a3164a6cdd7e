"""A hub in this process, without its control loop: what a test says is what is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from unstick.localhub.app import application
from unstick.localhub.hub import Hub
from unstick.localhub.server import listen
from unstick.localhub.settings import Settings
from unstick.localhub.store import accounts, repos, spaces


class Served:
    """A hub that answers: `token` may write as alice, `reader` only reads as alice, `other` writes as bob,
    `admin` is alice's for faults."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.endpoint = hub.settings.endpoint
        with hub.engine.begin() as connection:
            for name in ("alice", "bob"):
                accounts.create_account(connection, name)
            self.token = accounts.create_token(connection, "alice", "first", "write")
            self.reader = accounts.create_token(connection, "alice", "reads", "read")
            self.admin = accounts.create_token(connection, "alice", "admin", "admin")
            self.other = accounts.create_token(connection, "bob", "first", "write")

    def space(self, name: str, owner: str = "alice", visibility: str = "public", **values: Any) -> int:
        """A Space with its row in the tables, and the values that it is to have there; gives its id."""
        with self.hub.engine.begin() as connection:
            repo = repos.add(connection, "space", owner, name, visibility, "gradio")
            self.hub.repository(repo.storage).create()
            spaces.add(connection, repo.id, **values)
        return repo.id

    def observe(self, repo: int, **values: Any) -> None:
        """Write what is, as a reconciler does."""
        with self.hub.engine.begin() as connection:
            spaces.observe(connection, repo, **values)
        self.hub.changed(repo)

    def ask(self, method: str, path: str, token: str | None = None, **more: Any) -> httpx2.Response:
        """One request, without following redirects. Without a token it is anonymous."""
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        return httpx2.request(
            method, self.endpoint + path, headers=headers, trust_env=False, timeout=20, **more
        )

    def get(self, path: str, token: str | None = None, **more: Any) -> httpx2.Response:
        """A GET."""
        return self.ask("GET", path, token, **more)

    @contextmanager
    def stream(self, path: str, token: str | None = None) -> Iterator[Iterator[str]]:
        """The lines of an event stream as they come; a reader that waits 10 s for one fails."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = self.endpoint + path
        with httpx2.stream("GET", address, headers=headers, trust_env=False, timeout=10) as response:
            assert response.status_code == 200, response.read()
            assert response.headers["content-type"].startswith("text/event-stream")
            yield response.iter_lines()


@contextmanager
def served(folder: Path, **settings: Any) -> Iterator[Served]:
    """A hub with its data in a folder, on a free port."""
    listener = listen("127.0.0.1", 0)
    hub = Hub(Settings(str(folder), port=listener.getsockname()[1], **settings))
    config = uvicorn.Config(
        application(hub), log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=1,
        server_header=False, date_header=False, proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield Served(hub)
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
        hub.close()


def until(true: Any, seconds: float = 10.0) -> bool:
    """Wait until a function gives something true; what it gave last."""
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.01)
    return bool(found)
