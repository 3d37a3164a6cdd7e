"""The paths that git tracks, read from its index."""

from __future__ import annotations

MAX_ENTRIES = 200_000


def tracked_paths(data: bytes) -> frozenset[bytes] | None:
    """The paths of an index of version 2 or 3, and the folders above them; None for anything else.

    Layout (git's index-format): a header of 12 bytes; for each entry 62 bytes (64 with extended flags) and
    the path, padded with 1 to 8 NUL bytes to a multiple of 8.
    """
    if data[:4] != b"DIRC" or data[4:8] not in (b"\0\0\0\2", b"\0\0\0\3"):
        return None
    out: set[bytes] = set()
    at = 12
    for _ in range(min(int.from_bytes(data[8:12], "big"), MAX_ENTRIES)):
        start = at + (64 if data[at + 60 : at + 61] >= b"\x40" and data[at + 60] & 0x40 else 62)
        end = data.find(b"\0", start)
        if end <= start:
            return None
        path = data[start:end]
        while path not in out:
            out.add(path)
            head, slash, _ = path.rpartition(b"/")
            if not slash:
                break
            path = head
        at += (end - at) // 8 * 8 + 8
    return frozenset(out)
