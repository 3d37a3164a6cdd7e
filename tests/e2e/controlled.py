"""A hub in the test's own process with its control loop: Spaces entered, pushed, asked at the door."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from unstick.localhub.control.door import connect
from unstick.localhub.control.loop import Control
from unstick.localhub.hub import Hub
from unstick.localhub.repository import Change
from unstick.localhub.settings import Settings
from unstick.localhub.store import accounts, repos, schema, spaces

EXAMPLES = Path(__file__).parents[2] / "examples"
ENDS = ("RUNNING", "BUILD_ERROR", "RUNTIME_ERROR", "CONFIG_ERROR", "NO_APP_FILE")
SECRET = "word-that-nobody-sees"

README = "---\ntitle: Counter\nsdk: docker\n---\n"
DOCKERFILE = 'FROM python:3.11\nWORKDIR /app\nCOPY app.py .\nCMD ["python", "app.py"]\n'
APP = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            print("about to die", flush=True)
            os._exit(3)
        self.send_response(200)
        self.end_headers()
        words = [os.environ.get(name, "") for name in ("SPACE_ID", "GREETING", "WORD")]
        self.wfile.write(" ".join([%r, *words]).encode())
print("the word is", os.environ.get("WORD"), flush=True)
http.server.ThreadingHTTPServer(("0.0.0.0", 7860), Handler).serve_forever()
"""


class World:
    """A hub with its control loop, in this process."""

    def __init__(self, data: Path) -> None:
        data.mkdir(exist_ok=True)
        self.settings = Settings(str(data), port=8999, backend="process", start_timeout=None, builds=2)
        self.hub = Hub(self.settings)
        self.control = Control(self.hub)
        self.control.start()
        with self.hub.engine.begin() as connection:
            accounts.create_account(connection, "alice")

    def space(self, name: str, files: dict[str, str], **values: Any) -> int:
        """A new Space, with a first commit where there are files."""
        with self.hub.engine.begin() as connection:
            repo = repos.add(connection, "space", "alice", name, "public")
            self.hub.repository(repo.storage).create()
            spaces.add(connection, repo.id, **values)
        if files:
            self.push(repo.id, files)
        return repo.id

    def push(self, repo: int, files: dict[str, str]) -> str:
        """Commit some files."""
        with self.hub.reads.begin() as connection:
            found = repos.get(connection, repo)
        assert found is not None
        git = self.hub.repository(found.storage)
        changes = [Change(path, git.store(text.encode())) for path, text in files.items()]
        made = git.commit("main", changes, "a commit", author="alice")
        self.hub.changed(repo)
        return made

    def want(self, repo: int, **values: Any) -> None:
        """What the API does for restart, pause and settings."""
        with self.hub.engine.begin() as connection:
            spaces.want(connection, repo, **values)
        self.hub.changed(repo)

    def row(self, repo: int) -> spaces.Row:
        """The Space's row."""
        with self.hub.reads.begin() as connection:
            found = spaces.get(connection, repo)
        assert found is not None
        return found

    def until(self, repo: int, *stages: str, sha: str = "", seconds: float = 90) -> spaces.Row:
        """Wait for one of these stages, and this commit."""
        end = time.monotonic() + seconds
        while True:
            row = self.row(repo)
            if row.stage in stages and sha in ("", row.sha):
                return row
            assert time.monotonic() < end, (row, self.log(repo, "build"), self.log(repo, "run"))
            time.sleep(0.02)

    def ask(self, repo: int, path: str = "/") -> str:
        """What the app answers to a connection from the door, '' when it closes it without an answer."""
        target = self.hub.routes.of(repo)
        assert target is not None
        with connect(target.socket, 10) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            data = b""
            while piece := connection.recv(65536):
                data += piece
        return data.partition(b"\r\n\r\n")[2].decode()

    def log(self, repo: int, kind: str) -> list[str]:
        """The lines of a log."""
        return [entry.text for entry in self.hub.logs.read(repo, kind)[0]]

    def changes(self, repo: int) -> list[tuple[str, str, str]]:
        """The history of stages: before, after, message."""
        with self.hub.reads.begin() as connection:
            rows = connection.execute(schema.changes.select().where(schema.changes.c.repo == repo)).all()
        return [(row.before, row.after, row.message) for row in rows]

    def workers(self, repo: int) -> list[int]:
        """The process ids of a Space's workers."""
        return self.control.workers(repo)

    def close(self) -> None:
        """End it."""
        self.control.stop()
        self.hub.close()


def app(text: str = "one") -> dict[str, str]:
    """The files of a small Docker Space."""
    return {"README.md": README, "Dockerfile": DOCKERFILE, "app.py": APP % text}


def example(name: str) -> dict[str, str]:
    """The files of an example's Space."""
    root = EXAMPLES / "failures" / name / "space"
    return {str(p.relative_to(root)): p.read_text("utf-8") for p in root.rglob("*") if p.is_file()}


STATIC = {"README.md": "---\ntitle: A\nsdk: static\n---\n", "index.html": "hi"}


def eventually(seen: Callable[[], Any], seconds: float = 30) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.05)
