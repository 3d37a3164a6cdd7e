"""Repositories as bare git on disk, through git's own plumbing.

Nothing that comes from outside reaches git as an option: names are checked, and follow `--`, or go through
standard input. Nothing of a repository is executed: no hooks, no filters, no configuration of the machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

EMPTY = "0" * 40
CHUNK = 256 * 1024
HEAD = "refs/heads/main"
LONGEST_PATH = 1024
SHA = lazy(r"^[0-9a-f]{40}$")
REVISION = lazy(r"^(?!/|.*(?:/|\.lock|\.)$)(?!.*(?:\.\.|//|@\{|/\.|^\.))[A-Za-z0-9._/+-]{1,200}$")
WHO = ("unstick hub", "hub@localhost")


class NoSuchRevision(Exception):
    """A branch, tag or commit that is not there."""


class Conflict(Exception):
    """The branch moved on since the caller looked."""


class BadPath(ValueError):
    """A path that no file of a repository can have."""


class Item(NamedTuple):
    """One entry of a tree: `kind` is file, directory or link; `oid` git's; `size` in bytes (0 for folders)."""

    kind: str
    path: str
    oid: str
    size: int
    mode: str


class Commit(NamedTuple):
    """One commit: `at` seconds since 1970."""

    oid: str
    title: str
    message: str
    author: str
    at: int


class Change(NamedTuple):
    """One operation of a commit: write the blob `oid` at `path`, or remove the file or folder (`oid` '')."""

    path: str
    oid: str = ""
    folder: bool = False


def checked_path(path: str) -> str:
    """The path if a file of a repository can have it. Raises BadPath."""
    parts = path.split("/")
    if (
        not path
        or len(path.encode("utf-8", "surrogatepass")) > LONGEST_PATH
        or any(part in ("", ".", "..") or part.lower() == ".git" for part in parts)
        or any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) <= 0xDFFF for c in path)
        or "\\" in path
    ):
        raise BadPath(path[:200])
    return path


