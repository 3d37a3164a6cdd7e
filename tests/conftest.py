"""What every test may use: the real command line, and the repository's root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
COMMAND = Path(sys.executable).with_name("unstick.exe" if os.name == "nt" else "unstick")

settings.register_profile("quick", max_examples=60, deadline=None)
# In CI the same inputs each time: a change must not fail for what it did not touch.
settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "quick"))


class Ran(NamedTuple):
    """What one call of the command line gave."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The output as JSON."""
        return json.loads(self.out)


def run_unstick(
    *args: str | Path,
    stdin: str | bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | Path | None = None,
    timeout: float = 60,
) -> Ran:
    """Run the installed `unstick` in a process of its own, 80 columns wide, not a terminal.

    `stdin` None means an empty input; `env` is added to an environment without colour settings. A traceback
    is never right without `--debug`, so it fails the test here.
    """
    settings_of_person = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES")
    environment = {name: value for name, value in os.environ.items() if name not in settings_of_person}
    environment |= {"COLUMNS": "80", "PYTHONUTF8": "1", **(env or {})}
    sent = stdin.encode() if isinstance(stdin, str) else stdin or b""
    done = subprocess.run(
        [str(COMMAND), *map(str, args)],
        input=sent,
        capture_output=True,
        env=environment,
        cwd=cwd or ROOT,
        timeout=timeout,
        check=False,
    )
    ran = Ran(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
    if "--debug" not in args:
        assert "Traceback (most recent call last)" not in ran.err, ran.err
    return ran


@pytest.fixture
def unstick() -> Any:
    """`run_unstick` as a fixture."""
    return run_unstick


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(autouse=True)
def _needs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Skip tests whose program is not installed; with CI set, fail instead."""
    for marker in request.node.iter_markers("needs"):
        program = marker.args[0]
        if shutil.which(program) is None:
            message = f"NOT TESTED: {program} is not installed"
            if os.environ.get("CI"):
                pytest.fail(message)
            pytest.skip(message)
    yield
