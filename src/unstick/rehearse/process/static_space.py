"""Builds a static Space: its files as they are, or after its own build command."""

from __future__ import annotations

import os
import posixpath
import re
import sys

from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import BuildFailed, CannotRehearse
from unstick.rehearse.process import confined, uv
from unstick.rehearse.process.backend import Folder, ProcessBuilt
from unstick.rehearse.process.spec import Mount

if TYPE_CHECKING:
    from unstick.rehearse.backend import Log
    from unstick.rehearse.types import Plan

APP = "/app"
SERVED = "static files are served by a plain file server on one port, without the Hub's script"
INSTALLED = "package.json is installed before app_build_command: how the platform does that is not documented"
UNREACHABLE = re.compile(r"ETIMEDOUT|EAI_AGAIN|ENOTFOUND|ECONNREFUSED|getaddrinfo|SELF_SIGNED_CERT|CERT_")


def build(plan: Plan, files: str, folder: str, log: Log) -> ProcessBuilt:
    """Build it. Raises BuildFailed, CannotRehearse."""
    notes: tuple[str, ...] = (SERVED,)
    command = _command(files)
    if command:
        notes += _built(command, files, folder, log)
    index = os.path.join(files, plan.app_file)
    if not os.path.isfile(index):
        raise BuildFailed(f"app_file is {plan.app_file}, which the build did not make")
    served = posixpath.join(APP, posixpath.dirname(plan.app_file)) if command else APP
    python = os.path.realpath(sys.executable)
    argv = (python, "-m", "http.server", str(plan.port), "--bind", "0.0.0.0", "--directory", served)
    prefix = uv.prefix(python)
    shown = (Folder(prefix, prefix, False),) if prefix else ()
    return ProcessBuilt(argv, APP, (), (Folder(files, APP, True), *shown), notes)


def _command(files: str) -> str:
    """app_build_command of the block, '' where there is none."""
    from unstick.space import Space

    field = Space.open(files).field("app_build_command")
    return field.text.strip() if field is not None and not field.items else ""


def _built(command: str, files: str, folder: str, log: Log) -> tuple[str, ...]:
    """Run the build command; gives what has to be said."""
    package = os.path.isfile(os.path.join(files, "package.json"))
    steps = [command]
    if package and not re.search(r"\b(?:npm|yarn|pnpm|bun) (?:ci|i|install)\b", command):
        lock = os.path.isfile(os.path.join(files, "package-lock.json"))
        steps.insert(0, "npm ci" if lock else "npm install")
    home = os.path.join(folder, "home-of-build")
    os.makedirs(home, exist_ok=True)
    for step in steps:
        _step(step, files, home, log)
    return (INSTALLED,) if len(steps) > 1 else ()


def _step(step: str, files: str, home: str, log: Log) -> None:
    lines: list[str] = []
    log(f"--> RUN {step}")
    code = confined.run(
        ["/bin/sh", "-c", step], APP, [Mount(files, APP, True), Mount(home, "/root", True)],
        {"PATH": f"{APP}/node_modules/.bin:/usr/local/bin:/usr/bin:/bin", "HOME": "/root", "CI": "1"},
        confined.kept(log, lines, 200),
        open_without=False,
    )  # fmt: skip
    if code == 0:
        log("DONE")
        return
    if code in (126, 127):
        raise CannotRehearse(
            f"the build command needs what is not on this machine: {step}", where="app_build_command"
        )
    if any(UNREACHABLE.search(line) for line in lines):
        raise CannotRehearse(
            f"the build command cannot reach what it needs: {step}", where="app_build_command"
        )
    raise confined.failed(log, step, code, step)
