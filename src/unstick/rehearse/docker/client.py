"""The container engine and the client to speak to it: chosen by trying, not by path."""

from __future__ import annotations

import os
import subprocess
import sys

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.docker import api

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

PLACES = ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/snap/bin")
TRY_SECONDS = 5
COMMAND_SECONDS = 120
BUILTIN_UNTIL = 23
"""Clients older than this build with BuildKit by themselves; newer ones need the buildx plugin (Docker's
release notes of 23.0)."""

HEREDOCS_FROM = 23
"""Engines from this one on know Dockerfile 1.5: here-documents, COPY --link (Docker's release notes)."""


class Client(NamedTuple):
    """A client that reaches an engine and builds with BuildKit: `engine` is the engine's version."""

    program: str
    engine: tuple[int, ...]

    @property
    def modern(self) -> bool:
        """Whether here-documents and COPY --link are known."""
        return self.engine[:1] >= (HEREDOCS_FROM,)

    def popen(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command with its output in one pipe."""
        return subprocess.Popen(
            [self.program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=_environment(), start_new_session=True,
        )  # fmt: skip

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command to its end. Raises CannotRehearse when it fails and `check` is set."""
        try:
            done = subprocess.run(
                [self.program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                errors="replace", env=_environment(), timeout=COMMAND_SECONDS,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotRehearse(
                f"the container engine does not answer: {error}", where=self.program
            ) from None
        if check and done.returncode:
            message = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            raise CannotRehearse(f"the container engine refused: {message}", where=f"docker {arguments[0]}")
        return done

    def json(self, *arguments: str) -> Any:
        """What a command prints, as JSON; None when it fails."""
        import json

        done = self.run(*arguments, check=False)
        try:
            return json.loads(done.stdout) if done.returncode == 0 else None
        except ValueError:
            return None

    def image(self, name: str) -> dict[str, Any] | None:
        """What the engine knows about an image, or None when it does not have it."""
        found = api.get(f"/images/{name}/json") if api.path() else None
        if found is None:
            found = self.json("image", "inspect", name)
        if isinstance(found, list):
            found = found[0] if found else None
        return found if isinstance(found, dict) else None

    def there(self, what: str, *arguments: str) -> bool:
        """Whether the engine has something: `what` is its path in the engine's API, `arguments` the command
        that asks for it where the socket is not to be had."""
        if api.path() and api.get(what) is not None:
            return True
        return self.run(*arguments, check=False).returncode == 0


_found: list[Client | None] = []


def available() -> Client | None:
    """The first client that reaches an engine and can build with BuildKit; looked for once."""
    if not _found:
        _found.append(next(_clients(), None) if _near() else None)
    return _found[0]


def _near() -> bool:
    """Whether an engine could run on this machine: containers of another one have no address here."""
    if not sys.platform.startswith("linux"):
        return False
    host = os.environ.get("DOCKER_HOST", "")
    return not host or host.startswith("unix://")


def candidates() -> list[str]:
    """Programs to try: every docker and podman on the path and in the usual places, each file once."""
    folders = [*os.environ.get("PATH", "").split(os.pathsep), *PLACES]
    paths = [os.path.join(folder, name) for name in ("docker", "podman") for folder in folders if folder]
    seen: dict[str, str] = {}
    for path in paths:
        if os.access(path, os.X_OK) and os.path.isfile(path):
            seen.setdefault(os.path.realpath(path), path)
    return list(seen.values())


def _clients() -> Iterator[Client]:
    for program in candidates():
        versions = _ask([program, "version", "--format", "{{.Server.Version}} {{.Client.Version}}"])
        numbers = [_numbers(word) for word in versions.split()]
        if len(numbers) != 2 or not all(numbers):
            continue
        builtin = numbers[1][0] < BUILTIN_UNTIL and "podman" not in os.path.basename(program)
        if builtin or _ask([program, "buildx", "version"]):
            yield Client(program, numbers[0])


def _numbers(word: str) -> tuple[int, ...]:
    head = word.partition("+")[0].partition("-")[0]
    return tuple(int(part) for part in head.split(".") if part.isdigit())


def _ask(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=TRY_SECONDS, env=_environment(),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _environment() -> dict[str, str]:
    return {**os.environ, "DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain", "DOCKER_CLI_HINTS": "false"}
