"""Offsets, lines and columns of one text."""

from __future__ import annotations

from bisect import bisect_right

from unstick.space.types import Place


class Lines:
    """Turns character offsets of `text` into lines and columns (both from 1) and back.

    Lines end at LF; a CR before it belongs to the line, so offsets stay those of the text as decoded.
    """

    __slots__ = ("path", "starts", "text")

    def __init__(self, text: str, path: str = "") -> None:
        self.text = text
        self.path = path
        starts = [0]
        at = text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
        self.starts = starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def offset(self, line: int, column: int = 1) -> int:
        """Offset of a line and column; what lies behind the text is cut to its end."""
        if line > len(self.starts):
            return len(self.text)
        return min(self.starts[max(line, 1) - 1] + column - 1, len(self.text))

    def line_text(self, line: int) -> str:
        """The text of one line without its end, or an empty string where there is no such line."""
        if not 1 <= line <= len(self.starts):
            return ""
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return self.text[self.starts[line - 1] : end].rstrip("\r\n")

    def place(self, start: int, end: int = -1) -> Place:
        """The place of the span `start` to `end` (an empty `end` means: just the point)."""
        line, column = self.position(start)
        return Place(self.path, line, column, start, end if end >= 0 else start)

    def byte_offset(self, line: int, column: int) -> int:
        """Offset of a line and a column counted in UTF-8 bytes from 0, as the `ast` module counts."""
        start = self.offset(line)
        text = self.text[start : start + column]
        if text.isascii():
            return start + column
        raw = self.text[start : start + column + 1].encode("utf-8", "surrogatepass")[:column]
        return start + len(raw.decode("utf-8", "ignore"))
