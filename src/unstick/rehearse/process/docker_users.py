"""The users and groups of an image that is put together without an engine."""

from __future__ import annotations

import os
import shlex

from unstick.record import NamedTuple

VALUES = frozenset((
    "-u", "--uid", "-g", "--gid", "-G", "--groups", "-d", "--home", "--home-dir", "-s", "--shell", "-c", "--comment",
    "--gecos", "-k", "--skel", "-p", "--password", "-b", "--base-dir", "-h", "--ingroup", "-e", "-f", "-K",
))  # fmt: skip
"""Options of useradd, adduser, groupadd and addgroup (Debian's, and Alpine's) that take a value."""

SYSTEM = frozenset(("-r", "--system", "-S"))
NO_HOME = frozenset(("-M", "--no-create-home", "-H", "-S", "--system"))


class Account(NamedTuple):
    """One user of the image."""

    uid: int
    gid: int
    home: str


class Users:
    """What passwd and group say. `root` is where the image's files lie on this machine."""

    def __init__(self, root: str, *, node: bool = False) -> None:
        self.root = root
        self.accounts = {"root": Account(0, 0, "/root"), "nobody": Account(65534, 65534, "/nonexistent")}
        self.groups = {"root": 0, "www-data": 33, "users": 100, "nogroup": 65534}
        if node:
            self.accounts["node"], self.groups["node"] = Account(1000, 1000, "/home/node"), 1000
            self._home(self.accounts["node"])

    def command(self, text: str) -> None:
        """Take a useradd, adduser, groupadd, addgroup or usermod command."""
        try:
            words = shlex.split(text, comments=True)
        except ValueError:
            return
        options, names = _read(words[1:])
        if not names or not words:
            return
        if words[0] in ("groupadd", "addgroup") and len(names) == 1:
            number = options.get("-g", options.get("--gid", ""))
            self.groups.setdefault(
                names[0], int(number) if number.isdigit() else self._free(self.groups, options)
            )
        elif words[0] in ("useradd", "adduser") and len(names) == 1:
            self._add(words[0], names[0], options)

    def uid(self, name: str) -> int:
        """The number of a user given by name or number; 0 for none."""
        if not name or name.isdigit():
            return int(name or 0)
        return self.accounts[name].uid if name in self.accounts else -1

    def gid(self, name: str) -> int:
        """The number of a group given by name or number; -1 for one that is not there."""
        return int(name) if name.isdigit() else self.groups.get(name, -1)

    def home(self, uid: int) -> str:
        """The home folder, by the engine's rule: '/' for a user that passwd does not have."""
        return next((account.home for account in self.accounts.values() if account.uid == uid), "/")

    def texts(self) -> dict[str, str]:
        """passwd and group."""
        users = [f"{n}:x:{a.uid}:{a.gid}::{a.home}:/bin/sh\n" for n, a in self.accounts.items()]
        groups = [f"{n}:x:{gid}:\n" for n, gid in self.groups.items()]
        return {"passwd": "".join(users), "group": "".join(groups)}

    def _add(self, program: str, name: str, options: dict[str, str]) -> None:
        if name in self.accounts:
            return
        given = options.get("-u", options.get("--uid", ""))
        uids = {n: account.uid for n, account in self.accounts.items()}
        uid = int(given) if given.isdigit() else self._free(uids, options)
        group = options.get("-g", options.get("--gid", options.get("--ingroup", options.get("-G", ""))))
        gid = self.gid(group) if group else uid
        if not group:
            self.groups.setdefault(name, uid)
        home = options.get(
            "-d", options.get("--home", options.get("--home-dir", options.get("-h", f"/home/{name}")))
        )
        self.accounts[name] = Account(uid, max(gid, 0), home)
        wanted = (
            not NO_HOME.intersection(options)
            if program == "adduser"
            else bool({"-m", "--create-home"} & set(options))
        )
        if wanted or ("-m" in options and program == "useradd"):
            self._home(self.accounts[name])

    def _free(self, taken: dict[str, int], options: dict[str, str]) -> int:
        numbers = set(taken.values())
        if SYSTEM.intersection(options):
            return next(number for number in range(999, 99, -1) if number not in numbers)
        return next(number for number in range(1000, 60000) if number not in numbers)

    def _home(self, account: Account) -> None:
        path = os.path.join(self.root, account.home.lstrip("/"))
        if os.path.normpath(path).startswith(self.root + os.sep):
            os.makedirs(path, exist_ok=True)
            if os.geteuid() == 0:
                os.lchown(path, account.uid, account.gid)


def _read(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Options with their values ('' without one), and the other words."""
    options: dict[str, str] = {}
    names: list[str] = []
    waiting = ""
    for word in words:
        if waiting:
            options[waiting], waiting = word, ""
        elif word.startswith("--") and "=" in word:
            name, _, value = word.partition("=")
            options[name] = value
        elif word in VALUES:
            waiting = word
        elif word.startswith("-") and not word.startswith("--") and len(word) > 2:
            for letter in word[1:-1]:
                options[f"-{letter}"] = ""
            if f"-{word[-1]}" in VALUES:
                waiting = f"-{word[-1]}"
            else:
                options[f"-{word[-1]}"] = ""
        elif word.startswith("-"):
            options[word] = ""
        else:
            names.append(word)
    return options, names
