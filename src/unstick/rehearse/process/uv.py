"""Environments made by uv, in the platform's install order."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rehearse import registry
from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.process import confined
from unstick.rehearse.process.spec import Mount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unstick.rehearse.backend import Log

UNREACHABLE = lazy(
    r"(?i)error sending request|dns error|failed to lookup address|connection refused|network is unreachable"
    r"|invalid peer certificate|certificate verify failed|operation timed out|connect error"
)
"""What uv says when the package index cannot be reached from here."""


def program() -> str:
    """The path of uv: beside this interpreter, or on the path. Raises CannotRehearse."""
    beside = os.path.join(os.path.dirname(sys.executable), "uv")
    found = beside if os.access(beside, os.X_OK) else shutil.which("uv")
    if not found:
        raise CannotRehearse(
            "uv is not installed, and no container engine is used",
            where="uv",
            todo="`pip install uv`, or start Docker.",
        )
    return _behind(found)


@lru_cache(maxsize=4)
def _behind(path: str) -> str:
    """The program itself, where a version manager put a script in its place."""
    with open(path, "rb") as file:
        if file.read(2) != b"#!":
            return os.path.realpath(path)
    manager = shutil.which("pyenv")
    if manager:
        done = subprocess.run([manager, "which", "uv"], capture_output=True, text=True, timeout=20)
        if done.returncode == 0:
            return os.path.realpath(done.stdout.strip())
    return os.path.realpath(path)


def fetch(version: str) -> bool:
    """Have uv bring a Python of this version; False where it cannot."""
    done = subprocess.run(
        [program(), "python", "install", "--quiet", version], capture_output=True, timeout=300,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "UV_HTTP_TIMEOUT": "5", "UV_HTTP_RETRIES": "0", "UV_SYSTEM_CERTS": "1"},
    )  # fmt: skip
    return done.returncode == 0


def prefix(executable: str) -> str:
    """The folder that a Python lives in, when that is none of the system's: it has to be shown to the app."""
    folder = os.path.dirname(os.path.dirname(executable))
    return "" if folder in ("/usr", "/") else folder


def sweep() -> None:
    """Remove environments that a rehearsal which is gone had begun."""
    begun = os.path.join(_cache(), "new")
    if os.path.isdir(begun):
        for name in registry.dead(os.listdir(begun)):
            registry.remove(os.path.join(begun, name))


def _cache() -> str:
    return os.path.join(os.path.dirname(registry.top()), "uv")


class Installer:
    """Makes one environment; `cache` is a folder of its own for a factory build, '' for the one that is kept.

    Packages may run code of theirs while they are built, so uv works in the sandbox: it sees the system, its
    cache and the folders it is given (`mounts`), and none of the person's variables. The environment is made
    inside the cache, where uv can link instead of copying, and moved to `folder` when all went well.
    """

    def __init__(self, folder: str, log: Log, cache: str = "", mounts: Sequence[Mount] = ()) -> None:
        self.folder, self.log = folder, log
        self.cache = cache or _cache()
        self.mounts = tuple(mounts)
        self.extra: dict[str, str] = {}
        self.executable = ""
        os.makedirs(os.path.join(self.cache, "new"), exist_ok=True)
        self.place = tempfile.mkdtemp(prefix=f"{registry.owner()}-", dir=os.path.join(self.cache, "new"))

    def create(self, executable: str) -> None:
        """An empty environment."""
        self.executable = executable
        lines: list[str] = []
        code = self._logged(
            ["venv", "--quiet", "--no-project", "--relocatable", "--clear", "--python", executable, self.place], "/",
            lines.append,
        )  # fmt: skip
        if code:
            raise CannotRehearse(f"uv cannot make an environment: {' '.join(lines)[-200:]}", where="uv")

    def install(self, words: Sequence[str], *, step: str, cwd: str, may_fail: bool = False) -> None:
        """`uv pip install` with the words. Raises BuildFailed as the platform's pip would fail, CannotRehearse
        where the index cannot be reached."""
        self.log(f"--> {step}")
        lines: list[str] = []
        code = self._logged(["pip", "install", "--no-progress", *words], cwd, confined.kept(self.log, lines))
        self._judge(code, "\n".join(lines), step, may_fail)

    def sync(self, words: Sequence[str], *, step: str, cwd: str) -> None:
        """`uv sync` of a project into this environment."""
        self.extra["UV_PROJECT_ENVIRONMENT"] = self.place
        self.log(f"--> {step}")
        lines: list[str] = []
        code = self._logged(["sync", "--no-progress", *words], cwd, confined.kept(self.log, lines))
        self._judge(code, "\n".join(lines), step, False)

    def __enter__(self) -> Installer:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        """Move what was made to where it belongs, or remove what was only begun."""
        if kind is None:
            os.chmod(self.place, 0o755)
            os.rename(self.place, self.folder)
        else:
            registry.remove(self.place)

    def _judge(self, code: int, text: str, step: str, may_fail: bool) -> None:
        if code == 0 or may_fail:
            self.log("DONE")
            return
        found = UNREACHABLE.search(text)
        if found is not None:
            line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
            raise CannotRehearse(f"the package index cannot be reached: {line.strip()}", where="uv")
        raise confined.failed(self.log, step.removeprefix("RUN "), 1, step)

    def _logged(self, words: list[str], cwd: str, say: Log) -> int:
        uv = program()
        mounts = [Mount(self.cache, self.cache, True), *self.mounts]
        seen = (uv, prefix(self.executable) if self.executable else "")
        mounts += [Mount(path, path) for path in seen if path]
        variables = {
            "VIRTUAL_ENV": self.place, "UV_CACHE_DIR": self.cache, "UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1",
            "UV_SYSTEM_CERTS": "1", "HOME": "/root", "LANG": "C.UTF-8", **self.extra,
        }  # fmt: skip
        variables["PATH"] = f"{self.place}/bin:/usr/local/bin:/usr/bin:/bin"
        return confined.run([uv, *words], cwd, mounts, variables, say)
