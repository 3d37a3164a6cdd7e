"""What the rules of the block share: distances, placeholders, guesses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.contract.emoji import NAMES, is_emoji
from unstick.rules import _block as block
from unstick.rules._guess import guess_sdk
from unstick.rules.short_description_too_long import shortened, units
from unstick.space import Space

WORDS = st.text(alphabet="abc", max_size=6)


@given(WORDS, WORDS)
def test_the_distance_is_symmetric_and_bounded_by_the_longer_word(a: str, b: str) -> None:
    distance = block.edit_distance(a, b)
    assert distance == block.edit_distance(b, a) <= max(len(a), len(b))
    assert (distance == 0) == (a == b)


@given(WORDS, WORDS, st.integers(1, 4))
def test_a_limit_never_changes_a_smaller_distance(a: str, b: str, limit: int) -> None:
    assert block.edit_distance(a, b, limit) == min(block.edit_distance(a, b), limit)


@pytest.mark.parametrize(
    ("word", "near"), [("gradoi", "gradio"), ("Dockr", "docker"), ("flask", ""), ("sttaic", "static")]
)
def test_nearest(word: str, near: str) -> None:
    assert block.nearest(word, ("gradio", "docker", "static", "streamlit")) == near


@pytest.mark.parametrize(
    ("value", "yes"),
    [
        ("{{sdk}}", True), ('"{{ sdk }}"', True), ("<your-title>", True), ("${SDK}", True),
        ("YOUR_TITLE", True), ("'[INSERT TITLE]'", True), ("TODO", True), ("Demo", False),
        ("<https://a.b>", False), ("[a, b]", False), ("{a: b}", False), ("Your Title Maker", False),
    ],
)  # fmt: skip
def test_placeholders(value: str, yes: bool) -> None:
    space = Space.from_files({"README.md": f"---\ntitle: {value}\nsdk: docker\n---\n"})
    assert block.is_placeholder(space, space.field("title")) == yes


@given(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\u2028\u2029\x85\ufeff"), max_size=30
    )
)
def test_a_quoted_text_reads_back(text: str) -> None:
    printable = "".join(c for c in text if c.isprintable() or c in "\n\r\t")
    block_text = f"---\ntitle: {block.quoted(printable)}\nsdk: docker\n---\n"
    readme = Space.from_files({"README.md": block_text}).readme
    assert readme.error is None and readme.field("title").text == printable


@pytest.mark.parametrize(
    ("files", "guess"),
    [
        ({"Dockerfile": "", "app.py": "import gradio"}, ("docker", "")),
        ({"x.py": "import os", "src/ui.py": "from streamlit import title"}, ("streamlit", "src/ui.py")),
        ({"main.py": "import gradio as gr", "app.py": "print()"}, ("gradio", "main.py")),
        ({"index.html": ""}, ("static", "index.html")),
        ({"a.txt": ""}, ("", "")),
    ],
)
def test_the_sdk_is_guessed_from_the_files(files, guess) -> None:
    assert guess_sdk(Space.from_files(files)) == guess


@given(st.text(max_size=200), st.integers(1, 60))
def test_a_shortened_text_fits(text: str, limit: int) -> None:
    assert units(shortened(text, limit)) <= limit


def test_every_named_emoji_is_one() -> None:
    assert [name for name, emoji in NAMES.items() if not is_emoji(emoji)] == []


@pytest.mark.parametrize("text", ["", "a", "🚀a", "1", "\ufe0f", "é", "☃x", "🇫🇷"])
def test_what_is_no_emoji(text: str) -> None:
    assert not is_emoji(text)
