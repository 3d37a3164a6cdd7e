"""Colours, written as they are: a library for it would cost more time than the diagnosis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_COLORS = {
    "bold": "1", "dim": "2", "for": "32", "against": "31", "bar": "36", "added": "32", "removed": "31",
    "hunk": "36", "code": "36",
}  # fmt: skip


class Painter:
    """Puts colours around text, or leaves it alone when it is not `on`."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, color: str, text: str) -> str:
        """The text in one of the named colours: bold, dim, for, against, bar, added, removed, hunk, code."""
        return f"\x1b[{_COLORS[color]}m{text}\x1b[0m" if self.on and text.strip() else text

    def code(self, lines: Sequence[str]) -> Iterator[str]:
        """Lines with what stands between backquotes coloured, also across lines; without colour they stay."""
        inside = False
        for line in lines:
            if not self.on:
                yield line
                continue
            pieces = line.split("`")
            painted = [
                self("code", piece) if (i % 2 == 1) != inside else piece for i, piece in enumerate(pieces)
            ]
            inside = inside != (len(pieces) % 2 == 0)
            yield "".join(painted)
