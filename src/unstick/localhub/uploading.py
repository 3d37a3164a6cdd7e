"""How a file is to be uploaded."""

from __future__ import annotations

import base64
import binascii

from unstick.contract.limits import limit
from unstick.localhub.listing import pointers_of
from unstick.record import TYPE_CHECKING
from unstick.space.ignore import IgnoreFile
from unstick.space.pushes import fits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from unstick.localhub.repository import Repository
    from unstick.localhub.store.objects import Held

MOST_FILES = 256
"""Files of one preupload (huggingface_hub 2.4, _commit_api)."""
MOST_RULES = 256 * 1024


def modes(
    repository: Repository,
    commit: str,
    files: Sequence[tuple[str, int, str]],
    ignore: str | None,
    held: Mapping[str, Held],
    large: bool,
) -> list[dict[str, Any]]:
    """For each file (path, size, sample in base64) what the client is to do with it.

    `ignore` is the text of a .gitignore that comes with the commit (None: the repository's own counts), `large`
    whether large and binary files go to LFS. `oid` is what the client compares with its own file, to leave
    out what has not changed: of large files their SHA-256, else git's.
    """  # fmt: skip
    there = repository.entries(commit, [path for path, _, _ in files]) if commit else {}
    rules = IgnoreFile(
        _text(repository, commit, ".gitignore") if ignore is None else ignore[:MOST_RULES], "git"
    )
    tracked = _tracked(_text(repository, commit, ".gitattributes")) if large else ()
    stand = pointers_of(repository, list(there.values()), held)
    out = []
    for path, size, sample in files:
        mode = "lfs" if large and _is_large(path, size, sample, tracked) else "regular"
        entry = there.get(path)
        row: dict[str, Any] = {"path": path, "uploadMode": mode, "shouldIgnore": rules.ignores(path)}
        if entry is not None and entry.kind == "file":
            pointer = stand.get(entry.oid)
            row["oid"] = pointer.oid if pointer is not None and mode == "lfs" else entry.oid
        out.append(row)
    return out


def _text(repository: Repository, commit: str, path: str) -> str:
    entry = repository.entry(commit, path) if commit else None
    if entry is None or entry.kind != "file":
        return ""
    return repository.read(entry.oid, MOST_RULES).decode("utf-8", "replace")


def _tracked(attributes: str) -> tuple[str, ...]:
    rows = (row.split() for row in attributes.splitlines() if not row.startswith("#"))
    return tuple(words[0] for words in rows if "filter=lfs" in words[1:])


def _is_large(path: str, size: int, sample: str, tracked: tuple[str, ...]) -> bool:
    """Large, binary, or named by .gitattributes. An empty file never is: there is nothing to store."""
    if size <= 0:
        return False
    try:
        start = base64.b64decode(sample)
    except (binascii.Error, ValueError):
        start = b""
    return size > limit("plain-file-bytes") or b"\0" in start or any(fits(rule, path) for rule in tracked)
