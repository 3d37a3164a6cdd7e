"""A Space brought from a git URL into a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile

from unstick.errors import UnreadableError
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = lazy(r"^(?:https?://|ssh://|git://|file://|git@[\w.-]+:)\S+$")
SECONDS = 300


def is_url(target: str) -> bool:
    """Whether a target names a repository to clone, not a folder."""
    return URL.match(target) is not None


def clone(url: str) -> Iterator[str]:
    """The newest commit of the repository, in a folder that is removed afterwards (use as a context:
    `contextlib.contextmanager(clone)(url)`).

    Nothing of the repository is executed: no hooks, no filters, no submodules; LFS files stay pointers where
    git-lfs is not set up. Raises UnreadableError.
    """
    folder = tempfile.mkdtemp(prefix="unstick-clone-")
    try:
        path = os.path.join(folder, _name(url))
        command = [
            "git", "-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "core.symlinks=true",
            "clone", "--quiet", "--depth", "1", "--no-recurse-submodules", "--", url, path,
        ]  # fmt: skip
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "0"}
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, timeout=SECONDS, text=True, errors="replace",
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except FileNotFoundError:
            raise UnreadableError("git is not installed", where=_shown(url)) from None
        except subprocess.TimeoutExpired:
            raise UnreadableError(f"cloning took more than {SECONDS} s", where=_shown(url)) from None
        if done.returncode:
            last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "git failed")
            raise UnreadableError(
                f"cannot be cloned: {_shown(last.strip())}", where=_shown(url),
                todo="Check the address, and that you may read it.",
            )  # fmt: skip
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _shown(text: str) -> str:
    from unstick.redact import redact

    return redact(text)


def _name(url: str) -> str:
    last = url.rstrip("/").rpartition("/")[2].removesuffix(".git")
    clean = "".join(c if c.isalnum() or c in "._-" else "-" for c in last).strip(".-")
    return clean[:96] or "space"
