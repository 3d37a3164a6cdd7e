"""What a push by git has to pass before any ref moves; run by git itself, as its pre-receive hook.

Git has put what was sent into quarantine: what is refused here leaves nothing behind. The hub tells the hook by
its environment what it needs to know of the repository.
"""

from __future__ import annotations

import os
import sys

from unstick.localhub import metadata, pointers, wording
from unstick.localhub.git_types import EMPTY, BadPath, checked_path, item
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from unstick.localhub.git_types import Item

KIND, ROOM, HELD = "UNSTICK_KIND", "UNSTICK_ROOM", "UNSTICK_HELD"
"""space, model or dataset · the bytes that still fit · a file with the SHA-256 of each large file it has."""
HOOK = '#!/bin/sh\nexec "$UNSTICK_PYTHON" -P -m unstick.localhub.receiving\n'
LOOKED_AT = 8000
"""Bytes in which a zero makes a file binary, as git itself looks for it."""
SHOWN = 10


def install(folder: str) -> None:
    """Write the hook into a folder. Raises OSError where files may not be run: git would pass it over silently."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path = os.path.join(folder, "pre-receive")
    with open(path, "w", encoding="ascii") as file:
        file.write(HOOK)
    os.chmod(path, 0o700)
    if not os.access(path, os.X_OK):
        raise OSError(f"{path} cannot be run there: pushes would go unchecked")


def main() -> int:
    """Judge the push on standard input; the lines printed are shown by the client behind `remote:`."""
    rows = [line.split() for line in sys.stdin]
    said = list(judge([(old, new, ref) for old, new, ref in rows]))
    sys.stderr.write("".join(f"{line}\n" for line in said))
    return 1 if said else 0


def judge(updates: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Why a push (old commit, new commit, ref of each update) is refused, in lines; nothing when it is taken."""
    new = []
    for _, commit, ref in updates:
        if not ref.startswith(("refs/heads/", "refs/tags/")):
            yield f"You may push branches and tags only, not {_plain(ref)}"
        elif commit != EMPTY:
            new.append((commit, ref))
    if not new:
        return
    yield from _size()
    for commit, ref in new:
        if ref.startswith("refs/heads/"):
            yield from _readme(commit)
    yield from _files([commit for commit, _ in new])


def _size() -> Iterator[str]:
    room = int(os.environ.get(ROOM, "0"))
    quarantine = os.environ.get("GIT_QUARANTINE_PATH", "")
    sent = 0
    for folder, _, names in os.walk(quarantine):
        sent += sum(os.lstat(os.path.join(folder, name)).st_size for name in names)
    if sent > room:
        yield f"batch response: {wording.FULL}"


def _readme(commit: str) -> Iterator[str]:
    found = next((one for one in _tree(commit, "README.md") if one.path == "README.md"), None)
    if found is None or found.kind != "file" or found.size > metadata.MOST_README:
        return
    verdict = metadata.verdict(_git("cat-file", "blob", found.oid), os.environ.get(KIND, "space"))
    if verdict.errors:
        yield wording.METADATA
        yield from (f" - Error: {_plain(text)}" for text in verdict.errors)


def _files(commits: list[str]) -> Iterator[str]:
    """The files that are new with this push, in any of its commits."""
    sizes = _new_blobs(commits)
    there: dict[str, Item] = {}
    for commit in commits:
        for one in _tree(commit):
            there[one.path] = one
    odd = [path for path in there if not _is_fine(path)]
    if odd:
        yield "Your push was rejected because of names that no file may have:"
        yield from (f" - {_plain(path)}" for path in odd[:SHOWN])
    names = {one.oid: path for path, one in there.items()}
    large = [oid for oid, size in sizes.items() if size > 10_000_000]
    if large:
        yield from wording.TOO_LARGE
    yield from (f" - {_plain(names.get(oid, oid))}" for oid in large[:SHOWN])
    binary, missing = [], []
    held = _held()
    for oid, start in _starts([oid for oid, size in sizes.items() if 0 < size <= 10_000_000]):
        if b"\0" in start:
            binary.append(oid)
        elif (pointer := pointers.parse(start)) is not None and pointer.oid not in held:
            missing.append(oid)
    if binary:
        yield from wording.BINARY
        yield from (f" - {_plain(names.get(oid, oid))}" for oid in binary[:SHOWN])
    if missing:
        yield from wording.NO_OBJECT
        yield "Offending files:"
        yield from (f" - {_plain(names.get(oid, oid))}" for oid in missing[:SHOWN])


def _new_blobs(commits: list[str]) -> dict[str, int]:
    """The blobs that no ref reached before, with their sizes."""
    listed = _git("rev-list", "--objects", "--no-object-names", *commits, "--not", "--all")
    rows = _git("cat-file", "--batch-check", given=listed).split(b"\n")
    return {
        words[0].decode(): int(words[2])
        for row in rows
        if len(words := row.split()) == 3 and words[1] == b"blob"
    }


def _starts(oids: list[str]) -> Iterator[tuple[str, bytes]]:
    """The first bytes of blobs, one process for all of them."""
    import subprocess

    process = subprocess.Popen(["git", "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    try:
        for oid in oids:
            process.stdin.write(f"{oid}\n".encode())
            process.stdin.flush()
            left = int(process.stdout.readline().split()[2]) + 1
            start = process.stdout.read(min(left, LOOKED_AT + 1))
            left -= len(start)
            while left:
                left -= len(process.stdout.read(min(left, 1024 * 1024)))
            yield oid, start[:LOOKED_AT] if len(start) > LOOKED_AT else start[:-1]
    finally:
        process.stdin.close()
        process.kill()
        process.wait()


def _tree(commit: str, path: str = "") -> list[Item]:
    words = ["ls-tree", "-l", "-z", "--full-tree", *([] if path else ["-r", "-t"]), commit]
    out = _git(*words, *(["--", path] if path else [])).decode("utf-8", "surrogateescape")
    return [item(line) for line in out.split("\0") if line]


def _is_fine(path: str) -> bool:
    try:
        return bool(checked_path(path))
    except BadPath:
        return False


def _held() -> frozenset[str]:
    path = os.environ.get(HELD, "")
    if not path:
        return frozenset()
    with open(path, encoding="ascii") as file:
        return frozenset(file.read().split())


def _git(*words: str, given: bytes = b"") -> bytes:
    import subprocess

    return subprocess.run(["git", *words], input=given, stdout=subprocess.PIPE, check=True).stdout


def _plain(text: str) -> str:
    """Nothing of a file's name steers the terminal that shows it."""
    return "".join(c if c.isprintable() else "?" for c in text.encode("utf-8", "replace").decode())[:200]


if __name__ == "__main__":
    sys.exit(main())
