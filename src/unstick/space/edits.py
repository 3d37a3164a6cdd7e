"""Edits put into texts by span, and the difference that they make."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unstick.space.types import Edit


def apply_to_text(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits, whose offsets are all those of `text`.

    Edits that overlap are refused, never applied in part: raises ValueError for them (see `compatible`) and
    for a span outside the text. Of two insertions at one place the first comes first.
    """
    out: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if not at <= edit.start <= edit.end <= len(text):
            raise ValueError(
                f"edit {edit.start}-{edit.end} of {edit.path} overlaps another or leaves the text"
            )
        out += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join([*out, text[at:]])


def compatible(edit: Edit, others: Iterable[Edit]) -> bool:
    """Whether an edit can be applied together with the others: their spans do not overlap.

    An insertion may touch another span, and stand beside a different insertion at the same place.
    """
    for other in others:
        if other.path != edit.path or (edit.end < other.start or other.end < edit.start):
            continue
        if edit.start == edit.end == other.start == other.end:
            continue
        if edit.end == other.start or other.end == edit.start:
            continue
        return False
    return True


def together(edits: Sequence[Edit]) -> bool:
    """Whether all the edits can be applied at once."""
    return all(compatible(edit, edits[:at]) for at, edit in enumerate(edits))


def unified(path: str, before: str | None, after: str, context: int = 3) -> str:
    """The change of one file as a unified diff; `before` is None for a file that did not exist.

    Line ends that are not a plain newline stay visible as they are.
    """
    from difflib import unified_diff

    old = "/dev/null" if before is None else f"a/{path}"
    rows = unified_diff(
        (before or "").splitlines(keepends=True), after.splitlines(keepends=True), old, f"b/{path}", n=context
    )
    return "".join(row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows)


def moved_back(edits: Iterable[Edit], earlier: Sequence[Edit]) -> tuple[Edit, ...] | None:
    """Edits of the text after `earlier` as edits of the text before; None where they touch what those
    wrote."""
    out = []
    for edit in edits:
        shift = 0
        for old in sorted((e for e in earlier if e.path == edit.path), key=lambda e: (e.start, e.end)):
            start = old.start + shift
            if edit.end <= start:
                break
            if edit.start < start + len(old.text):
                return None
            shift += len(old.text) - (old.end - old.start)
        out.append(edit._replace(start=edit.start - shift, end=edit.end - shift))
    return tuple(out)


def moved_on(edits: Iterable[Edit], done: Sequence[Edit]) -> tuple[Edit, ...]:
    """Edits of a text as edits of the text after `done`, none of which touches them."""
    out = []
    for edit in edits:
        before = (old for old in done if old.path == edit.path and old.end <= edit.start)
        shift = sum(len(old.text) - (old.end - old.start) for old in before)
        out.append(edit._replace(start=edit.start + shift, end=edit.end + shift))
    return tuple(out)
