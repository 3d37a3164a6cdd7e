"""Running git on one bare repository, so that nothing of the machine or of the repository takes part.

Nothing that comes from outside reaches git as an option: names are checked, and follow `--`, or go through
standard input. Nothing of a repository is executed: no hooks, no filters, no configuration of the machine.
"""

from __future__ import annotations

import os
import subprocess
import threading

from unstick.localhub.git_types import CHUNK, SHA, NoSuchRevision
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WHO = ("unstick hub", "hub@localhost")


def environment() -> dict[str, str]:
    """The environment of every git process."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_COMMITTER_NAME": WHO[0],
        "GIT_COMMITTER_EMAIL": WHO[1],
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }


class GitFolder:
    """One bare repository's folder. Methods block; call them in threads."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = threading.RLock()

    def command(self, *arguments: str, hooks: str = "/dev/null") -> list[str]:
        """The words of a git command on this repository; `hooks` is the folder of the only hooks that run."""
        return ["git", "-c", f"core.hooksPath={hooks}", f"--git-dir={self.path}", *arguments]

    def run(self, *arguments: str, given: bytes = b"", extra: dict[str, str] | None = None) -> bytes:
        """What a git command prints. Raises subprocess.CalledProcessError when it fails."""
        done = subprocess.run(
            self.command(*arguments), input=given, capture_output=True, check=True,
            env={**environment(), **(extra or {})},
        )  # fmt: skip
        return done.stdout

    def attempt(self, *arguments: str, given: bytes = b"") -> str | None:
        """What a git command prints, or None when it fails."""
        try:
            return self.run(*arguments, given=given).decode("utf-8", "replace")
        except subprocess.CalledProcessError:
            return None

    def stream(self, oid: str) -> Iterator[bytes]:
        """The bytes of a blob in pieces, with flat memory. Raises NoSuchRevision for what is no object name."""
        if not SHA.match(oid):
            raise NoSuchRevision(oid[:60])
        process = subprocess.Popen(
            self.command("cat-file", "blob", oid), env=environment(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            while piece := process.stdout.read(CHUNK):
                yield piece
        finally:
            process.stdout.close()
            process.kill()
            process.wait()

    def read(self, oid: str, limit: int | None = None) -> bytes:
        """The bytes of a blob, the first `limit` of them."""
        out = bytearray()
        for piece in self.stream(oid):
            out += piece
            if limit is not None and len(out) >= limit:
                return bytes(out[:limit])
        return bytes(out)

    def read_many(self, oids: list[str]) -> dict[str, bytes]:
        """The bytes of many small blobs at once; those that are not there are left out."""
        wanted = [oid for oid in dict.fromkeys(oids) if SHA.match(oid)]
        if not wanted:
            return {}
        data = self.run("cat-file", "--batch", given="".join(f"{oid}\n" for oid in wanted).encode())
        out: dict[str, bytes] = {}
        at = 0
        while at < len(data):
            end = data.index(b"\n", at)
            words = data[at:end].split()
            at = end + 1
            if len(words) == 3 and words[1] == b"blob":
                size = int(words[2])
                out[words[0].decode()] = data[at : at + size]
                at += size + 1
            elif len(words) == 3:
                at += int(words[2]) + 1
        return out
