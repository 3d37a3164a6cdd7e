"""Repositories as bare git on disk, through git's own plumbing: what writes to them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
import time

from unstick.localhub.git_process import WHO
from unstick.localhub.git_reading import GitReading
from unstick.localhub.git_types import (
    CHUNK,
    EMPTY,
    HEAD,
    LONGEST_PATH,
    REVISION,
    SHA,
    BadPath,
    Change,
    Commit,
    Conflict,
    Item,
    NoSuchRevision,
    NotThere,
    checked_path,
)  # fmt: skip
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = (
    "CHUNK", "EMPTY", "HEAD", "LONGEST_PATH", "REVISION", "SHA", "BadPath", "Change", "Commit", "Conflict",
    "Item", "NoSuchRevision", "NotThere", "Repository", "checked_path",
)  # fmt: skip

SETTINGS = (
    ("receive.fsckObjects", "true"), ("receive.denyDeleteCurrent", "true"), ("receive.autogc", "false"),
    ("receive.fsck.zeroPaddedFilemode", "ignore"),
    ("receive.fsck.badTimezone", "ignore"), ("receive.hideRefs", "refs/pr"),
    ("core.fsync", "objects,derived-metadata,reference"), ("core.bigFileThreshold", "8m"),
    ("core.logAllRefUpdates", "false"), ("pack.compression", "0"), ("uploadpack.allowFilter", "true"),
    ("gc.auto", "0"), ("core.packedGitWindowSize", "16m"), ("core.packedGitLimit", "64m"),
)  # fmt: skip
"""What each repository is made with. Objects and refs are on the disk before they are acknowledged; blobs above
the threshold are streamed, never held in memory."""

TRIES = 5
LOOSE = 4096
"""Loose objects from which on they are packed."""
STALE = 5.0
"""Seconds after which the lock of a ref is one that was left."""


class Repository(GitReading):
    """One bare repository. Methods block; call them in threads."""

    def create(self) -> None:
        """Make it on disk; what is there already stays."""
        os.makedirs(self.path, exist_ok=True)
        self.run("init", "--quiet", "--bare", "--initial-branch=main", "--template=")
        wanted = "".join(f"{_section(name)} = {value}\n" for name, value in SETTINGS)
        with open(os.path.join(self.path, "config"), "r+", encoding="utf-8") as file:
            # Each `git config` is a process; fourteen of them are most of what a new repository costs.
            if wanted not in file.read():
                file.write(wanted)

    def remove(self) -> None:
        """Delete it from disk."""
        shutil.rmtree(self.path, ignore_errors=True)

    def copy_to(self, other: Repository) -> None:
        """Copy all branches and tags with their history."""
        other.create()
        wanted = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        other.run("fetch", "--quiet", "--no-write-fetch-head", "--", self.path, *wanted)

    def store_files(self, paths: Sequence[str]) -> list[str]:
        """Put files of this machine into the repository as blobs, with flat memory; gives their oids."""
        if any("\n" in path for path in paths):
            raise BadPath("a line break in the name of a temporary file")
        given = "".join(f"{path}\n" for path in paths).encode()
        out = self.run("hash-object", "-w", "--no-filters", "--stdin-paths", given=given) if paths else b""
        return out.decode().split()

    def store_many(self, contents: Sequence[bytes]) -> list[str]:
        """Put several small contents into the repository as blobs; gives their oids."""
        return [self.store(content) for content in contents]

    def store(self, content: bytes) -> str:
        """Put bytes into the repository as a blob; gives its oid."""
        return self.run("hash-object", "-w", "--no-filters", "--stdin", given=content).decode().strip()

    def commit(
        self,
        branch: str,
        changes: Sequence[Change],
        message: str,
        *,
        author: str,
        parent: str | None = None,
        base: str | None = None,
    ) -> str:
        """Add one commit to a branch (or a whole ref name, refs/…) and give its oid.

        `parent` is the commit that the caller saw ('' for an empty branch); Conflict when the branch has
        moved. Without it the commit goes on top of what is there. `base` is what a branch that is not there
        yet begins with. Raises NotThere for a removal of what is not there, BadPath.
        """  # fmt: skip
        for change in changes:
            checked_path(change.path.rstrip("/") if change.folder else change.path)
        if not REVISION.match(branch):
            raise NoSuchRevision(branch[:200])
        ref = branch if branch.startswith("refs/") else f"refs/heads/{branch}"
        with self._lock:
            for left in range(TRIES, -1, -1):
                now = self.ref(ref)
                if parent is not None and parent != now:
                    raise Conflict(branch)
                old = now or base or ""
                new = self._commit_tree(self._tree_with(old, changes), old, message, author)
                try:
                    self._move(ref, new, now)
                except Conflict:  # a push by git came in between; it does not take the lock
                    if parent is not None or not left:
                        raise
                    continue
                return new
        raise Conflict(branch)

    def set_ref(self, ref: str, new: str, old: str | None = None) -> None:
        """Point a ref at a commit. Raises Conflict when it is not at `old` ('' : it must not exist)."""
        self._move(ref, new, old)

    def delete_ref(self, ref: str) -> bool:
        """Remove a ref; whether it was there."""
        if ref not in dict(self.refs()):
            return False
        self.run("update-ref", "-d", ref)
        return True

    def tag(self, name: str, commit: str, message: str, author: str) -> None:
        """Make a tag, an annotated one when there is a message. Raises Conflict when it is there."""
        target = commit
        if message:
            stamp = self.run("var", "GIT_COMMITTER_IDENT").decode().rsplit(">", 1)[1].strip()
            text = (
                f"object {commit}\ntype commit\ntag {name}\n"
                f"tagger {_clean(author)} <{WHO[1]}> {stamp}\n\n{message.replace(chr(0), '')}\n"
            )
            target = self.run("mktag", "--no-strict", given=text.encode("utf-8", "replace")).decode().strip()
        self._move(f"refs/tags/{name}", target, "")

    def squash(self, branch: str, message: str, author: str) -> str:
        """Replace a branch's history by one commit with the same tree."""
        with self._lock:
            now = self.ref(f"refs/heads/{branch}")
            if not now:
                raise NoSuchRevision(branch)
            tree = self.run("rev-parse", "--verify", "--end-of-options", f"{now}^{{tree}}").decode().strip()
            new = self._commit_tree(tree, "", message, author)
            self._move(f"refs/heads/{branch}", new, now)
            return new

    def compact(self) -> bool:
        """Put loose objects into a pack when there are many (judged by one of their 256 folders, as git does);
        whether it did. What nothing refers to stays."""
        try:
            loose = len(os.listdir(os.path.join(self.path, "objects", "17"))) * 256
        except FileNotFoundError:
            return False
        if loose < LOOSE:
            return False
        with self._lock:
            self.run("-c", "pack.compression=1", "repack", "-d", "-l", "-q")
        return True

    def orphan(self, message: str, author: str) -> str:
        """A commit without files and without parents, on no branch yet."""
        return self._commit_tree(self.run("mktree").decode().strip(), "", message, author)

    def export(self, commit: str, folder: str, objects: str = "") -> None:
        """Write a commit's files into an empty folder. Links that lead out of it are left out.

        `objects` is the hub's folder of large files: pointers to those that are there become the files.
        """
        from unstick.localhub.git_export import export

        export(self, commit, folder, objects)

    def _tree_with(self, base: str, changes: Sequence[Change]) -> str:
        """The tree of `base` after the changes, through an index of its own."""
        index = os.path.join(self.path, f"index-{threading.get_ident()}-{os.getpid()}")
        extra = {"GIT_INDEX_FILE": index}
        try:
            if base:
                self.run("read-tree", base, extra=extra)
            there: set[str] = set()
            if any(not change.oid for change in changes):
                names = self.run("ls-files", "-z", extra=extra).decode("utf-8", "surrogateescape")
                there = set(filter(None, names.split("\0")))
            text = "".join(line + "\0" for line in _index_lines(changes, there))
            words = ("update-index", "-z", "--add", "--remove", "--replace", "--index-info")
            self.run(*words, given=text.encode("utf-8", "surrogateescape"), extra=extra)
            return self.run("write-tree", extra=extra).decode().strip()
        finally:
            for name in (index, index + ".lock"):
                if os.path.exists(name):
                    os.unlink(name)

    def _commit_tree(self, tree: str, parent: str, message: str, author: str) -> str:
        extra = {"GIT_AUTHOR_NAME": _clean(author), "GIT_AUTHOR_EMAIL": WHO[1]}
        parents = ["-p", parent] if parent else []
        given = (message.replace("\0", "") or "commit").encode("utf-8", "replace")
        return self.run("commit-tree", tree, *parents, given=given, extra=extra).decode().strip()

    def _move(self, ref: str, new: str, old: str | None) -> None:
        if not REVISION.match(ref):
            raise NoSuchRevision(ref[:200])
        line = f"update {ref}\0{new}\0{'' if old is None else old or EMPTY}\0".encode()
        try:
            self.run("update-ref", "-z", "--stdin", given=line)
        except subprocess.CalledProcessError:
            if not self.heal(ref):
                raise Conflict(ref) from None
            try:
                self.run("update-ref", "-z", "--stdin", given=line)
            except subprocess.CalledProcessError:
                raise Conflict(ref) from None

    def heal(self, ref: str = HEAD) -> bool:
        """Take away the lock of a ref that a git process left when it was killed; whether there was one.

        A lock is held for milliseconds: one that is seconds old has nobody who would take it away.
        """
        lock = os.path.join(self.path, *ref.split("/")) + ".lock"
        while True:
            try:
                age = time.time() - os.stat(lock).st_mtime
            except OSError:
                return False
            if abs(age) > STALE:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(lock)
                return True
            time.sleep(0.1)


def _clean(author: str) -> str:
    """A name that can stand in a commit."""
    return "".join(c for c in author if c not in "<>" and ord(c) >= 32).strip() or WHO[0]


def _index_lines(changes: Sequence[Change], there: set[str]) -> list[str]:
    """The lines for `git update-index --index-info`, in the order of the changes; `there` are the files before
    them. Raises NotThere."""
    lines = []
    for change in changes:
        path = change.path.rstrip("/") if change.folder else change.path
        if change.oid:
            lines.append(f"100644 {change.oid}\t{path}")
            there.add(path)
            continue
        gone = [name for name in there if name.startswith(f"{path}/")] if change.folder else [path]
        if not gone or not there.issuperset(gone):
            raise NotThere(path)
        there.difference_update(gone)
        lines += [f"0 {EMPTY}\t{name}" for name in gone]
    return lines


def _section(name: str) -> str:
    """The name of a setting as its line in the file begins: 'core.fsync', 'receive.fsck.badTimezone'."""
    section, _, key = name.rpartition(".")
    whole, _, part = section.partition(".")
    return f'[{whole} "{part}"] {key}' if part else f"[{whole}] {key}"
