"""A way to a hub that shows what a hub of ours never would: logs and error messages with secrets in them, as the
platform's hold whatever an app printed."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

MARK = "(here the secrets stand)"
"""The line of a log in whose place the revealed lines come."""

_HOPS = ("connection", "transfer-encoding", "content-length", "keep-alive")


class Revealing(ThreadingHTTPServer):
    """Passes everything on to the hub; `lines` come into logs and error messages."""

    daemon_threads = True

    def __init__(self, endpoint: str, lines: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = urlsplit(endpoint)
        self.lines = lines
        self.endpoint = f"http://127.0.0.1:{self.server_port}"


@contextmanager
def revealing(endpoint: str, lines: list[str]) -> Iterator[Revealing]:
    """The way to a hub, open until the block ends."""
    server = Revealing(endpoint, lines)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Revealing

    def do_GET(self) -> None:
        """Pass a request on, whatever its method."""
        hub = self.server.hub
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        own, theirs = f":{self.server.server_port}", f":{hub.port}"
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOPS}
        headers["Host"] = self.headers["Host"].replace(own, theirs)
        headers["Accept-Encoding"] = "identity"
        connection = http.client.HTTPConnection("127.0.0.1", hub.port or 80, timeout=60)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            if answer.getheader("Content-Type", "").startswith("text/event-stream"):
                self._stream(answer)
            else:
                self._whole(answer)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_GET

    def _head(self, answer: http.client.HTTPResponse, length: int | None = None) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOPS:
                self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        self.end_headers()

    def _whole(self, answer: http.client.HTTPResponse) -> None:
        body = answer.read()
        if b'"errorMessage"' in body:
            with contextlib.suppress(ValueError):
                body = json.dumps(self._revealed(json.loads(body))).encode()
        self._head(answer, len(body) if self.command != "HEAD" else None)
        if self.command != "HEAD":
            self.wfile.write(body)

    def _revealed(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._revealed(item) for item in value]
        if isinstance(value, dict):
            lines = "\n".join(self.server.lines)
            return {
                name: f"{lines}\n{item}" if name == "errorMessage" and item else self._revealed(item)
                for name, item in value.items()
            }
        return value

    def _stream(self, answer: http.client.HTTPResponse) -> None:
        self._head(answer)
        while line := answer.readline():
            if MARK.encode() in line and line.startswith(b"data:"):
                event = json.loads(line.removeprefix(b"data:"))
                for text in self.server.lines:
                    said = json.dumps(event | {"data": f"{text}\n"})
                    self.wfile.write(f"data: {said}\n\n".encode())
            else:
                self.wfile.write(line)
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""
