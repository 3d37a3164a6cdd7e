"""A hostile-safe view of a Space's files: on disk, or a few excerpts in memory."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from functools import cached_property

from unstick.errors import UnreadableError
from unstick.record import NamedTuple
from unstick.space.globs import has_wildcard, match_path
from unstick.space.text_file import TextFile, decode

MAX_TEXT = 4 * 1024 * 1024
MAX_README = 1024 * 1024
MAX_FILES = 20_000
MAX_INDEX = 32 * 1024 * 1024
LFS_HEAD = b"version https://git-lfs.github.com/spec/v1"
NOT_ENTERED = frozenset((".git", "node_modules", ".venv", "venv", "__pycache__", ".mypy_cache", ".tox"))
"""Folders that are never listed: git's own, and what tools write beside a checkout. Single names in them
can still be asked for.
"""


class Entry(NamedTuple):
    """One name of the tree. `kind` is file, folder, link or other (fifo, socket, device); `size` in bytes."""

    kind: str
    size: int = 0
    mode: int = 0o644


class Tree:
    """The files of a Space, by paths relative to its root with forward slashes.

    `complete` is False where only excerpts are known: what is not there is then unknown, not absent.
    `truncated` says that there were more files than `MAX_FILES`.
    """

    complete = True
    truncated = False
    root = ""

    @staticmethod
    def open(path: str) -> Tree:
        """The tree below a folder. Raises UnreadableError when it is not one."""
        if not os.path.isdir(path):
            raise UnreadableError("is not a folder", where=path, todo="Give the folder of a Space.")
        return DiskTree(path)

    @staticmethod
    def of(files: Mapping[str, str], complete: bool = False) -> Tree:
        """A tree of texts held in memory."""
        return MemoryTree(files, complete)

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Every name by path, sorted."""
        return {}

    def names(self) -> tuple[str, ...]:
        """The paths of all files and links, sorted."""
        return tuple(p for p, e in self.entries.items() if e.kind in ("file", "link"))

    def entry(self, path: str) -> Entry | None:
        """What stands at a path, links inside the tree followed; None when nothing does."""
        resolved = self.resolve(path)
        return None if resolved is None else self._look(resolved)

    def exists(self, path: str) -> bool:
        """Whether a file or folder of that path is known."""
        return normal(path) == "" or self.entry(path) is not None

    def is_file(self, path: str) -> bool:
        """Whether it is a regular file."""
        entry = self.entry(path)
        return entry is not None and entry.kind == "file"

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder."""
        if normal(path) == "":
            return True
        entry = self.entry(path)
        return entry is not None and entry.kind == "folder"

    def absent(self, path: str) -> bool:
        """Whether it is certain that nothing stands there: never so in a tree of excerpts."""
        return self.complete and not self.exists(path)

    def size(self, path: str) -> int:
        """Bytes of a file; 0 when it is not there."""
        entry = self.entry(path)
        return entry.size if entry else 0

    def executable(self, path: str) -> bool:
        """Whether a file carries an execute bit."""
        entry = self.entry(path)
        return entry is not None and bool(entry.mode & 0o111)

    def tracked(self, path: str) -> bool | None:
        """Whether git knows the file or something below the folder; None where there is no index to ask."""
        return None

    def glob(self, pattern: str) -> tuple[str, ...]:
        """Paths of files, folders and links that fit; `*` stays inside a segment, `**` crosses them."""
        pattern = normal(pattern)
        if not has_wildcard(pattern):
            return (pattern,) if self.exists(pattern) else ()
        return tuple(p for p in self.entries if match_path(pattern, p))

    def below(self, folder: str) -> Iterator[str]:
        """Paths of the files and links below a folder."""
        folder = normal(folder)
        prefix = folder + "/" if folder else ""
        return (p for p in self.names() if p.startswith(prefix))

    def other_case(self, path: str) -> str:
        """The path of a file that differs from `path` only in upper and lower case, or an empty string."""
        wanted = normal(path)
        return next((p for p in self.names() if p != wanted and p.lower() == wanted.lower()), "")

    def read_bytes(self, path: str, limit: int = MAX_TEXT) -> bytes | None:
        """The first `limit` bytes of a regular file, or None when there is none to read."""
        resolved = self.resolve(path)
        return None if resolved is None else self._read(resolved, limit)

    def read(self, path: str, limit: int = MAX_TEXT) -> TextFile | None:
        """A file's text with its encoding, or None when there is none to read."""
        data = self.read_bytes(path, limit)
        return None if data is None else decode(path, data, self.size(path) > limit)

    def read_text(self, path: str, limit: int = MAX_TEXT) -> str | None:
        """A file's text, or None when there is none to read or it is binary."""
        file = self.read(path, limit)
        return None if file is None or file.binary else file.text

    def is_lfs_pointer(self, path: str) -> bool:
        """Whether the file is a Git LFS pointer instead of its content."""
        return 0 < self.size(path) < 1024 and (self.read_bytes(path, 100) or b"").startswith(LFS_HEAD)

    def resolve(self, path: str) -> str | None:
        """The path with links followed by name only; None for what leads out of the tree or in circles."""
        wanted = normal(path)
        if wanted == "" or wanted.startswith("../") or wanted == "..":
            return None
        for _ in range(16):
            link = self._first_link(wanted)
            if not link:
                return wanted
            target = self._target(link)
            if target is None or target.startswith("/"):
                return None
            wanted = normal(f"{os.path.dirname(link)}/{target}{wanted[len(link) :]}")
            if wanted == "" or wanted.startswith(".."):
                return None
        return None

    def _first_link(self, path: str) -> str:
        if path in self.entries and self.entries[path].kind != "link":
            return ""
        at = 0
        while at >= 0:
            at = path.find("/", at + 1)
            head = path if at < 0 else path[:at]
            entry = self._look(head)
            if entry is not None and entry.kind == "link":
                return head
        return ""

    def _look(self, path: str) -> Entry | None:
        return self.entries.get(path)

    def _read(self, path: str, limit: int) -> bytes | None:
        raise NotImplementedError

    def _target(self, path: str) -> str | None:
        raise NotImplementedError


