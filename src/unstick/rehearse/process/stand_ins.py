"""Programs that stand for the system's in a build step: they note what is asked instead of doing it."""

from __future__ import annotations

import os

from unstick.record import NamedTuple

PLACE = "/run/unstick"
"""Where a build step finds them, first on its PATH."""

_NOTE = '#!/bin/sh\nprintf "%s\\n" "{name} $*" >> /run/unstick/noted\nexit 0\n'
_NOTHING = "#!/bin/sh\nexit 0\n"
PACKAGES = ("apt-get", "apt", "apk", "aptitude")
USERS = ("useradd", "adduser", "groupadd", "addgroup", "usermod")
SILENT = (
    "apt-key",
    "add-apt-repository",
    "dpkg-reconfigure",
    "update-ca-certificates",
    "locale-gen",
    "ldconfig",
    "sudo",
)
OWNERS = ("chown", "chgrp")
"""Without root no file can be given to somebody else."""


class Noted(NamedTuple):
    """What a step asked for: commands about packages, commands about users."""

    packages: tuple[str, ...]
    users: tuple[str, ...]


def write(folder: str) -> str:
    """Write the programs into a new folder, and give its path."""
    os.makedirs(folder, exist_ok=True)
    texts = {name: _NOTE.replace("{name}", name) for name in (*PACKAGES, *USERS)}
    texts.update(dict.fromkeys(SILENT if os.geteuid() == 0 else (*SILENT, *OWNERS), _NOTHING))
    texts["sudo"] = '#!/bin/sh\nexec "$@"\n'
    for name, text in texts.items():
        path = os.path.join(folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, 0o755)
    noted = os.path.join(folder, "noted")
    with open(noted, "w", encoding="ascii"):
        pass
    os.chmod(noted, 0o666)
    return folder


def noted(folder: str) -> Noted:
    """What was asked for since the last time."""
    path = os.path.join(folder, "noted")
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.read(256 * 1024).splitlines()
    with open(path, "w", encoding="ascii"):
        pass
    packages = tuple(line for line in lines if line.split(" ")[0] in PACKAGES)
    return Noted(packages, tuple(line for line in lines if line.split(" ")[0] in USERS))
