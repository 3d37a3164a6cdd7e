"""What build steps do to the files of an image, kept as a short list of operations.

Nothing is listed: the state of one path is worked out on demand by letting every operation act on it in turn.
A repository of ten thousand files costs no more than one of ten.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from unstick.record import NamedTuple
from unstick.space.globs import has_wildcard, match_path
from unstick.space.types import Place


class State(NamedTuple):
    """One path of an image.

    `exists` is None where it cannot be told. `kind` is 'folder', 'file' or '' (not known). `uid`, `gid` and
    `mode` are -1 where not known. `place` is the instruction that made it, `source` the repository's path it
    was copied from.
    """

    exists: bool | None = False
    kind: str = ""
    uid: int = -1
    gid: int = -1
    mode: int = -1
    place: Place | None = None
    source: str | None = None


class Operation(NamedTuple):
    """One thing a build step does.

    `kind` is make (folder with its parents), file (write a file), fill (unknown things inside a folder),
    copy, own, mode, remove or link. `recursive` is that of chown, chmod and rm. `sure` is False below a
    condition.
    """

    kind: str
    path: str
    uid: int = -1
    gid: int = -1
    recursive: bool = False
    change: Callable[[int, bool], int] | None = None
    lookup: Callable[[str], State] | None = None
    target: str = ""
    place: Place | None = None
    sure: bool = True


def inside(path: str, folder: str) -> bool:
    """Whether `path` lies below `folder` (not: is it)."""
    return path.startswith(folder if folder.endswith("/") else folder + "/")


def join(*parts: str) -> str:
    """An absolute, normal path inside the image."""
    return posixpath.normpath(posixpath.join("/", *parts)).replace("//", "/")


def parents(path: str) -> list[str]:
    """The folders above a path, the nearest first, ending in the root."""
    out = []
    while path != "/":
        path = posixpath.dirname(path)
        out.append(path)
    return out


def apply(operation: Operation, path: str, state: State) -> State:
    """The state of `path` after one operation."""
    return _ACTIONS[operation.kind](operation, path, state)


def _make(op: Operation, path: str, state: State) -> State:
    if state.exists or not (path == op.path or inside(op.path, path)):
        return state
    if state.exists is None and op.uid != state.uid:
        return State(True, "folder", state.uid, state.gid, state.mode, state.place)
    return State(True, "folder", op.uid, op.gid, 0o755, op.place)


def _file(op: Operation, path: str, state: State) -> State:
    if path != op.path or state.exists:
        return state
    return State(True if op.sure else None, "file", op.uid, op.gid, 0o644, op.place)


def _fill(op: Operation, path: str, state: State) -> State:
    if path == op.path or inside(op.path, path):
        return _make(op, path, state)
    if not inside(path, op.path) or state.exists:
        return state
    return State(None, "", op.uid, op.gid, -1, op.place)


def _copy(op: Operation, path: str, state: State) -> State:
    if inside(op.path, path):
        return _make(op._replace(uid=max(op.uid, 0), gid=max(op.gid, 0)), path, state)
    if path != op.path and not inside(path, op.path):
        return state
    found = op.lookup(path) if op.lookup else State(None)
    if found.exists is False:
        return state
    if state.exists and state.kind == "folder" and found.kind == "folder":
        return state
    uid, gid = (found.uid, found.gid) if op.uid == -1 else (max(op.uid, -1), max(op.gid, -1))
    mode = op.change(found.mode, found.kind == "folder") if op.change else found.mode
    return State(found.exists, found.kind, uid, gid, mode, op.place, found.source)


def _touched(op: Operation, path: str) -> bool:
    if has_wildcard(op.path):
        depth = op.path.count("/") + 1
        head = "/".join(path.split("/")[:depth])
        return match_path(op.path.lstrip("/"), head.lstrip("/")) and (op.recursive or head == path)
    return path == op.path or (op.recursive and inside(path, op.path))


def _own(op: Operation, path: str, state: State) -> State:
    if state.exists is False or not _touched(op, path):
        return state
    return state._replace(uid=op.uid, gid=op.gid if op.gid >= 0 else state.gid, place=op.place)


def _mode(op: Operation, path: str, state: State) -> State:
    if state.exists is False or not _touched(op, path) or op.change is None:
        return state
    return state._replace(mode=op.change(state.mode, state.kind != "file"))


def _remove(op: Operation, path: str, state: State) -> State:
    gone = _touched(op._replace(recursive=True), path)
    return State(False if op.sure else None, uid=state.uid, gid=state.gid) if gone else state


def _link(op: Operation, path: str, state: State) -> State:
    return state


_ACTIONS: dict[str, Callable[[Operation, str, State], State]] = {
    "make": _make,
    "file": _file,
    "fill": _fill,
    "copy": _copy,
    "own": _own,
    "mode": _mode,
    "remove": _remove,
    "link": _link,
}


def numeric_mode(word: str) -> Callable[[int, bool], int] | None:
    """What `chmod WORD` does to a mode, given whether the thing is a folder; None for a word that is no
    mode.
    """
    if word.isdigit() and len(word) <= 5:
        try:
            bits = int(word, 8)
        except ValueError:
            return None
        return lambda mode, folder: bits
    clauses = [_clause(part) for part in word.split(",")]
    if not word or any(c is None for c in clauses):
        return None

    def change(mode: int, folder: bool) -> int:
        mode = (0o755 if folder else 0o644) if mode < 0 else mode
        for who, sign, bits, only_folders in (c for c in clauses if c):
            part = bits | (0o111 if only_folders and (folder or mode & 0o111) else 0)
            wanted = part & who
            mode = mode | wanted if sign == "+" else mode & ~wanted if sign == "-" else (mode & ~who) | wanted
        return mode

    return change


def _clause(text: str) -> tuple[int, str, int, bool] | None:
    who, at = 0, 0
    while at < len(text) and text[at] in "ugoa":
        who |= {"u": 0o4700, "g": 0o2070, "o": 0o0007, "a": 0o6777}[text[at]]
        at += 1
    if at >= len(text) or text[at] not in "+-=":
        return None
    sign, letters = text[at], text[at + 1 :]
    if set(letters) - set("rwxXst"):
        return None
    bits = (
        (0o444 if "r" in letters else 0) | (0o222 if "w" in letters else 0) | (0o111 if "x" in letters else 0)
    )
    bits |= 0o1000 if "t" in letters else 0
    return (who or 0o755) | (0o1000 if "t" in letters else 0), sign, bits, "X" in letters