def normal(path: str) -> str:
    """A path without `.`, doubled slashes and inner `..`; an absolute one keeps no meaning and becomes
    relative.
    """
    if path and "/" not in path and path not in (".", ".."):
        return path
    out = os.path.normpath(path).lstrip("/") if path else ""
    return "" if out == "." else out


class MemoryTree(Tree):
    """Texts held in memory."""

    def __init__(self, files: Mapping[str, str], complete: bool = False) -> None:
        self.files = {normal(k): v for k, v in files.items()}
        self.complete = complete

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Every name by path, sorted; folders are those that the paths speak of."""
        out = {p: Entry("file", len(t.encode("utf-8", "surrogateescape"))) for p, t in self.files.items()}
        for path in self.files:
            while path := os.path.dirname(path):
                out.setdefault(path, Entry("folder", 0, 0o755))
        return dict(sorted(out.items()))

    def _read(self, path: str, limit: int) -> bytes | None:
        text = self.files.get(path)
        return None if text is None else text.encode("utf-8", "surrogateescape")[:limit]

    def _target(self, path: str) -> str | None:
        return None


class DiskTree(Tree):
    """A folder on disk. Nothing outside of it is ever opened, and only regular files are read."""

    def __init__(self, path: str, max_files: int = MAX_FILES) -> None:
        self.root = path
        self.max_files = max_files

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Every name by path, sorted; one walk, at most `max_files` names."""
        out: dict[str, Entry] = {}
        todo = [""]
        while todo:
            folder = todo.pop(0)
            try:
                with os.scandir(os.path.join(self.root, folder)) as rows:
                    for row in rows:
                        if len(out) >= self.max_files:
                            self.truncated = True
                            return dict(sorted(out.items()))
                        path = f"{folder}/{row.name}" if folder else row.name
                        if row.name == ".git":
                            continue
                        out[path] = entry = _entry_of(row)
                        if entry.kind == "folder" and row.name not in NOT_ENTERED:
                            todo.append(path)
            except OSError:
                continue
        return dict(sorted(out.items()))

    @cached_property
    def _index(self) -> frozenset[bytes] | None:
        """What git's index names; None where there is none that can be read."""
        at = os.path.join(self.root, ".git")
        if not os.path.isdir(at) or os.path.islink(at):
            return None
        from unstick.space.git_index import tracked_paths

        return tracked_paths(DiskTree(at)._read("index", MAX_INDEX) or b"")

    def tracked(self, path: str) -> bool | None:
        """Whether git knows the file or something below the folder; None where there is no index to ask."""
        return None if self._index is None else os.fsencode(normal(path)) in self._index

    def _look(self, path: str) -> Entry | None:
        entry = self.entries.get(path)
        if entry is not None or not (self.truncated or NOT_ENTERED.intersection(path.split("/")[:-1])):
            return entry
        if path.split("/", 1)[0] == ".git":
            return None
        return self._probe(path)

    def _probe(self, path: str) -> Entry | None:
        """Look at one name on disk, going through real folders only."""
        at = self.root
        entry: Entry | None = None
        for part in path.split("/"):
            if entry is not None and entry.kind != "folder":
                return None
            at = os.path.join(at, part)
            try:
                entry = _entry_from(os.lstat(at))
            except (OSError, ValueError):
                return None
        return entry

    def _read(self, path: str, limit: int) -> bytes | None:
        entry = self._look(path)
        if entry is None or entry.kind != "file":
            return None
        try:
            # O_NONBLOCK and the second look: the name may have become a fifo or a link since the walk.
            handle = os.open(
                os.path.join(self.root, path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            )
        except (OSError, ValueError):
            return None
        with open(handle, "rb", buffering=0) as file:
            try:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    return None
                return _read_up_to(file, limit)
            except OSError:
                return None

    def _target(self, path: str) -> str | None:
        try:
            return os.readlink(os.path.join(self.root, path))
        except (OSError, ValueError):
            return None


def _read_up_to(file: object, limit: int) -> bytes:
    parts: list[bytes] = []
    while limit > 0:
        part: bytes = file.read(limit)  # type: ignore[attr-defined]
        if not part:
            break
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


def _entry_of(row: os.DirEntry[str]) -> Entry:
    try:
        return _entry_from(row.stat(follow_symlinks=False))
    except OSError:
        return Entry("other")


def _entry_from(status: os.stat_result) -> Entry:
    mode = status.st_mode
    if stat.S_ISREG(mode):
        return Entry("file", status.st_size, mode & 0o7777)
    if stat.S_ISDIR(mode):
        return Entry("folder", 0, mode & 0o7777)
    return Entry("link" if stat.S_ISLNK(mode) else "other", 0, mode & 0o7777)
