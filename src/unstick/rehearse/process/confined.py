"""One step of a build in the sandbox: its output line by line, its exit code."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading

from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import BuildFailed
from unstick.rehearse.package_settings import CA_VARIABLES, PROXIES
from unstick.rehearse.process import bubblewrap
from unstick.rehearse.process.spec import Mount, Spec
from unstick.rehearse.types import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unstick.rehearse.backend import Log

SECONDS = 1800
"""A step of a build that takes longer is ended."""

LONGEST_LINE = 16 * 1024

PASSED = (
    *PROXIES, "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INDEX", "UV_FIND_LINKS",
    "UV_HTTP_TIMEOUT", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "NPM_CONFIG_REGISTRY", "npm_config_registry",
)  # fmt: skip
"""Variables of this machine that a build needs to reach its package indexes; besides them only those that name
a file with certificates, which is shown to the step."""

CONFIGURATIONS = ("/etc/pip.conf", "/etc/uv/uv.toml", "/etc/npmrc")


def run(
    argv: Sequence[str],
    cwd: str,
    mounts: Sequence[Mount],
    variables: Mapping[str, str],
    log: Log,
    *,
    uid: int = 0,
    users: Mapping[str, str] | None = None,
    open_without: bool = True,
) -> int:
    """Run a command and give its exit code (124 when it took too long).

    `users` are texts for passwd and group. Without a sandbox it runs as it is where `open_without`; the paths
    inside have to be the same as outside then.
    """
    environment = {**lent(), **variables}
    with tempfile.TemporaryDirectory() as files:
        bubblewrap.made_files(files, "/home/user")
        for name, text in (users or {}).items():
            with open(os.path.join(files, name), "w", encoding="utf-8") as file:
                file.write(text)
        if not bubblewrap.problem():
            shown = [*mounts, *_settings(environment)]
            spec = Spec(tuple(argv), (), cwd, tuple(shown), Limits(), uid=uid)
            command, where = bubblewrap.wrapped(spec, files), "/"
        elif open_without:
            command, where = list(argv), cwd
        else:
            return 127
        return _followed(command, where, environment, log)


def kept(log: Log, lines: list[str], most: int = 300) -> Log:
    """A log that also keeps its last lines in `lines`."""

    def keep(line: str) -> None:
        del lines[:-most]
        lines.append(line)
        log(line)

    return keep


def failed(log: Log, command: str, code: int, told: str) -> BuildFailed:
    """A step's failure as the platform has it: written to the log in its words, and to be raised. `told` names
    the step for a person."""
    log(f'--> ERROR: process "/bin/sh -c {command}" did not complete successfully: exit code: {code}')
    return BuildFailed(f"a build step ended with exit code {code}: {told}")


def lent() -> dict[str, str]:
    """This machine's way to the package indexes, as variables."""
    names = (*PASSED, *(name for name in CA_VARIABLES if os.path.isfile(os.environ.get(name, ""))))
    return {name: os.environ[name] for name in names if name in os.environ}


def _settings(environment: Mapping[str, str]) -> list[Mount]:
    """The files that those variables name, and the settings of package clients."""
    paths = {os.environ[name] for name in CA_VARIABLES if name in environment and name in os.environ}
    paths.update(path for path in CONFIGURATIONS if os.path.isfile(path))
    return [Mount(path, path) for path in sorted(paths) if not path.startswith("/etc/ssl/")]


def _followed(command: list[str], where: str, environment: Mapping[str, str], log: Log) -> int:
    process = subprocess.Popen(
        command, cwd=where, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(SECONDS, end)
    timer.daemon = True
    timer.start()
    assert process.stdout is not None
    try:
        while line := process.stdout.readline(LONGEST_LINE):
            log(line.decode("utf-8", "replace").rstrip("\r\n"))
        code = process.wait()
        return 124 if late.is_set() else code
    finally:
        timer.cancel()
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()
        process.stdout.close()
