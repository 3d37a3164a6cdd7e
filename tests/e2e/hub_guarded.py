"""A local hub with canaries around it, for tests of hostile callers."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from e2e.hub_client import Answer, Where, ask
from e2e.hubs import RunningHub

CANARY = "the-canary-sings-4711"
TELLING = (CANARY.encode(), b"root:x:0", b"Traceback (most")
NOISE = frozenset({"data", "data.stderr", "tmp"})


class Guarded(NamedTuple):
    """A hub whose surroundings are watched."""

    where: Where
    running: RunningHub
    around: Path

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """One request. No answer may tell of the canary, or be the hub's own failure."""
        answer = ask(self.where, method, path, body, **more)
        said = answer.body + repr(answer.headers).encode()
        assert not any(word in said for word in TELLING), said[:500]
        assert answer.status != 500, (method, path[:200], said[:500])
        return answer

    def outside(self) -> dict[str, tuple[int, int]]:
        """All files around the data folder: size and time of change."""
        found = {}
        for folder, names, files in os.walk(self.around):
            names[:] = [name for name in names if name != ".cache"]  # rehearsals work there
            if folder == str(self.around):
                names[:] = [name for name in names if name not in NOISE]
                files = [name for name in files if name not in NOISE]
            for name in files:
                state = os.lstat(os.path.join(folder, name))
                found[os.path.join(folder, name)] = (state.st_size, state.st_mtime_ns)
        return found


def lines(*rows: tuple[str, Any]) -> bytes:
    """A commit as the client sends it."""
    header = ("header", {"summary": "x", "description": ""})
    return b"".join(json.dumps({"key": k, "value": v}).encode() + b"\n" for k, v in (header, *rows))


def file(path: str, content: bytes = b"x") -> tuple[str, Any]:
    """One file of a commit."""
    return "file", {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"}


def head(guarded: Guarded, repo: str) -> str:
    """The newest commit."""
    return str(guarded.ask("GET", f"/api/spaces/{repo}").json()["sha"])
