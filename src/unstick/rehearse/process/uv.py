"""Environments made by uv, in the platform's install order."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import BuildFailed, CannotRehearse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unstick.rehearse.backend import Log

UNREACHABLE = lazy(
    r"(?i)error sending request|dns error|failed to lookup address|connection refused|network is unreachable"
    r"|invalid peer certificate|certificate verify failed|operation timed out|connect error"
)
"""What uv says when the package index cannot be reached from here."""

NO_PYTHON = "Python {version} is not on this machine, and uv cannot bring it"


def program() -> str:
    """The path of uv: beside this interpreter, or on the path. Raises CannotRehearse."""
    beside = os.path.join(os.path.dirname(sys.executable), "uv")
    found = beside if os.access(beside, os.X_OK) else shutil.which("uv")
    if not found:
        raise CannotRehearse(
            "uv is not installed, and no container engine is used", where="uv", todo="`pip install uv`, or start Docker."
        )
    return found


def python(version: str) -> str:
    """The path of a Python of this version ('3.11', '3.11.4'); '' where there is none and none can be had."""
    done = subprocess.run(
        [program(), "python", "find", "--no-project", "--system", version], capture_output=True, text=True, timeout=300,
        env=_environment({"UV_PYTHON_DOWNLOADS": "never"}), stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode == 0:
        return os.path.realpath(done.stdout.strip())
    done = subprocess.run(
        [program(), "python", "install", "--quiet", version], capture_output=True, text=True, timeout=300,
        env=_environment({"UV_HTTP_TIMEOUT": "5", "UV_HTTP_RETRIES": "0"}), stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return python_installed(version) if done.returncode == 0 else ""


def python_installed(version: str) -> str:
    """The path of a Python that uv keeps or finds, '' where there is none."""
    done = subprocess.run(
        [program(), "python", "find", "--no-project", version], capture_output=True, text=True, timeout=60,
        env=_environment({"UV_PYTHON_DOWNLOADS": "never"}), stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return os.path.realpath(done.stdout.strip()) if done.returncode == 0 else ""


def prefix(executable: str) -> str:
    """The folder that a Python lives in, when that is none of the system's: it has to be shown to the app."""
    folder = os.path.dirname(os.path.dirname(executable))
    return "" if folder in ("/usr", "/") else folder


class Installer:
    """Installs into one environment; `cache` is a folder of its own for a factory build, '' for uv's usual."""

    def __init__(self, folder: str, log: Log, cache: str = "") -> None:
        self.folder, self.log = folder, log
        self.extra = {"VIRTUAL_ENV": folder}
        if cache:
            self.extra["UV_CACHE_DIR"] = cache

    def create(self, executable: str) -> None:
        """An empty environment with pip's name taken by uv."""
        self._run("venv", "--quiet", "--no-project", "--python", executable, self.folder)

    def install(self, words: Sequence[str], *, step: str, cwd: str, environment: Mapping[str, str] | None = None) -> None:
        """`uv pip install` with the words. Raises BuildFailed as the platform's pip would fail, CannotRehearse
        where the index cannot be reached."""
        self.log(f"--> {step}")
        code, lines = self._logged(["pip", "install", "--no-progress", *words], cwd, environment)
        if code == 0:
            self.log("DONE")
            return
        self._reachable(lines)
        self.log(f'--> ERROR: process "/bin/sh -c {step.removeprefix("RUN ")}" did not complete successfully: exit code: 1')
        raise BuildFailed(f"a build step ended with exit code 1: {step}")

    def _reachable(self, lines: Sequence[str]) -> None:
        """Raises CannotRehearse where the lines say that the packages could not be fetched from here."""
        text = "\n".join(lines)
        found = UNREACHABLE.search(text)
        if found is not None:
            line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
            raise CannotRehearse(f"the package index cannot be reached: {line.strip()}", where="uv")

    def sync(self, words: Sequence[str], *, step: str, cwd: str) -> None:
        """`uv sync` of a project into this environment."""
        self.extra["UV_PROJECT_ENVIRONMENT"] = self.folder
        self.log(f"--> {step}")
        code, lines = self._logged(["sync", "--no-progress", *words], cwd, None)
        if code:
            self._reachable(lines)
            self.log(f'--> ERROR: process "/bin/sh -c {step.removeprefix("RUN ")}" did not complete successfully: exit code: {code}')
            raise BuildFailed(f"a build step ended with exit code {code}: {(lines or ['uv sync'])[-1]}")
        self.log("DONE")

    def _logged(self, words: list[str], cwd: str, environment: Mapping[str, str] | None) -> tuple[int, list[str]]:
        process = subprocess.Popen(
            [program(), *words], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=_environment({**(environment or {}), **self.extra}), text=True, errors="replace",
        )  # fmt: skip
        assert process.stdout is not None
        lines = []
        try:
            for line in process.stdout:
                lines = [*lines[-300:], line.rstrip("\n")]
                self.log(lines[-1])
            return process.wait(), lines
        except BaseException:
            process.kill()
            process.wait()
            raise

    def _run(self, *words: str) -> None:
        done = subprocess.run(
            [program(), *words], capture_output=True, text=True, env=_environment(self.extra), stdin=subprocess.DEVNULL
        )
        if done.returncode:
            raise CannotRehearse(f"uv cannot make an environment: {done.stderr.strip()[-200:]}", where="uv")


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    dropped = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "UV_PROJECT_ENVIRONMENT")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "NO_COLOR": "1", "UV_NO_CONFIG": os.environ.get("UV_NO_CONFIG", "0"), "UV_SYSTEM_CERTS": "1", **more}
