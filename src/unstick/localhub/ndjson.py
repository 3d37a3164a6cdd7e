"""The lines of a commit, read as they arrive: memory stays flat however long a line is.

A file comes as one JSON string in base64 on one line, whatever its size. A string longer than `LONG` therefore
never becomes one: it is decoded piece by piece into a file, and a mark stands for it in the line.
"""

from __future__ import annotations

import binascii
import os
import secrets

import msgspec

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import BinaryIO

LONG = 1024 * 1024
"""Bytes of a JSON string from which on it goes to disk."""
MOST_LINE = 4 * 1024 * 1024
"""Bytes of a line without its long string."""


class BadLine(ValueError):
    """A line that is no JSON object of the kind a commit is made of."""


class TooMuch(Exception):
    """More content than there is room for."""


class Line(NamedTuple):
    """One line: its JSON bytes, and where its long string stands now: `spilled` is the path of a file with what
    the base64 decodes to, `mark` the text that stands for it in the JSON ('' : there was none)."""

    data: bytes
    mark: str = ""
    spilled: str = ""


class Splitter:
    """Takes the pieces of a body and gives its lines. `folder` is where long strings are put, `most` how many
    bytes they may come to."""

    def __init__(self, folder: str, most: int) -> None:
        self._folder = folder
        self._left = most
        self._line = bytearray()
        self._inside = False  # of a string
        self._escape = b""  # of an escape sequence that is cut
        self._start = 0  # where the string begins in the line
        self._spill: _Spill | None = None
        self._spilled: tuple[str, str] | None = None
        self._number = 0

    def feed(self, piece: bytes) -> list[Line]:
        """The lines that end within the next piece. Raises BadLine, TooMuch."""
        out: list[Line] = []
        at = 0
        newline = piece.find(b"\n")
        while at < len(piece):
            if self._inside:
                at = self._string(piece, at)
                continue
            if 0 <= newline < at:  # looked for once a line, or many strings on a long one would take for ever
                newline = piece.find(b"\n", at)
            end = len(piece) if newline < 0 else newline
            quote = piece.find(b'"', at, end)
            if quote >= 0:
                self._line += piece[at : quote + 1]
                self._inside, self._start = True, len(self._line)
                at = quote + 1
                self._check()
                continue
            self._line += piece[at:end]
            self._check()
            at = end + 1
            if newline >= 0:
                out += self._ended()
        return out

    def close(self) -> list[Line]:
        """The last line, when the body does not end in a line break. Raises BadLine for one that is cut."""
        if self._inside or self._escape:
            raise BadLine("the body ends within a string")
        return self._ended()

    def abandon(self) -> None:
        """Close what is open."""
        if self._spill is not None:
            self._spill.file.close()

    def _check(self) -> None:
        if len(self._line) > MOST_LINE:
            raise BadLine(f"a line without its content is longer than {MOST_LINE} bytes")

    def _string(self, piece: bytes, at: int) -> int:
        """Take a string's bytes from `at` on; gives where it goes on after them."""
        if self._escape:  # one byte is enough: no escape holds a quotation mark after its first
            self._put(self._escape + piece[at : at + 1])
            self._escape = b""
            return at + 1
        end = piece.find(b'"', at)
        stop = len(piece) if end < 0 else end
        back = piece.find(b"\\", at, stop)
        while back >= 0:  # skip over escapes, so that \" does not end the string
            if back + 1 >= len(piece):
                self._put(piece[at:back])
                self._escape = b"\\"
                return len(piece)
            if back + 1 == stop:
                end = piece.find(b'"', back + 2)
                stop = len(piece) if end < 0 else end
            back = piece.find(b"\\", back + 2, stop)
        self._put(piece[at:stop])
        if end < 0:
            return len(piece)
        self._closed()
        return end + 1

    def _put(self, data: bytes) -> None:
        if self._spill is not None:
            self._left -= self._spill.write(data)
            if self._left < 0:
                raise TooMuch
            return
        self._line += data
        if len(self._line) - self._start > LONG:
            if self._spilled is not None:
                raise BadLine("two strings of one line are longer than a content may be")
            self._number += 1
            self._spill = _Spill(os.path.join(self._folder, f"long-{self._number}"))
            begun = bytes(self._line[self._start :])
            del self._line[self._start :]
            self._put(begun)
        self._check()

    def _closed(self) -> None:
        self._inside = False
        if self._spill is not None:
            self._spill.close()
            mark = secrets.token_hex(16)
            self._spilled = (mark, self._spill.path)
            self._spill = None
            self._line += mark.encode()
        self._line += b'"'

    def _ended(self) -> list[Line]:
        data = bytes(self._line).strip()
        mark, spilled = self._spilled or ("", "")
        self._line.clear()
        self._spilled = None
        return [Line(data, mark, spilled)] if data else []


class _Spill:
    """A long string on its way into a file: JSON escapes and base64 taken off piece by piece."""

    def __init__(self, path: str) -> None:
        self.path = path
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        self.file: BinaryIO = os.fdopen(os.open(path, flags, 0o600), "wb")
        self._escaped = b""
        self._rest = b""
        self._padded = False

    def write(self, data: bytes) -> int:
        """Take more of it; gives how many bytes that made. Raises BadLine."""
        text = self._escaped + data
        self._escaped = b""
        if b"\\" in text:
            text = self._unescaped(text)
        text = self._rest + text
        whole = len(text) - len(text) % 4
        self._rest = text[whole:]
        return self._decode(text[:whole])

    def _unescaped(self, text: bytes) -> bytes:
        last = text.rfind(b"\\", max(0, len(text) - 6))
        if last >= 0 and text[last + 1 : last + 2] == b"u" and last + 6 > len(text):
            text, self._escaped = text[:last], text[last:]
        try:
            return str(msgspec.json.decode(b'"' + text + b'"')).encode("ascii")
        except (msgspec.DecodeError, UnicodeError):
            raise BadLine("a content is no base64") from None

    def _decode(self, text: bytes) -> int:
        if not text:
            return 0
        if self._padded:
            raise BadLine("a content goes on after its padding")
        try:
            data = binascii.a2b_base64(text, strict_mode=True)
        except binascii.Error as error:
            raise BadLine(f"a content is no base64: {error}") from None
        self._padded = text.endswith(b"=")
        self.file.write(data)
        return len(data)

    def close(self) -> None:
        """The string has ended."""
        self.file.close()
        if self._rest or self._escaped:
            raise BadLine("a content is no base64: its length is no multiple of four")
