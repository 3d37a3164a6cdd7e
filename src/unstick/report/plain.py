"""Our own Markdown pages for a terminal: headings, paragraphs, lists, code, wrapped to its width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unstick.report.paint import Painter
from unstick.text import printable, wrap

WIDEST = 100


def terminal(markdown: str, *, columns: int = 80, color: bool = False) -> str:
    """A page in Markdown as text for a terminal, ending in a newline.

    Indented blocks and fences are kept as they are, everything else is wrapped; nothing in it can drive the
    terminal.
    """
    columns = min(max(columns, 40), WIDEST)
    paint = Painter(color)
    blocks = printable(markdown, lines=True).strip("\n").split("\n\n")
    return "\n\n".join("\n".join(_block(block, columns, paint)) for block in blocks if block.strip()) + "\n"


def _block(block: str, columns: int, paint: Painter) -> Iterator[str]:
    """One block: a heading, code, a list or a paragraph."""
    lines = block.split("\n")
    if lines[0].startswith("#"):
        yield paint("bold", lines[0].lstrip("#").strip())
        if lines[1:]:
            yield from _block("\n".join(lines[1:]), columns, paint)
        return
    if lines[0].startswith(("    ", "```")):
        yield from (
            f"    {line.strip()}" if line.startswith("```") else line for line in lines if line != "```"
        )
        return
    for item in _items(lines):
        mark = _mark(item)
        text = item[len(mark) :].replace("**", "")
        lead = "  " + mark if mark else ""
        yield from paint.code(wrap(text, columns, first=lead, rest=" " * len(lead)))


def _items(lines: Sequence[str]) -> Iterator[str]:
    """The items of a list, or the paragraph as one."""
    item = ""
    for line in lines:
        if _mark(line) and item:
            yield item
            item = line
        else:
            item = f"{item} {line}" if item else line
    yield item


def _mark(line: str) -> str:
    """What a list's item begins with: '- ', '12. ' or nothing."""
    if line.startswith(("- ", "* ")):
        return line[:2]
    number, dot, _ = line.partition(". ")
    return number + dot if dot and number.isdecimal() and len(number) < 3 else ""
