"""Which Pythons are on this machine, and which of them stands for the one that a Space asks for."""

from __future__ import annotations

import os
import re
import subprocess

from unstick.contract.sdks import LOGGED_PYTHON
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.process import uv

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHERS = ("3.12", "3.11", "3.14", "3.10")
"""What is taken where that one is not here, in this order."""

KEPT_IN = (
    "$UV_PYTHON_INSTALL_DIR",
    "~/.local/share/uv/python",
    "$PYENV_ROOT/versions",
    "~/.pyenv/versions",
    "/opt/python",
)
"""Folders that uv, pyenv and build images keep Pythons in, one folder for each."""


class Python(NamedTuple):
    """A Python: the path of its program, links followed, and its full version."""

    executable: str
    version: str


def chosen(version: str, where: str) -> tuple[Python, tuple[str, ...]]:
    """The Python for a version as a Space gives it ('3.11', '3.11.4', '' for none), and what has to be said.

    Another third number is taken, another second one only where none is asked for. Raises CannotRehearse.
    """
    if version:
        minor = ".".join(version.split(".")[:2])
        found = find(version) or find(minor) or _fetched(version)
        if found is None:
            raise CannotRehearse(
                f"Python {version} is not on this machine, and uv cannot bring it", where=where,
                todo=f"Install it (`uv python install {minor}`), or use --backend docker.",
            )  # fmt: skip
        if found.version != version and version.count(".") == 2:
            return found, (f"Python {found.version} instead of {version}",)
        return found, ()
    for name in (LOGGED_PYTHON, *OTHERS):
        found = find(name)
        if found is not None:
            note = f"Python {name} instead of {LOGGED_PYTHON}, which is not on this machine"
            return found, (note,) if name != LOGGED_PYTHON else ()
    raise CannotRehearse("there is no Python from 3.10 on", where="python", todo="`uv python install 3.13`")


def find(version: str) -> Python | None:
    """A Python of this version ('3.11' or '3.11.7') that is on this machine, the newest one."""
    minor = ".".join(version.split(".")[:2])
    if not re.fullmatch(r"3\.\d{1,2}", minor):
        return None
    best: Python | None = None
    for path in dict.fromkeys(_candidates(minor)):
        known = _version(path)
        fits = known == version or (known.startswith(minor + ".") and version == minor)
        if fits and (best is None or _numbers(known) > _numbers(best.version)):
            best = Python(path, known)
    return best


def _candidates(minor: str) -> Iterator[str]:
    """Programs named for this version, without the scripts of version managers."""
    name = f"python{minor}"
    folders = [os.path.join(folder, "bin") for folder in _kept()]
    for folder in (
        *folders,
        *os.environ.get("PATH", os.defpath).split(os.pathsep),
        "/usr/local/bin",
        "/usr/bin",
    ):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK) and not _script(path):
            real = os.path.realpath(path)
            if not os.path.exists(os.path.join(os.path.dirname(folder), "pyvenv.cfg")):
                yield real


def _kept() -> Iterator[str]:
    for place in KEPT_IN:
        folder = os.path.expanduser(os.path.expandvars(place))
        if folder.startswith("/") and os.path.isdir(folder):
            for name in sorted(os.listdir(folder)):
                yield os.path.join(folder, name)


def _script(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return True


def _version(path: str) -> str:
    try:
        done = subprocess.run(
            [path, "-IV"], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().rpartition(" ")[2] if done.returncode == 0 else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _fetched(version: str) -> Python | None:
    """The same after uv was asked to bring it."""
    return find(version) or find(".".join(version.split(".")[:2])) if uv.fetch(version) else None
