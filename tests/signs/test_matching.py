"""Literals that a match needs, and the patterns that are tried because of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unstick.signs.matching import Matcher, candidates, compile, phrases, required_literals
from unstick.signs.phrases import crosses_sentences, expand, literals


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"No module named '?(?P<module>[\w.]+)", ("no module named ",)),
        (
            r"\[Errno 98\]|address already in use|EADDRINUSE",
            ("[errno 98]", "address already in use", "eaddrinuse"),
        ),
        (r"exit code:? 137", ("exit code 137", "exit code: 137")),
        (r"E: (?:Unable to locate|Package '\S+' has no)", ("package '", "unable to locate")),
        (r"colou?r", ("color", "colour")),
        (r"(?:ab)+c", ("ab",)),
        (r"x?\d+%", None),
        (r".*", None),
        (r"abc|\d+", None),
    ],
)
def test_required_literals(pattern: str, expected: tuple[str, ...] | None) -> None:
    assert required_literals(pattern) == expected


PIECES = st.sampled_from(
    [
        "error",
        "No",
        " ",
        "port",
        r"\d+",
        r"\w*",
        "(?:a|bc|DEF)",
        "(?:x|y)?",
        "[abc]",
        "[^z]",
        ".",
        r"\b",
        "q{2,3}",
        "(?P<n>lost|found)",
    ]
)


@given(st.lists(PIECES, min_size=1, max_size=6), st.text("errorNoptabcDEFxyqlsfund 019z\n", max_size=60))
def test_every_match_has_one_of_its_literals(pieces: list[str], text: str) -> None:
    pattern = "".join(
        piece for i, piece in enumerate(pieces) if not (piece.startswith("(?P") and piece in pieces[:i])
    )
    literals = required_literals(pattern)
    for match in re.finditer(pattern, text, re.IGNORECASE):
        assert literals is None or any(word in match.group().lower() for word in literals)


def test_candidates_are_those_with_a_literal_in_the_text_and_those_without_literals() -> None:
    table = [("killed",), None, ("absent", "also absent"), ("absent", "out of")]
    assert candidates("the process was killed, out of memory", table) == [0, 1, 3]


WORDS = st.sampled_from(
    [
        "the build",
        "log",
        "is empty",
        "isn't",
        "fin?e",
        "(?:no|without any) error",
        r"is\.?",
        "i.s",
        " .. ",
        "\\d+",
    ]
)


@given(
    st.lists(WORDS, min_size=1, max_size=4),
    st.text("thebuildlogisemptyfinenowithoutanyerror '*(-.1\n", max_size=80),
)
@example(["the build", "log", "is empty"], "The *build log* (is empty)")
def test_every_phrase_in_a_text_is_a_candidate(words: list[str], text: str) -> None:
    pattern = expand(" ".join(words), {})
    across = [0] if crosses_sentences(pattern) else []
    assert compile(pattern).search(text) is None or phrases(text, [literals(pattern)], across) == [0]


def test_a_phrase_is_no_candidate_without_a_literal_of_each_of_its_sets() -> None:
    table = [literals(expand(phrase, {})) for phrase in ("build fails", "build .. fails?", "logs? is empty")]
    assert phrases("The build\n *fails*.", table) == [0, 1]
    assert phrases("the build log is empty", table) == [2]
    assert phrases("The build is over. It fails.", table) == []
    assert phrases("The build is over. It fails.", table, across=[1]) == [1]


@pytest.mark.parametrize(
    ("phrase", "crosses"),
    [("build .. fails", False), ("app.py is gone", True), (r"app\.py is gone", False), (r"ends\.", True)],
)
def test_what_may_match_a_full_stop_and_a_space_crosses_sentences(phrase: str, crosses: bool) -> None:
    assert crosses_sentences(expand(phrase, {})) is crosses


def test_matcher_finds_what_matches_in_the_order_of_the_patterns() -> None:
    matcher = Matcher([r"port (?P<port>\d+)", r"\d{3}", "absent"])
    found = [(index, match.group()) for index, match in matcher.matches("Listening on PORT 7860")]
    assert found == [(0, "PORT 7860"), (1, "786")]


def test_case_counts_when_asked() -> None:
    assert compile("Killed", ignore_case=False).search("killed") is None
    assert compile("Killed").search("killed") is not None
    assert list(Matcher(["Killed"], ignore_case=False).matches("killed")) == []


@pytest.mark.parametrize("pattern", [r"(a)\1", r"(?=look)", "(open"])
def test_what_is_not_linear_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="not an RE2 pattern"):
        compile(pattern)
