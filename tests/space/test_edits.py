"""Edits by span: what stays, what goes together, and that nothing is applied in part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.space import Edit
from unstick.space.edits import apply_to_text, compatible, together, unified


def spans(length: int) -> st.SearchStrategy[list[Edit]]:
    cuts = st.lists(st.integers(0, length), max_size=8, unique=True).map(sorted)
    texts = st.lists(st.text(max_size=4), min_size=8, max_size=8)
    return st.builds(
        lambda c, t: [Edit("f", a, b, x) for a, b, x in zip(c[::2], c[1::2], t, strict=False)], cuts, texts
    )


@given(st.data(), st.text(max_size=40))
def test_what_lies_outside_the_spans_stays(data: st.DataObject, text: str) -> None:
    edits = data.draw(spans(len(text)))
    result = apply_to_text(text, reversed(edits))
    at = out = 0
    for edit in edits:
        kept = text[at : edit.start]
        assert result[out : out + len(kept) + len(edit.text)] == kept + edit.text
        out += len(kept) + len(edit.text)
        at = edit.end
    assert result[out:] == text[at:]


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (2, 1), (0, 9)])
def test_a_span_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="leaves the text"):
        apply_to_text("abc", [Edit("f", start, end, "")])


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ((0, 2), (2, 4), True), ((0, 3), (2, 4), False), ((1, 1), (1, 1), True), ((1, 1), (0, 2), False),
        ((0, 0), (0, 2), True), ((0, 4), (1, 2), False), ((0, 2), (0, 2), False),
    ],
)  # fmt: skip
def test_which_edits_go_together(one, other, together: bool) -> None:
    first, second = Edit("f", *one, "x"), Edit("f", *other, "y")
    assert compatible(first, [second]) == compatible(second, [first]) == together
    assert compatible(first, [second._replace(path="g")])


def test_edits_that_overlap_are_refused_as_a_whole() -> None:
    edits = [Edit("f", 0, 3, "A"), Edit("f", 2, 5, "B"), Edit("f", 5, 6, "C")]
    assert not together(edits) and together(edits[1:])
    with pytest.raises(ValueError, match="overlaps"):
        apply_to_text("0123456", edits)


def test_a_diff_shows_new_files_and_missing_line_ends() -> None:
    assert unified("f", None, "a\n") == "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n"
    assert unified("f", "a", "b").endswith("\n+b\n\\ No newline at end of file\n")
