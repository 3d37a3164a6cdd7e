"""Text on its way to a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.text import one_line, pad, printable, shorten, width, wrap

SHOWN = [
    ("plain", "plain"),
    ("two\nlines\r\nthree", "two\nlines\nthree"),
    ("a\tb", "a    b"),
    ("bell \x07", "bell \\x07"),
    ("progress\rdone", "progress\\x0ddone"),
    ("\x1b[31mred\x1b[0m and \x1b[2K\x1b[1;5Hmoved", "red and moved"),
    ("\x1b]0;title\x07text \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "text link"),
    ("\x9b31mred", "red"),
    ("lonely \x1b here", "lonely \\x1b here"),
    ("abc\u202egnp.exe", "abc\\u202egnp.exe"),
    ("zero\u200bwidth \ufeff", "zero\\u200bwidth \\ufeff"),
    ("line\u2028separator", "line\\u2028separator"),
    ("half \ud83d pair", "half \\ud83d pair"),
    ("no UTF-8 \udcff", "no UTF-8 \\xff"),
    ("tag \U000e0041", "tag \\U000e0041"),
    ("日本語 é 👩‍👩‍👧", "日本語 é 👩‍👩‍👧"),
]


@pytest.mark.parametrize(("text", "shown"), SHOWN)
def test_printable(text: str, shown: str) -> None:
    assert printable(text, lines=True) == shown


def test_one_line() -> None:
    assert one_line(" a\n\tb\x1b[1m  c\r\n") == "a b c"
    assert printable("a\r\nb") == "a\\nb"


@pytest.mark.parametrize(
    ("text", "columns"), [("", 0), ("abc", 3), ("日本", 4), ("é", 1), ("e\u0301", 1), ("🚀", 2), ("한a", 3)]
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "short"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 4, "abc…"),
        ("日本語", 4, "日…"),
        ("日本語", 5, "日本…"),
        ("a", 0, ""),
        ("ab cd", 4, "ab…"),
    ],
)
def test_shorten(text: str, columns: int, short: str) -> None:
    assert shorten(text, columns) == short


def test_wrap_breaks_at_spaces_and_inside_long_words() -> None:
    assert wrap("one two three", 9, first="- ", rest="  ") == ["- one two", "  three"]
    assert wrap("x" * 10, 6, rest="  ") == ["xxxxxx", "  xxxx"]
    assert wrap("日本語日本語", 5) == ["日本", "語日", "本語"]
    assert wrap("", 10, first="> ") == ["> "]


def test_pad_counts_columns() -> None:
    assert pad("日本", 6) + "|" == "日本  |"


@given(st.text(alphabet=st.characters(codec=None)))
def test_nothing_harmful_gets_through(text: str) -> None:
    shown = printable(text, lines=True)
    assert not any(
        (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or 0x202A <= ord(c) <= 0x202E for c in shown
    )
    shown.encode("utf-8")
    assert printable(shown, lines=True) == shown


@given(st.text(), st.integers(4, 60))
def test_wrapped_lines_fit_and_keep_every_letter(text: str, columns: int) -> None:
    text = printable(text, lines=True)
    lines = wrap(text, columns, first="> ", rest="  ")
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(lines)[2:].split()) == "".join(text.split())


@given(st.text(), st.integers(0, 40))
def test_shortened_text_fits(text: str, columns: int) -> None:
    assert width(shorten(one_line(text), columns)) <= columns
