"""Builds an image with BuildKit from a clean copy of what a push brings."""

from __future__ import annotations

import os
import time

from unstick.record import TYPE_CHECKING
from unstick.rehearse import registry
from unstick.rehearse.copying import copy_files
from unstick.rehearse.docker import machine
from unstick.rehearse.docker.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unstick.rehearse.backend import Log
    from unstick.rehearse.docker.client import Client
    from unstick.rehearse.docker.machine import Lent
    from unstick.rehearse.types import Plan

LONGEST_LINE = 64 * 1024


def context(plan: Plan) -> str:
    """A clean copy of what a push brings, in a scratch folder; links that lead out of it are left out."""
    folder = registry.scratch("context")
    copy_files(plan, folder)
    return folder


def build(
    client: Client,
    plan: Plan,
    log: Log,
    *,
    folder: str,
    dockerfile: str,
    tag: str,
    lent: Sequence[Lent] = (),
    arguments: Mapping[str, str] | None = None,
    secrets: Sequence[tuple[str, str]] = (),
    factory: bool = False,
) -> None:
    """Build the Dockerfile (a path) with the folder as its context, and tag the image.

    Raises BuildFailed for a failure that the platform would have, CannotRehearse for one of this machine.
    """
    kept = registry.scratch("secrets")
    try:
        command = [
            "build", "--progress=plain", "--file", dockerfile, "--tag", tag,
            "--label", f"{registry.LABEL}={registry.owner()}",
        ]  # fmt: skip
        if factory:
            command.append("--no-cache")
        for item in lent:
            command += ["--secret", f"id={item.id},src={item.source}"]
        for number, (name, value) in enumerate(secrets):
            path = os.path.join(kept, str(number))
            machine.write_private(path, value)
            command += ["--secret", f"id={name},src={path}"]
        for name in machine.proxies():
            command += ["--build-arg", name]
        for name, value in (arguments or {}).items():
            command += ["--build-arg", f"{name}={value}"]
        log(f"===== Build Queued at {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())} =====")
        progress = Progress(log)
        progress.judge(_run(client, [*command, folder], progress))
    finally:
        registry.remove(kept)


def _run(client: Client, command: list[str], progress: Progress) -> int:
    process = client.popen(*command)
    assert process.stdout is not None
    try:
        while raw := process.stdout.readline(LONGEST_LINE):
            progress.line(raw.decode("utf-8", "replace").rstrip("\r\n"))
        return process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
