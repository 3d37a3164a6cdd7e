"""A person's words: what they claim, what they deny, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.observe import words
from unstick.observe.words import evidence
from unstick.signs.vocabulary import signs


def shown(text: str) -> dict[str, bool]:
    """Present or absent by sign."""
    return {item.sign: item.present for item in evidence(text)}


CLAIMS = [
    ("My Space is stuck on Preparing.", "stage-preparing"),
    ("It says 'Runtime error' since then.", "stage-runtime-error"),
    ("The badge shows “Build error”.", "stage-build-error"),
    ("It worked before, I changed nothing.", "worked-before"),
    ("On my laptop it works fine.", "works-locally"),
    ("It works locally with docker run.", "works-locally"),
    ("I restarted it, no change.", "restart-no-help"),
    ("A factory rebuild did not help.", "rebuild-no-help"),
    ("The container log is empty.", "container-log-empty"),
    ("The direct URL opens the app.", "direct-url-works"),
    ("All of my other Spaces have the same problem.", "others-affected"),
    ("本地运行正常，但是 Space 不行", "works-locally"),
    ("En local funciona bien", "works-locally"),
    ("Localmente funciona sem problema", "works-locally"),
    ("En local ça marche", "works-locally"),
    ("Di lokal berjalan normal", "works-locally"),
    ("之前可以正常运行", "worked-before"),
    ("Antes funcionaba", "worked-before"),
    ("Antes funcionava", "worked-before"),
    ("Ça marchait avant", "worked-before"),
    ("Sebelumnya berjalan normal", "worked-before"),
]


@pytest.mark.parametrize(("text", "sign"), CLAIMS)
def test_words_show_a_sign(text: str, sign: str) -> None:
    assert shown(text).get(sign) is True, shown(text)


DENIALS = [
    ("There is no build error.", "stage-build-error"),
    ("It is not a Docker Space.", "sdk-docker"),
    ("We don't use a docker image", "sdk-docker"),
    ("There isn't any runtime error.", "stage-runtime-error"),
]


@pytest.mark.parametrize(("text", "sign"), DENIALS)
def test_words_deny_a_sign(text: str, sign: str) -> None:
    assert shown(text).get(sign) is False, shown(text)


@pytest.mark.parametrize(("text", "sign"), DENIALS)
def test_a_claim_wins_over_a_denial(text: str, sign: str) -> None:
    claim = {
        "stage-build-error": "Build error.",
        "sdk-docker": "Docker Space.",
        "stage-runtime-error": "Runtime error.",
    }
    assert shown(f"{text} Now: {claim[sign]}")[sign] is True


def test_a_denial_ends_with_its_clause() -> None:
    assert shown("I did not change it, Runtime error came by itself.")["stage-runtime-error"] is True
    assert shown("No idea why, but Runtime error came.")["stage-runtime-error"] is True


def test_quotes_of_every_kind_are_the_same() -> None:
    plain = shown("It doesn't start: 'Runtime error' on the page")
    assert shown("It doesn’t start: ‘Runtime error’ on the page") == plain != {}


def test_every_sign_found_is_in_the_vocabulary() -> None:
    text = " ".join(text for text, _ in CLAIMS + DENIALS)
    assert {item.sign for item in evidence(text)} <= signs().keys()


def test_place_and_quote_lead_back_to_the_words() -> None:
    (item,) = [item for item in evidence("Hello.\n\nIt works locally.") if item.sign == "works-locally"]
    assert item.place == "description, line 3" and "locally" in item.quote


sentences = st.lists(st.sampled_from([text for text, _ in CLAIMS + DENIALS]), min_size=1, max_size=6)


@given(sentences)
def test_saying_it_twice_shows_nothing_more(told: list[str]) -> None:
    once = "\n".join(told)
    assert shown(once + "\n" + once) == shown(once)


@given(st.text(max_size=400))
def test_no_text_breaks_it(text: str) -> None:
    normal = words.normalise(text)
    for found in words.find(normal):
        assert 0 <= found.start <= found.end <= len(normal)
    assert all(len(item.quote) <= 160 and "\n" not in item.quote for item in evidence(text))


def test_only_so_much_is_read() -> None:
    assert len(words.normalise("x" * (words.MOST + 5))) == words.MOST
