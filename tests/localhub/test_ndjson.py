"""The lines of a commit, cut anywhere."""

from __future__ import annotations

import base64
import itertools
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstick.localhub import ndjson
from unstick.localhub.ndjson import BadLine, Line, Splitter, TooMuch

ROOM = 10**9


def lines_of(body: bytes, cuts: list[int], folder: str, room: int = ROOM) -> list[Line]:
    """All lines of a body that comes in pieces which end at `cuts`."""
    splitter = Splitter(folder, room)
    out: list[Line] = []
    try:
        places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
        for start, end in itertools.pairwise(places):
            out += splitter.feed(body[start:end])
        return out + splitter.close()
    finally:
        splitter.abandon()


TEXT = st.text(st.characters(codec="utf-8", exclude_characters=""), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
CUTS = st.lists(st.integers(0, 10**6), max_size=12)


@given(st.lists(st.dictionaries(TEXT, VALUES, max_size=4), max_size=6), st.booleans(), CUTS, st.booleans())
def test_every_line_comes_whole_wherever_the_body_is_cut(
    rows: list[Any], ascii_only: bool, cuts: list[int], ends: bool
) -> None:
    body = b"\n".join(json.dumps(row, ensure_ascii=ascii_only).encode() for row in rows) + b"\n" * ends
    with tempfile.TemporaryDirectory() as folder:
        found = lines_of(body, cuts, folder)
        assert [json.loads(line.data) for line in found] == rows
        assert not os.listdir(folder)


@given(st.binary(max_size=400), st.sampled_from(["plain", "slash", "unicode"]), CUTS)
@settings(max_examples=200)
def test_a_long_content_goes_to_a_file(content: bytes, way: str, cuts: list[int]) -> None:
    text = base64.b64encode(content).decode()
    escaped = {
        "plain": text,
        "slash": text.replace("/", "\\/"),
        "unicode": "".join(f"\\u{ord(c):04x}" if c in "+/=aQ" else c for c in text),
    }[way]
    head = {"key": "header", "value": {"summary": 'a " b \\ c \n'}}
    body = f'{json.dumps(head)}\n{{"content":"{escaped}","path":"p"}}\n'.encode()
    long = ndjson.LONG
    ndjson.LONG = 40
    try:
        with tempfile.TemporaryDirectory() as folder:
            first, second = lines_of(body, cuts, folder)
            assert json.loads(first.data) == head
            row = json.loads(second.data)
            assert row["path"] == "p"
            if len(escaped) > 40:
                assert row["content"] == second.mark
                assert Path(second.spilled).read_bytes() == content
            else:
                assert (row["content"], second.mark) == (text, "")
    finally:
        ndjson.LONG = long


@given(st.binary(max_size=300), CUTS)
def test_nonsense_is_lines_or_refused(body: bytes, cuts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = lines_of(body, cuts, folder)
        except BadLine:
            return
        assert all((line.data and b"\n" not in line.data.strip(b"\n")) or b'"' in line.data for line in found)


LONG_TEXT = "A" * (ndjson.LONG + 4)


@pytest.mark.parametrize(
    "content",
    [
        LONG_TEXT + "!!!!", LONG_TEXT + "AAA", "A" * (ndjson.LONG - 1) + "==AA" + "A" * 8, LONG_TEXT + "\\\\AAA",
        LONG_TEXT + "\\n", LONG_TEXT + "ü", LONG_TEXT + "\\q", LONG_TEXT + "\\u00", LONG_TEXT + "\\ud800",
    ],
    ids=["signs", "length", "padding within", "backslash", "newline", "letter", "escape", "cut", "surrogate"],
)  # fmt: skip
def test_a_long_text_that_is_no_base64_is_refused(content: str, tmp_path: Path) -> None:
    with pytest.raises(BadLine):
        lines_of(f'{{"content":"{content}"}}\n'.encode(), [], str(tmp_path))


def test_two_long_texts_on_a_line_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadLine):
        lines_of(f'["{LONG_TEXT}","{LONG_TEXT}"]'.encode(), [], str(tmp_path))


def test_a_long_line_without_a_long_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadLine):
        lines_of(b"[" + b"1," * ndjson.MOST_LINE, [], str(tmp_path))


def test_a_body_that_ends_within_a_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadLine):
        lines_of(b'{"key":"he', [], str(tmp_path))


def test_more_content_than_there_is_room_for_is_refused(tmp_path: Path) -> None:
    body = f'{{"content":"{LONG_TEXT}"}}\n'.encode()
    size = len(base64.b64decode(LONG_TEXT))
    assert len(lines_of(body, [], str(tmp_path / "a") if (tmp_path / "a").mkdir() is None else "", size)) == 1
    with pytest.raises(TooMuch):
        lines_of(body, [], str(tmp_path), size - 1)
