"""What a repository is made of, and which names and paths it may have."""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import NamedTuple

EMPTY = "0" * 40
CHUNK = 256 * 1024
HEAD = "refs/heads/main"
LONGEST_PATH = 1024
SHA = lazy(r"^[0-9a-f]{40}\Z")
SHORT_SHA = lazy(r"^[0-9a-f]{7,40}\Z")
REVISION = lazy(
    r"^(?!/|-|.*(?:/|\.lock|\.)\Z)(?!.*(?:\.\.|//|@\{|/\.|/-|^\.|\.lock/))[A-Za-z0-9._/+-]{1,200}\Z"
)


class NoSuchRevision(Exception):
    """A branch, tag or commit that is not there."""


class Conflict(Exception):
    """The branch moved on since the caller looked."""


class NotThere(Exception):
    """A file or folder that a commit wants to remove and that is not there."""


class BadPath(ValueError):
    """A path that no file of a repository can have."""


class Item(NamedTuple):
    """One entry of a tree: `kind` is file, directory, link or submodule; `oid` git's; `size` in bytes (0 for
    folders)."""

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
        or any(_odd_part(part) for part in parts)
        or any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) <= 0xDFFF for c in path)
        or "\\" in path
    ):
        raise BadPath(path[:200])
    return path


def _odd_part(part: str) -> bool:
    """Names that git or a file system takes for something else: among them the forms of .git on systems that
    drop characters or keep short names (git's own check, CVE-2014-9390 and after)."""
    if part in ("", ".", "..") or len(part.encode("utf-8", "surrogatepass")) > 255:
        return True
    plain = "".join(c for c in part if c not in _IGNORED).rstrip(" .").lower().partition(":")[0].rstrip(" .")
    return plain in (".git", "git~1")


_IGNORED = frozenset(
    "\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u206a\u206b\u206c\u206d\u206e\u206f\ufeff"
)
"""Characters that HFS+ leaves out when it compares names."""


def item(line: str, prefix: str = "") -> Item:
    """One line of `git ls-tree -l -z`."""
    head, _, path = line.partition("\t")
    mode, kind, oid, size = head.split()
    kinds = {"tree": "directory", "blob": "link" if mode == "120000" else "file", "commit": "submodule"}
    return Item(kinds[kind], prefix + path, oid, int(size) if size.isdigit() else 0, mode)
