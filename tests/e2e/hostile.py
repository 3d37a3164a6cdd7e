"""The real sandbox for tests, by root and by an ordinary user, with bubblewrap and without."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
HARNESS = Path(__file__).with_name("confined.py")
STRANGER = 65533
PYTHON = "/usr/bin/python3"
AS_ROOT = os.name == "posix" and os.geteuid() == 0
WHO = ("root", "user") if AS_ROOT else ("user",)
WAYS = tuple(f"{who}-{sandbox}" for who in WHO for sandbox in ("bubblewrap", "bare"))
NEEDED = ("ip", "iptables", "iptables-restore", "setpriv")
"""Programs that a rehearsal uses besides bubblewrap."""

TRY = """
import contextlib, os, socket, sys, time
def attempt(name, action):
    try:
        print(name, 'DONE', action())
    except BaseException as error:
        print(name, 'stopped', type(error).__name__)
"""


class Came(NamedTuple):
    """What came of one start."""

    lines: list[str]
    exit: dict[str, Any] | None
    sockets: list[list[Any]]
    written: list[str]
    notes: list[str]
    peak: int

    @property
    def done(self) -> list[str]:
        """The attempts that succeeded."""
        return [line for line in self.lines if " DONE " in f"{line} "]

    @property
    def stopped(self) -> int:
        """How many attempts were stopped."""
        return sum(" stopped " in f"{line} " for line in self.lines)


class Sandbox(NamedTuple):
    """Starts programs as `who`; `folder` may be read and written by that user."""

    who: str
    folder: Path
    path: str

    def command(self) -> list[str]:
        if self.who == "root" or not AS_ROOT:
            return [PYTHON, str(self.folder / "confined.py")]
        user = [
            shutil.which("setpriv") or "setpriv",
            f"--reuid={STRANGER}",
            f"--regid={STRANGER}",
            "--clear-groups",
        ]
        return [*user, PYTHON, str(self.folder / "confined.py")]

    def environment(self) -> dict[str, str]:
        return {
            "PATH": self.path, "HOME": str(self.folder / "home"), "PYTHONPATH": str(ROOT / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    def asked(self, code: str, **options: Any) -> str:
        asked: dict[str, Any] = {
            "python": PYTHON, "code": TRY + code, "cwd": "/", "mounts": [], "limits": {}, "port": 0, "uid": 1000,
            "seconds": 30, "writable": [], "say": False,
        }  # fmt: skip
        return json.dumps(asked | options)

    def run(self, code: str, **options: Any) -> Came:
        done = subprocess.run(
            self.command(), input=self.asked(code, **options), capture_output=True, text=True, timeout=90,
            env=self.environment(),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return Came(**json.loads(done.stdout))

    def place(self, name: str) -> Path:
        """A folder that belongs to the app (uid 1000, or whoever it is mapped to)."""
        path = self.folder / name
        path.mkdir()
        if AS_ROOT:
            owner = 1000 if self.who == "root" else STRANGER
            os.chown(path, owner, owner)
        return path

    @property
    def scratch(self) -> list[str]:
        """What is left of its starts."""
        folder = self.folder / "home/.cache/unstick/rehearsals"
        return os.listdir(folder) if folder.is_dir() else []


@cache
def why_not(who: str, way: str) -> str:
    """Why nothing can be tested as this user, '' if it can."""
    if not sys.platform.startswith("linux"):
        return "the sandbox needs Linux"
    if way == "bubblewrap" and shutil.which("bwrap") is None:
        return "bubblewrap is not installed"
    if subprocess.run([PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).returncode:
        return f"{PYTHON} is older than Python 3.11"
    if (
        who == "user"
        and subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True).returncode
    ):
        return "ordinary users may not make namespaces here"
    return ""


@pytest.fixture(params=WAYS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    who, _, way = request.param.partition("-")
    missing = why_not(who, way)
    if missing:
        message = f"NOT TESTED: confinement as {request.param}: {missing}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    # Not pytest's own folder: that is closed to the other user.
    folder = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    folder.chmod(0o755)
    shutil.copy(HARNESS, folder)
    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    if way == "bare":
        programs = folder / "programs"
        programs.mkdir()
        for name in NEEDED:
            found = shutil.which(name, path=path)
            if found:
                (programs / name).symlink_to(found)
        path = str(programs)
    made = Sandbox(who, folder, path)
    made.place("home")
    try:
        yield made
        assert made.scratch == []
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def inside(*who: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("uid", who or (1000, 0))
