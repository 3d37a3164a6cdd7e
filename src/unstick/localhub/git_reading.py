"""Reading a repository: revisions, trees, history."""

from __future__ import annotations

import os

from unstick.localhub.git_process import GitFolder
from unstick.localhub.git_types import (
    HEAD,
    REVISION,
    SHA,
    SHORT_SHA,
    Commit,
    Item,
    NoSuchRevision,
    checked_path,
    item,
)  # fmt: skip
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

KEPT = 4096
"""Answers about commits that are remembered: a commit never changes."""


class GitReading(GitFolder):
    """What a repository says. Methods block; call them in threads."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._commits: dict[str, str] = {}
        self._entries: dict[tuple[str, str], Item | None] = {}

    def resolve(self, revision: str) -> str:
        """The commit's oid of a branch, tag, other ref or (abbreviated) commit. Raises NoSuchRevision."""
        if not REVISION.match(revision):
            raise NoSuchRevision(revision[:200])
        if SHA.match(revision):
            if revision not in self._commits:
                self._remember(self._commits, revision, self._peeled(revision))
            return self._commits[revision]
        names = [f"refs/heads/{revision}", f"refs/tags/{revision}", f"refs/{revision}"]
        names += [revision] if revision.startswith("refs/") else []
        if (found := self._loose(names[0])) is not None:
            return found
        listed = self.run("for-each-ref", "--format=%(refname) %(objectname) %(*objectname)", "--", *names)
        known = {words[0]: words[-1] for row in listed.decode().splitlines() if (words := row.split())}
        for name in names:
            if name in known:
                return self._peeled(known[name])
        if SHORT_SHA.match(revision):
            return self._peeled(revision)
        raise NoSuchRevision(revision)

    def _loose(self, ref: str) -> str | None:
        """A branch that stands in a file of its own, as it does after each commit."""
        try:
            with open(os.path.join(self.path, *ref.split("/")), encoding="ascii") as file:
                text = file.read(64).strip()
        except (OSError, UnicodeDecodeError):
            return None
        return text if SHA.match(text) else None

    def _peeled(self, name: str) -> str:
        done = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if done is None:
            raise NoSuchRevision(name)
        return done.strip()

    @staticmethod
    def _remember(memory: dict[Any, Any], key: object, value: object) -> None:
        if len(memory) >= KEPT:
            memory.clear()
        memory[key] = value

    def head(self) -> str:
        """The newest commit of main, or '' before the first one."""
        try:
            return self.resolve("main")
        except NoSuchRevision:
            return ""

    def ref(self, name: str) -> str:
        """The commit of a whole ref name ('refs/heads/main'), or ''."""
        if not REVISION.match(name):
            return ""
        done = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return done.strip() if done else ""

    def refs(self) -> list[tuple[str, str]]:
        """Every ref with its commit."""
        text = self.run("for-each-ref", "--format=%(refname) %(objectname) %(*objectname)").decode()
        return [(p[0], p[-1]) for line in text.splitlines() if (p := line.split())]

    def tree(self, commit: str, path: str = "", *, recursive: bool = False) -> list[Item]:
        """What stands below a folder ('' is the root), paths whole. Raises KeyError when it is not there."""
        arguments = ["ls-tree", "-z", "-l", "--full-tree", *(["-r", "-t"] if recursive else []), commit]
        if path:
            entry = self.entry(commit, checked_path(path))
            if entry is None or entry.kind != "directory":
                raise KeyError(path)
            arguments[-1] = entry.oid
        prefix = f"{path}/" if path else ""
        out = self.run(*arguments).decode("utf-8", "surrogateescape")
        return [item(line, prefix) for line in out.split("\0") if line]

    def entry(self, commit: str, path: str) -> Item | None:
        """One file or folder, or None."""
        key = (commit, checked_path(path))
        if key not in self._entries or not SHA.match(commit):
            self._remember(self._entries, key, self.entries(commit, [path]).get(path))
        return self._entries[key]

    def entries(self, commit: str, paths: Sequence[str]) -> dict[str, Item]:
        """Several files and folders by path; those that are not there are left out."""
        wanted = [f":(literal){checked_path(path)}" for path in paths]
        if not wanted:
            return {}
        # -t: a folder is also listed when something below it is asked for.
        out = self.run("ls-tree", "-z", "-l", "-t", "--full-tree", commit, "--", *wanted)
        found = [item(line) for line in out.decode("utf-8", "surrogateescape").split("\0") if line]
        return {one.path: one for one in found if one.path in set(paths)}

    def log(self, commit: str, most: int = 50, skip: int = 0, path: str = "") -> list[Commit]:
        """The newest commits first, of one file or folder when `path` is given."""
        form = "--format=%H%x00%an%x00%ct%x00%s%x00%b%x01"
        limit = ["--", f":(literal){checked_path(path)}"] if path else []
        out = self.run(
            "log", form, f"--max-count={most}", f"--skip={skip}", "--end-of-options", commit, *limit
        )
        rows = [row.strip("\n").split("\0") for row in out.decode("utf-8", "replace").split("\x01")]
        return [Commit(r[0], r[3], r[4].strip(), r[1], int(r[2])) for r in rows if len(r) == 5]

    def count(self, commit: str) -> int:
        """How many commits lead to this one, itself included."""
        return int(self.run("rev-list", "--count", "--end-of-options", commit))

    def size(self) -> int:
        """Bytes that its objects take on disk."""
        total = 0
        for row in self.run("count-objects", "-v").decode().splitlines():
            name, _, number = row.partition(": ")
            total += int(number) * 1024 if name in ("size", "size-pack") else 0
        return total

    def branches(self) -> list[str]:
        """The names of its branches."""
        cut = len("refs/heads/")
        return [name[cut:] for name, _ in self.refs() if name.startswith(HEAD[:cut])]
