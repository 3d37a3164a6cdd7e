"""The container engine and the client to speak to it: chosen by trying, not by path."""

from __future__ import annotations

import os
import subprocess

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse.backend import CannotRehearse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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

    def popen(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a command with its output in one pipe."""
        return subprocess.Popen(
            [self.program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=_environment(environment), start_new_session=True,
        )  # fmt: skip

    def run(
        self, *arguments: str, environment: Mapping[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end. Raises CannotRehearse when it fails and `check` is set."""
        try:
            done = subprocess.run(
                [self.program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                errors="replace", env=_environment(environment), timeout=COMMAND_SECONDS,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotRehearse(f"the container engine does not answer: {error}", where=self.program) from None
        if check and done.returncode:
            message = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            raise CannotRehearse(f"the container engine refused: {message}", where=f"docker {arguments[0]}")
        return done


_found: list[Client | None] = []


def available() -> Client | None:
    """The first client that reaches an engine and can build with BuildKit; looked for once."""
    if not _found:
        _found.append(next(_clients(), None))
    return _found[0]


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
            timeout=TRY_SECONDS, env=_environment(None),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    return {**os.environ, "DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain", "DOCKER_CLI_HINTS": "false", **(more or {})}