class Repository:
    """One bare repository. Methods block; call them in threads."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = threading.Lock()

    def create(self) -> None:
        """Make it on disk; what is there already stays."""
        os.makedirs(self.path, exist_ok=True)
        self._run("init", "--quiet", "--bare", "--initial-branch=main", "--template=", check_git=False)
        for name, value in (
            ("receive.fsckObjects", "true"), ("receive.denyDeleteCurrent", "true"), ("core.fsync", "committed"),
            ("http.receivepack", "true"), ("uploadpack.allowFilter", "true"), ("gc.auto", "0"),
        ):  # fmt: skip
            self._run("config", name, value)

    def remove(self) -> None:
        """Delete it from disk."""
        shutil.rmtree(self.path, ignore_errors=True)

    def copy_to(self, other: Repository) -> None:
        """Copy all branches and tags with their history."""
        other.create()
        other._run("fetch", "--quiet", "--no-write-fetch-head", "--", self.path, "+refs/*:refs/*")

    def resolve(self, revision: str) -> str:
        """The commit's oid of a branch, tag or (abbreviated) commit. Raises NoSuchRevision."""
        if not REVISION.match(revision):
            raise NoSuchRevision(revision[:200])
        for name in (f"refs/heads/{revision}", f"refs/tags/{revision}", f"refs/{revision}", revision):
            if (
                name == revision
                and not name.startswith("refs/")
                and not all(c in "0123456789abcdef" for c in name)
            ):
                continue
            done = self._try("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            if done is not None:
                return done.strip()
        raise NoSuchRevision(revision)

    def head(self) -> str:
        """The newest commit of main, or '' before the first one."""
        try:
            return self.resolve("main")
        except NoSuchRevision:
            return ""

    def refs(self) -> list[tuple[str, str]]:
        """Every ref with its commit."""
        text = self._run("for-each-ref", "--format=%(refname) %(objectname) %(*objectname)").decode()
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
        out = self._run(*arguments).decode("utf-8", "surrogateescape")
        return [_item(line, prefix) for line in out.split("\0") if line]

    def entry(self, commit: str, path: str) -> Item | None:
        """One file or folder, or None."""
        out = self._run("ls-tree", "-z", "-l", "--full-tree", commit, "--", f":(literal){checked_path(path)}")
        found = [_item(line, "") for line in out.decode("utf-8", "surrogateescape").split("\0") if line]
        return next((item for item in found if item.path == path), None)

    def read(self, oid: str, limit: int | None = None) -> bytes:
        """The bytes of a blob, the first `limit` of them."""
        out = bytearray()
        for piece in self.stream(oid):
            out += piece
            if limit is not None and len(out) >= limit:
                return bytes(out[:limit])
        return bytes(out)

    def stream(self, oid: str) -> Iterator[bytes]:
        """The bytes of a blob in pieces, with flat memory."""
        if not SHA.match(oid):
            raise NoSuchRevision(oid[:60])
        process = subprocess.Popen(
            self._command("cat-file", "blob", oid), env=_environment(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            while piece := process.stdout.read(CHUNK):
                yield piece
        finally:
            process.stdout.close()
            process.kill()
            process.wait()

    def store_file(self, path: str) -> str:
        """Put a file of this machine into the repository as a blob; gives its oid."""
        return self._run("hash-object", "-w", "--no-filters", "--", path).decode().strip()

    def store(self, content: bytes) -> str:
        """Put bytes into the repository as a blob; gives its oid."""
        return self._run("hash-object", "-w", "--no-filters", "--stdin", given=content).decode().strip()

    def commit(
        self, branch: str, changes: Sequence[Change], message: str, *, author: str, parent: str | None = None
    ) -> str:
        """Add one commit to a branch and give its oid.

        `parent` is the commit that the caller saw ('' for an empty branch); Conflict when the branch has
        moved. Without it the commit goes on top of what is there.
        """
        for change in changes:
            checked_path(change.path)
        if not REVISION.match(branch):
            raise NoSuchRevision(branch[:200])
        with self._lock:
            now = self._branch(branch)
            if parent is not None and parent != now:
                raise Conflict(branch)
            tree = self._tree_with(now, changes)
            new = self._commit_tree(tree, now, message, author)
            self._move(f"refs/heads/{branch}", new, now)
            return new

    def set_ref(self, ref: str, new: str, old: str | None = None) -> None:
        """Point a ref at a commit. Raises Conflict when it is not at `old` ('' : it must not exist)."""
        self._move(ref, new, old)

    def delete_ref(self, ref: str) -> bool:
        """Remove a ref; whether it was there."""
        known = dict(self.refs())
        if ref not in known:
            return False
        self._run("update-ref", "-d", ref)
        return True

    def squash(self, branch: str, message: str, author: str) -> str:
        """Replace a branch's history by one commit with the same tree."""
        with self._lock:
            now = self._branch(branch)
            if not now:
                raise NoSuchRevision(branch)
            tree = self._run("rev-parse", "--verify", "--end-of-options", f"{now}^{{tree}}").decode().strip()
            new = self._commit_tree(tree, "", message, author)
            self._move(f"refs/heads/{branch}", new, now)
            return new

    def log(self, commit: str, most: int = 50, skip: int = 0) -> list[Commit]:
        """The newest commits first."""
        form = "--format=%H%x00%an%x00%ct%x00%s%x00%b%x01"
        out = self._run("log", form, f"--max-count={most}", f"--skip={skip}", "--end-of-options", commit)
        rows = [row.strip("\n").split("\0") for row in out.decode("utf-8", "replace").split("\x01")]
        return [Commit(r[0], r[3], r[4].strip(), r[1], int(r[2])) for r in rows if len(r) == 5]

    def export(self, commit: str, folder: str) -> None:
        """Write a commit's files into an empty folder. Links that lead out of it are left out."""
        for item in self.tree(commit, recursive=True):
            target = os.path.join(folder, *item.path.split("/"))
            if item.kind == "directory":
                os.makedirs(target, exist_ok=True)
            elif item.kind == "link":
                self._export_link(item, target, folder)
            elif item.kind == "file":
                os.makedirs(os.path.dirname(target), exist_ok=True)
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
                with os.fdopen(
                    os.open(target, flags, 0o755 if item.mode == "100755" else 0o644), "wb"
                ) as file:
                    for piece in self.stream(item.oid):
                        file.write(piece)

    def _export_link(self, item: Item, target: str, folder: str) -> None:
        where = self.read(item.oid, LONGEST_PATH).decode("utf-8", "surrogateescape")
        inside = os.path.normpath(os.path.join(os.path.dirname(item.path), where))
        if not os.path.isabs(where) and inside != ".." and not inside.startswith("../") and "\0" not in where:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.symlink(where, target)

    def _branch(self, branch: str) -> str:
        done = self._try(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"refs/heads/{branch}^{{commit}}"
        )
        return done.strip() if done else ""

    def _tree_with(self, base: str, changes: Iterable[Change]) -> str:
        """The tree of `base` after the changes, through an index of its own."""
        index = os.path.join(self.path, f"index-{threading.get_ident()}-{os.getpid()}")
        extra = {"GIT_INDEX_FILE": index}
        try:
            if base:
                self._run("read-tree", base, extra=extra)
            lines = []
            for change in changes:
                if change.folder or not change.oid:
                    gone = self._below(change.path, extra) if change.folder else [change.path]
                    lines += [f"0 {EMPTY}\t{path}" for path in gone]
                else:
                    lines.append(f"100644 {change.oid}\t{change.path}")
            text = "".join(line + "\0" for line in lines).encode("utf-8", "surrogateescape")
            self._run(
                "update-index",
                "-z",
                "--add",
                "--remove",
                "--replace",
                "--index-info",
                given=text,
                extra=extra,
            )
            return self._run("write-tree", extra=extra).decode().strip()
        finally:
            for name in (index, index + ".lock"):
                if os.path.exists(name):
                    os.unlink(name)

    def _below(self, folder: str, extra: dict[str, str]) -> list[str]:
        literal = f":(literal){folder.rstrip('/')}"
        out = self._run("ls-files", "-z", "--", literal, extra=extra).decode("utf-8", "surrogateescape")
        return [path for path in out.split("\0") if path]

    def _commit_tree(self, tree: str, parent: str, message: str, author: str) -> str:
        clean = author.replace("<", "").replace(">", "").replace("\n", " ").strip() or WHO[0]
        extra = {"GIT_AUTHOR_NAME": clean, "GIT_AUTHOR_EMAIL": WHO[1]}
        parents = ["-p", parent] if parent else []
        given = (message.replace("\0", "") or "commit").encode("utf-8", "replace")
        return self._run("commit-tree", tree, *parents, given=given, extra=extra).decode().strip()

    def _move(self, ref: str, new: str, old: str | None) -> None:
        line = f"update {ref}\0{new}\0{'' if old is None else old or EMPTY}\0"
        try:
            self._run("update-ref", "-z", "--stdin", given=line.encode())
        except subprocess.CalledProcessError:
            raise Conflict(ref) from None

    def _try(self, *arguments: str) -> str | None:
        try:
            return self._run(*arguments).decode()
        except subprocess.CalledProcessError:
            return None

    def _command(self, *arguments: str) -> list[str]:
        return ["git", "-c", "core.hooksPath=/dev/null", f"--git-dir={self.path}", *arguments]

    def _run(
        self, *arguments: str, given: bytes = b"", extra: dict[str, str] | None = None, check_git: bool = True
    ) -> bytes:
        done = subprocess.run(
            self._command(*arguments), input=given, capture_output=True, check=check_git,
            env={**_environment(), **(extra or {})},
        )  # fmt: skip
        if done.returncode:
            raise OSError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_COMMITTER_NAME": WHO[0],
        "GIT_COMMITTER_EMAIL": WHO[1],
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }


def _item(line: str, prefix: str) -> Item:
    head, _, path = line.partition("\t")
    mode, kind, oid, size = head.split()
    kinds = {"tree": "directory", "blob": "link" if mode == "120000" else "file", "commit": "submodule"}
    return Item(kinds[kind], prefix + path, oid, int(size) if size.isdigit() else 0, mode)
