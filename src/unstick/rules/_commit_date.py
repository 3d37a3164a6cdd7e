"""The date of a checkout's last commit."""

from __future__ import annotations

import os
import subprocess


def last_commit(root: str) -> str:
    """The committer's date of HEAD as RFC 3339, or an empty string without a repository or without git.

    Only a `.git` inside the folder itself counts: a folder within somebody's other repository has no date
    of its own.
    Configuration of the repository that could start a program is switched off.
    """
    if not root or not os.path.isdir(os.path.join(root, ".git")):
        return ""
    command = [
        "git",
        "--no-pager",
        "-c",
        "log.showSignature=false",
        "-c",
        "core.fsmonitor=false",
        "-C",
        root,
        "log",
        "-1",
        "--format=%cI",
    ]
    environment = {
        **os.environ,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 and done.stdout[:4].isdigit() else ""
