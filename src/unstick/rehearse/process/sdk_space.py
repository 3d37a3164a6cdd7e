"""Builds a Space without a Dockerfile: an environment in the platform's install order, its files in /app."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess

from unstick.contract.sdks import FIRST_INSTALL, pip_packages
from unstick.record import TYPE_CHECKING
from unstick.rehearse.process import environments, pythons, uv
from unstick.rehearse.process.backend import Folder, ProcessBuilt, bytecode
from unstick.rehearse.process.spec import Mount

if TYPE_CHECKING:
    from unstick.rehearse.backend import Log
    from unstick.rehearse.types import Plan

APP = "/app"
LISTS = "/tmp/lists"


def build(plan: Plan, files: str, folder: str, cache: str, log: Log) -> ProcessBuilt:
    """Build a gradio, streamlit or static Space. Raises BuildFailed, CannotRehearse."""
    own(files)
    if plan.sdk == "static":
        from unstick.rehearse.process import static_space

        return static_space.build(plan, files, folder, log)
    chosen, notes = pythons.chosen(plan.python, "python_version")
    executable = chosen.executable
    steps = _steps(plan, files)
    inputs = [executable, [[words, _texts(words, files)] for _, words in steps]]

    lists = _lists(plan, files, folder)

    def make(target: str) -> None:
        with uv.Installer(target, log, cache, [Mount(lists, LISTS)]) as installer:
            installer.create(executable)
            for step, words in steps:
                installer.install(words, step=step, cwd=LISTS)

    if cache:
        environment, known = os.path.join(folder, "environment"), False
        make(environment)
    else:
        environment, known = environments.kept(environments.key(inputs), make)
    if known:
        log("--> environment CACHED")
    missing = missing_packages(os.path.join(files, "packages.txt"))
    argv = (os.path.join(environment, "bin", plan.command[0]), *plan.command[1:])
    prefix = uv.prefix(executable)
    folders = [Folder(files, APP, True), Folder(environment, environment, False)]
    folders += [Folder(prefix, prefix, False)] if prefix else []
    variables = (("PATH", f"{environment}/bin:/usr/local/bin:/usr/bin:/bin"), ("VIRTUAL_ENV", environment))
    if missing:
        notes += (f"packages.txt asks for what this machine lacks: {', '.join(missing)}",)
    return ProcessBuilt(
        argv, APP, variables, tuple(folders), notes, missing, bytecode=bytecode(environment, plan)
    )


def own(folder: str) -> None:
    """Give the files to the user that the app runs as, as the platform's COPY --chown does."""
    if os.geteuid() == 0:
        for where, folders, files in os.walk(folder):
            for name in (".", *folders, *files):
                os.lchown(os.path.join(where, name), 1000, 1000)


def missing_packages(path: str) -> tuple[str, ...]:
    """The Debian packages of a packages.txt that are not installed on this machine."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            names = re.findall(r"^[ \t]*([a-z0-9][a-z0-9+.-]+)[ \t]*$", file.read(65536), re.MULTILINE)
    except OSError:
        return ()
    return not_installed(names)


def not_installed(names: list[str]) -> tuple[str, ...]:
    """Those Debian packages that are not installed on this machine."""
    if not names:
        return ()
    try:
        done = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Package} ${Status}\n", "--", *names],
            capture_output=True,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return tuple(names)
    there = {line.split()[0] for line in done.stdout.splitlines() if line.endswith("ok installed")}
    return tuple(name for name in names if name not in there)


def _steps(plan: Plan, files: str) -> list[tuple[str, list[str]]]:
    """What is installed, in order: the step as the log shows it, and the words for uv."""
    packages = pip_packages(plan.sdk, plan.sdk_version)
    steps = [list(FIRST_INSTALL)]
    if "pre-requirements.txt" in plan.files:
        steps.append(["-r", "pre-requirements.txt"])
    listed = ["-r", "requirements.txt"] if "requirements.txt" in plan.files else []
    steps.append([*listed, *packages])
    return [(f"RUN pip install --no-cache-dir {shlex.join(words)}", words) for words in steps]


def _lists(plan: Plan, files: str, folder: str) -> str:
    """A folder with the requirement files alone: the platform mounts them before the repository is there, so
    they cannot name other files of it (published build logs of 2026)."""
    lists = os.path.join(folder, "lists")
    os.mkdir(lists)
    for name in ("pre-requirements.txt", "requirements.txt"):
        if name in plan.files:
            shutil.copyfile(os.path.join(files, name), os.path.join(lists, name))
    return lists


def _texts(words: list[str], files: str) -> list[str]:
    out = []
    for word in words:
        if word.endswith(".txt"):
            with open(os.path.join(files, word), encoding="utf-8", errors="replace") as file:
                out.append(file.read(1024 * 1024))
    return out
