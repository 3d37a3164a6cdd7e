"""Taking files out of the whole history of a repository."""

from __future__ import annotations

import subprocess

from unstick.localhub import pointers
from unstick.localhub.git_process import environment
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

    from unstick.localhub.repository import Repository
    from unstick.localhub.store.objects import Held


def without(repository: Repository, gone: Sequence[Held]) -> None:
    """Rewrite every branch and tag so that no commit has a pointer to one of these large files. Raises OSError
    when git does not do it; the refs then stay as they were."""
    oids = set(repository.store_many([pointers.text(pointers.Pointer(one.oid, one.size)) for one in gone]))
    export = subprocess.Popen(
        repository.command(
            "fast-export", "--no-data", "--signed-tags=strip", "--tag-of-filtered-object=drop", "--all"
        ),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(),
    )  # fmt: skip
    take = subprocess.Popen(
        repository.command("fast-import", "--quiet", "--force", "--date-format=raw-permissive"),
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    assert export.stdout is not None and take.stdin is not None
    try:
        for piece in _filtered(export.stdout, oids):
            take.stdin.write(piece)
    except BrokenPipeError:
        pass  # fast-import says below what was wrong
    finally:
        failed = export.wait() != 0
        if failed:
            take.kill()  # without its last word it moves no ref
        _, said = take.communicate()
    if failed or take.returncode:
        raise OSError(f"the history cannot be rewritten: {said.decode(errors='replace')[:300]}")


def _filtered(stream: IO[bytes], oids: set[str]) -> Iterator[bytes]:
    """A fast-export stream in which those blobs are deletions of their paths."""
    while line := stream.readline():
        if line.startswith(b"data "):
            yield line
            yield stream.read(int(line[5:]))
            continue
        words = line.split(b" ", 3)
        if words[0] == b"M" and len(words) == 4 and words[2].decode() in oids:
            yield b"D " + words[3]
            continue
        yield line
