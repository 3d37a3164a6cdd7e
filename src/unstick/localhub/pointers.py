"""Git LFS pointers: the small file that stands in git for a large one (git-lfs specification, version 1)."""

from __future__ import annotations

import os

from unstick.patterns import lazy
from unstick.record import NamedTuple

LEAST, MOST = 110, 1024
"""Bytes that a pointer can have; what is longer or shorter is none."""
OID = lazy(r"^[0-9a-f]{64}\Z")
_POINTER = lazy(
    r"\Aversion https://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/v1\n(?:ext-[0-9]-[^\n]{1,200}\n)*"
    r"oid sha256:(?P<oid>[0-9a-f]{64})\nsize (?P<size>[0-9]{1,18})\n?\Z"
)


class Pointer(NamedTuple):
    """A large file: `oid` its SHA-256, `size` in bytes."""

    oid: str
    size: int


def parse(data: bytes) -> Pointer | None:
    """What a blob points at, or None when it is an ordinary file."""
    if not LEAST <= len(data) < MOST or not data.startswith(b"version "):
        return None
    found = _POINTER.match(data.decode("utf-8", "replace"))
    return None if found is None else Pointer(found["oid"], int(found["size"]))


def text(pointer: Pointer) -> bytes:
    """The blob that stands for a large file."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{pointer.oid}\nsize {pointer.size}\n".encode()


def place(folder: str, oid: str) -> str:
    """Where a large file is stored below the folder of objects. Raises ValueError for what is no SHA-256."""
    if not OID.match(oid):
        raise ValueError(oid[:80])
    return os.path.join(folder, oid[:2], oid[2:4], oid)
