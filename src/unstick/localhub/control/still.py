"""A static Space without a build: its files, served by the worker itself, as the platform serves them.

Reference: the server puts a script right after `<head>` that gives the page `window.huggingface.variables`.
Docs say that secrets come along as well; here they stay out.
"""

from __future__ import annotations

import http.server
import json
import os
import posixpath
import re
import socket
import threading
import time
import urllib.parse

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unstick.rehearse.backend import Log
    from unstick.rehearse.types import Exit, Plan, Socket, Written

HEAD = re.compile(rb"<head(?:\s[^<>]*)?>", re.IGNORECASE)
LARGEST = 8 * 1024 * 1024
"""Bytes up to which a page gets the script: larger ones are no pages."""

PUBLIC = ("SPACE_CREATOR_USER_ID",)
TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")


class StillBuilt:
    """The exported files."""

    passed_over: tuple[str, ...] = ()


class StillBackend:
    """Serves the files of a plan."""

    name = "static"

    def build(self, plan: Plan, log: Log) -> StillBuilt:
        """There is nothing to build."""
        return StillBuilt()

    def start(self, built: StillBuilt, plan: Plan, log: Log) -> StillRunning:
        """Serve."""
        return StillRunning(plan)

    def close(self) -> None:
        """Nothing was made."""


class StillRunning:
    """The server, on a loopback port of its own."""

    def __init__(self, plan: Plan) -> None:
        given = dict(plan.environment)
        variables = {**dict(plan.options.variables), **{name: given.get(name, "") for name in PUBLIC}}
        self._stopped = threading.Event()
        self._server = _Server(plan.root, plan.app_file or "index.html", variables)
        threading.Thread(target=self._server.serve_forever, args=(0.2,), daemon=True).start()

    def first_accept(self, seconds: float) -> float | None:
        """It listens from the start."""
        return time.monotonic()

    def dial(self, port: int, address: str = "") -> socket.socket:
        """A connection to it."""
        host, number = self._server.server_address[:2]
        return socket.create_connection((str(host), number), timeout=10)

    def wait(self, seconds: float) -> Exit | None:
        """It does not end by itself."""
        self._stopped.wait(seconds)
        return None

    def stop(self) -> None:
        """Stop serving."""
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def sockets(self) -> tuple[Socket, ...]:
        """None of the Space's."""
        return ()

    def processes(self) -> tuple[tuple[int, str], ...]:
        """None of the Space's."""
        return ()

    def peak(self) -> int:
        """Not known."""
        return 0

    def written(self) -> tuple[Written, ...]:
        """Nothing."""
        return ()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, root: str, page: str, variables: Mapping[str, str]) -> None:
        self.root, self.page = root, page
        words = json.dumps({"variables": dict(variables)})
        for letter in "<>&\u2028\u2029":
            words = words.replace(letter, f"\\u{ord(letter):04x}")
        self.script = f"<script>window.huggingface={words};</script>".encode()
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor who went away is no news."""


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "unstick"
    sys_version = ""
    timeout = 75
    server: _Server

    def do_GET(self) -> None:
        """A file."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Its headers."""
        self._answer(body=False)

    def log_message(self, format: str, *args: object) -> None:
        """A static Space has no run log."""

    def _answer(self, *, body: bool) -> None:
        path = self._found()
        if path is None:
            page = (
                b"<!doctype html><title>404</title><h1>404</h1><p>There is no such file in this Space.</p>\n"
            )
            self._begin(404, "text/html; charset=utf-8", len(page))
            if body:
                self.wfile.write(page)
            return
        kind = self.guess_type(path)
        kind += "; charset=utf-8" if kind.startswith(TEXT) else ""
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if kind.startswith("text/html") and size <= LARGEST:
                page = self._with_script(file.read())
                self._begin(200, kind, len(page))
                if body:
                    self.wfile.write(page)
                return
            self._begin(200, kind, size)
            if body:
                self.copyfile(file, self.wfile)

    def _begin(self, status: int, kind: str, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _with_script(self, page: bytes) -> bytes:
        head = HEAD.search(page)
        if head is None:
            return page
        return page[: head.end()] + self.server.script + page[head.end() :]

    def _found(self) -> str | None:
        """The file of the address, links inside the tree followed; None where there is none."""
        asked = urllib.parse.unquote(self.path.split("?")[0].split("#")[0], errors="surrogateescape")
        inside = posixpath.normpath("/" + asked.lstrip("/")).lstrip("/")
        if "\0" in inside:
            return None
        for name in (inside or self.server.page, posixpath.join(inside, "index.html"), f"{inside}.html"):
            path = os.path.realpath(os.path.join(self.server.root, name))
            if path.startswith(os.path.realpath(self.server.root) + os.sep) and os.path.isfile(path):
                return path
        return None
