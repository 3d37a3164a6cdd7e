"""What a description tells support, in the person's own sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.report import support_words as words

TOLD = """I moved it to the paid CPU upgrade yesterday, since then "Preparing" for 12 hours.
I restarted it twice and nothing changed! A factory
reboot did not help. Locally it runs. The direct link shows the app.
重启了两次。还是一样。"""


def test_what_was_tried() -> None:
    assert words.tried(TOLD) == [
        "I restarted it twice and nothing changed!",
        "A factory",
        "reboot did not help.",
        "重启了两次。",
    ]


def test_the_direct_address() -> None:
    assert words.direct(TOLD) == "The direct link shows the app."
    assert (
        words.direct("It is at jane-er.hf.space and answers 502.")
        == "It is at jane-er.hf.space and answers 502."
    )
    assert words.direct("nothing of it") == ""


def test_the_sentence_around_some_words() -> None:
    assert words.around(TOLD, "12  hours").startswith("I moved it to the paid CPU upgrade")
    assert words.around(TOLD, "not there") == "not there"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("the paid CPU upgrade", "cpu-upgrade"),
        ("on T4 small", "t4-small"),
        ("a10g-large", "a10g-large"),
        ("from cpu-basic to cpu-upgrade", ""),
        ("my upgrade of the CPU", ""),
        ("", ""),
    ],
)
def test_the_hardware_that_is_named(text: str, named: str) -> None:
    assert words.hardware(text) == named


@pytest.mark.parametrize(
    ("quote", "failure"), [("Error: no", True), ("Permission denied", True), ("Running on", False)]
)
def test_error_messages(quote: str, failure: bool) -> None:
    assert words.is_failure(quote) is failure


@given(st.text(), st.text(max_size=9))
def test_any_text_is_read(text: str, quote: str) -> None:
    assert all("\n" not in each and len(each) <= words.LONGEST for each in words.sentences(text))
    words.tried(text), words.direct(text), words.around(text, quote), words.hardware(text)
