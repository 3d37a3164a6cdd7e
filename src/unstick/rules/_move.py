"""Edits that put a block where the Hub looks for it: at the very top, between two lines of dashes."""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules._block import end_of_fields, newline
from unstick.space.types import Edit

if TYPE_CHECKING:
    from unstick.space import Space

_FENCE = lazy(r"[ \t]*(?:`{3,}|~{3,})[ \t]*[A-Za-z]*[ \t]*\r?\n")
_FENCE_END = lazy(r"[ \t]*(?:`{3,}|~{3,})[ \t]*(?:\r?\n|$)")
_RULER = lazy(r"[-–—_=*+]+(?:[ \t]*ya?ml)?")
_BLANK = lazy(r"(?:[ \t]*\r?\n)*")


def move_to_top(space: Space) -> tuple[Edit, ...]:
    """The edits that move the block to the first line, give it lines of dashes, and take it out of a code
    fence.

    Only white space before it, or a byte order mark, is simply taken out. What stood above it follows after
    it.
    """
    readme = space.readme
    if readme.file is None or readme.file.encoding != "utf-8" or readme.file.cut:
        return ()
    text = readme.text
    start = readme.open.start if readme.open else readme.start
    last = readme.end if readme.close else end_of_fields(text, readme.start)
    stop = _line_end(text, max((readme.close.end if readme.close else last) - 1, start))
    if readme.open is None:
        start, stop = _with_rulers(text, start, stop)
    end = newline(text)
    body = text[readme.start : last].strip("\r\n").rstrip()
    block = f"---{end}{body}{end}---{end}"
    if not text[:start].strip("\ufeff \t\r\n"):
        return (Edit(readme.path, 0, stop, block, True, "put the block at the very top"),)
    start, stop = _with_fence(text, start, stop)
    mark = 1 if text[:1] == "\ufeff" else 0
    return (
        Edit(readme.path, 0, mark, f"{block}{end}", True, "put the block at the very top"),
        Edit(readme.path, start, stop, "", True, "take it out below"),
    )


def is_example(space: Space) -> bool:
    """Whether a block stands in a code fence below a text: an example for readers, not the Space's own."""
    readme = space.readme
    above = readme.text[: readme.open.start if readme.open else readme.start].rstrip().split("\n")
    fenced = above[-1].lstrip().startswith(("```", "~~~"))
    return fenced and sum(bool(row.strip()) for row in above) > 2


def _with_fence(text: str, start: int, stop: int) -> tuple[int, int]:
    """The span with the two lines of a code fence directly around it, when there are both."""
    before = text[:start].rstrip(" \t\r\n")
    line = before.rfind("\n") + 1
    opening = _FENCE.match(text, line)
    after = _BLANK.match(text, stop)
    closing = _FENCE_END.match(text, after.end() if after else stop)
    if opening and closing and opening.end() <= start and text[opening.end() : start].strip() == "":
        return line, closing.end()
    return start, stop


def _with_rulers(text: str, start: int, stop: int) -> tuple[int, int]:
    """The span with the lines directly around it that were meant as lines of dashes (----, ***)."""
    line = text.rfind("\n", 0, max(start - 1, 0)) + 1
    if line < start and _RULER.fullmatch(text[line:start].strip()):
        start = line
    after = _line_end(text, stop)
    if stop < after and _RULER.fullmatch(text[stop:after].strip()):
        stop = after
    return start, stop


def _line_end(text: str, at: int) -> int:
    stop = text.find("\n", at)
    return len(text) if stop < 0 else stop + 1
