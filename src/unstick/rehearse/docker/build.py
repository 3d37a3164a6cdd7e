"""Builds an image with BuildKit, and reads its progress as the platform's build log."""

from __future__ import annotations

import os
import re
import shutil
import stat
import time

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rehearse import registry
from unstick.rehearse.backend import BuildFailed, CannotRehearse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unstick.rehearse.backend import Log
    from unstick.rehearse.docker.client import Client
    from unstick.rehearse.docker.machine import Lent
    from unstick.rehearse.types import Plan

STEP = re.compile(r"^#(\d+) (.*)$")
HEADER = re.compile(r"^\[(?!internal)(?:[\w.-]+ )?\d+/\d+\] (.*)$|^\[(?!internal)[^\]]*\] (.*)$")
OUTPUT = re.compile(r"^\d+\.\d+ ?(.*)$")

NO_BASE = lazy(
    r"pull access denied|manifest unknown|manifest for .* not found|failed to resolve source metadata"
    r"|no such host|failed to authorize|failed to do request|connection refused|i/o timeout"
    r"|network is unreachable|not found: manifest|no match for platform"
)
"""What BuildKit says when a base image cannot be fetched (wording of containerd and registries)."""

NO_NETWORK = lazy(
    r"Temporary failure in name resolution|Could not resolve host|Name or service not known"
    r"|CERTIFICATE_VERIFY_FAILED|Failed to establish a new connection|Temporary failure resolving"
    r"|Could not connect to|Network is unreachable|ETIMEDOUT|EAI_AGAIN|getaddrinfo|dns error"
    r"|certificate verify failed|SSL certificate problem|self-signed certificate|ProxyError|tunneling socket"
    r"|Connection refused|Connection timed out|error sending request for url|403 {1,2}Forbidden \[IP"
)
"""What package clients say when an index cannot be reached from here (wording of pip, uv, apt, curl, npm)."""

FAILED = lazy(r"(?:did not complete successfully|executor failed running .*?): exit code: (\d+)")
UNKNOWN_FLAG = lazy(r"(?i)unknown flag: \S+|unknown mount type|unsupported (?:mount|flag)")


def context(plan: Plan) -> str:
    """A clean copy of what a push brings, in a scratch folder; links that lead out of it are left out."""
    folder = registry.scratch("context")
    copy_files(plan, folder)
    return folder


def copy_files(plan: Plan, folder: str) -> None:
    """Copy the plan's files into a folder."""
    for path in plan.files:
        source, target = os.path.join(plan.root, path), os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            mode = os.lstat(source).st_mode
            if stat.S_ISLNK(mode):
                link = os.readlink(source)
                inside = os.path.normpath(os.path.join(os.path.dirname(path), link))
                if not os.path.isabs(link) and not inside.startswith(".."):
                    os.symlink(link, target)
            elif stat.S_ISREG(mode):
                shutil.copyfile(source, target, follow_symlinks=False)
                os.chmod(target, 0o755 if mode & 0o111 else 0o644)
        except OSError as error:
            raise CannotRehearse(f"cannot be copied: {error.strerror}", where=path) from None


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

    Raises BuildFailed for a failure that the platform would have, too, CannotRehearse for one of this machine.
    """
    kept = registry.scratch("secrets")
    try:
        command = ["build", "--progress=plain", "--file", dockerfile, "--tag", tag, "--label", f"{registry.LABEL}={registry.owner()}"]
        if factory:
            command.append("--no-cache")
        for item in lent:
            command += ["--secret", f"id={item.id},src={item.source}"]
        for name, value in secrets:
            path = os.path.join(kept, name)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
                file.write(value)
            command += ["--secret", f"id={name},src={path}"]
        environment = dict(arguments or {})
        for name in environment:
            command += ["--build-arg", name]
        log(f"===== Build Queued at {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())} =====")
        _judge(*_run(client, [*command, folder], environment, log))
    finally:
        registry.remove(kept)


def _run(
    client: Client, command: list[str], environment: Mapping[str, str], log: Log
) -> tuple[int, list[str]]:
    process = client.popen(*command, environment=environment)
    reader = Progress(log)
    assert process.stdout is not None
    try:
        for raw in process.stdout:
            reader.line(raw.decode("utf-8", "replace").rstrip("\r\n"))
        return process.wait(), reader.tail
    except BaseException:
        process.kill()
        process.wait()
        raise


class Progress:
    """Turns BuildKit's plain progress into the platform's log: '--> step', its output, 'DONE 0.1s'."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.names: dict[str, str] = {}
        self.begun: set[str] = set()
        self.tail: list[str] = []

    def line(self, text: str) -> None:
        """Take one line."""
        found = STEP.match(text)
        if found is None:
            if text.strip() and not set(text) <= {"-"}:
                self._say(text)
            return
        number, rest = found[1], found[2]
        header = HEADER.match(rest)
        if header is not None:
            self.names.setdefault(number, header[1] or header[2])
        elif number in self.names:
            self._step(number, rest)
        elif rest.startswith("ERROR"):
            self._say(f"--> {rest}")

    def _step(self, number: str, rest: str) -> None:
        if number not in self.begun:
            self.begun.add(number)
            self._say(f"--> {_without_mounts(self.names[number])}")
        output = OUTPUT.match(rest)
        if rest.startswith("ERROR"):
            self._say(f"--> {rest.replace('executor failed running', 'process')}")
        else:
            self._say(output[1] if output is not None else rest)

    def _say(self, text: str) -> None:
        self.tail = [*self.tail[-199:], text]
        self.log(text)


def _without_mounts(step: str) -> str:
    return re.sub(r"--mount=type=secret,id=unstick-\S+ ", "", step)


def _judge(code: int, tail: list[str]) -> None:
    """Whose failure it is."""
    if code == 0:
        return
    text = "\n".join(tail)
    failed = FAILED.search(text)
    network = NO_NETWORK.search(text)
    if failed is not None:
        if network is not None:
            raise CannotRehearse(f"a build step cannot reach what it needs: {_line(text, network.start())}", where="build")
        raise BuildFailed(f"a build step ended with exit code {failed[1]}: {_step_of(tail)}")
    base = NO_BASE.search(text)
    if base is not None:
        raise CannotRehearse(
            f"the base image cannot be had here: {_line(text, base.start())}", where="FROM",
            todo="Pull or load it on a machine that reaches its registry.",
        )  # fmt: skip
    lacking = UNKNOWN_FLAG.search(text)
    if lacking is not None:
        raise CannotRehearse(f"this engine's BuildKit lacks something: {_line(text, lacking.start())}", where="build")
    raise BuildFailed(f"the image cannot be built: {_last_error(tail)}")


def _line(text: str, at: int) -> str:
    return text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0].strip()[:200]


def _step_of(tail: list[str]) -> str:
    errors = [line for line in tail if line.startswith("--> ERROR")]
    return errors[-1].removeprefix("--> ERROR: ")[:200] if errors else "see the build log"


def _last_error(tail: list[str]) -> str:
    errors = [line for line in tail if "rror" in line]
    return (errors or tail or ["no message"])[-1].strip()[:240]
