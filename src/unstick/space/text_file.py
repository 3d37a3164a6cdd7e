"""Bytes to text and back, byte for byte."""

from __future__ import annotations

from unstick.record import NamedTuple


class TextFile(NamedTuple):
    """A file's text as decoded.

    A byte order mark stays in the text as its first character, line ends stay as they are. `encoding` is what
    `encode` needs to write it back. `cut` says that the file is larger than what was read, `binary` that it
    holds NUL bytes and is no text.
    """

    path: str
    text: str
    encoding: str = "utf-8"
    cut: bool = False
    binary: bool = False


def decode(path: str, data: bytes, cut: bool = False) -> TextFile:
    """Decode as UTF-16 or UTF-32 where a byte order mark says so, else as UTF-8 with odd bytes kept as
    surrogates.
    """
    if data[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
        encoding = "utf-32-le" if data[:1] == b"\xff" else "utf-32-be"
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16-le" if data[:1] == b"\xff" else "utf-16-be"
    else:
        text = data.decode("utf-8", "surrogateescape")
        return TextFile(path, text, "utf-8", cut, "\0" in text)
    text = data.decode(
        encoding, "surrogatepass" if encoding.startswith("utf-16") and not len(data) % 2 else "replace"
    )
    return TextFile(path, text, encoding, cut, "\0" in text)


def encode(text: str, encoding: str) -> bytes:
    """The bytes of a text that `decode` gave, edits included."""
    return text.encode(encoding, "surrogateescape" if encoding == "utf-8" else "surrogatepass")
