"""The Hub's items as what was seen; anybody may have written them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.watch.reading import seen_of

HUB = "https://huggingface.co"
RUNNING = {
    "id": "acme/My_App", "sha": "abc", "sdk": "docker", "subdomain": "acme-my-app",
    "cardData": {"startup_duration_timeout": "1h"},
    "runtime": {"stage": "RUNNING", "hardware": {"current": "cpu-basic"}, "gcTimeout": 172800, "sha": "abb"},
}  # fmt: skip


def test_reads_a_space() -> None:
    seen = seen_of(RUNNING, 5.0, HUB)
    assert seen is not None
    assert seen._asdict() == {
        "space": "acme/My_App", "at": 5.0, "stage": "RUNNING", "error": "", "hardware": "cpu-basic", "sha": "abc",
        "served": "abb", "sdk": "docker", "sleeps": True, "timeout": 3600,
        "url": "https://acme-my-app.hf.space/", "private": False, "heard": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("runtime", "sdk", "sleeps"),
    [
        ({"gcTimeout": None}, "docker", False),
        ({"gcTimeout": -1}, "docker", False),
        ({"gcTimeout": 300}, "docker", True),
        ({}, "docker", None),
        ({}, "static", False),
    ],
)
def test_whether_it_sleeps(runtime: dict[str, Any], sdk: str, sleeps: bool | None) -> None:
    seen = seen_of({"id": "a/b", "sdk": sdk, "runtime": runtime}, 0.0, HUB)
    assert seen is not None
    assert seen.sleeps is sleeps


@pytest.mark.parametrize(
    ("endpoint", "more", "url"),
    [
        (HUB, {}, "https://a-b.hf.space/"),
        (HUB, {"sdk": "static"}, "https://a-b.static.hf.space/"),
        (
            HUB,
            {"runtime": {"domains": [{"domain": "old-name.hf.space", "stage": "READY"}]}},
            "https://old-name.hf.space/",
        ),
        (
            HUB,
            {"runtime": {"domains": [{"domain": "evil.example", "stage": "READY"}]}},
            "https://a-b.hf.space/",
        ),
        (
            HUB,
            {"runtime": {"domains": [{"domain": "x@169.254.169.254.hf.space", "stage": "READY"}]}},
            "https://a-b.hf.space/",
        ),
        (HUB, {"subdomain": "evil.example/"}, ""),
        ("http://127.0.0.1:8000", {}, "http://a-b.hf.localhost:8000/"),
    ],
)
def test_where_the_app_answers(endpoint: str, more: dict[str, Any], url: str) -> None:
    seen = seen_of({"id": "a/b", **more}, 0.0, endpoint)
    assert seen is not None
    assert seen.url == url


def test_secrets_and_control_characters_of_an_error_go() -> None:
    token = "hf_" + "AbCdEfGh1234567890abcdefghIJKLMN12"
    seen = seen_of({"id": "a/b", "runtime": {"stage": "X", "errorMessage": f"\x1b[31m{token}\x00"}}, 0.0, HUB)
    assert seen is not None
    assert token not in seen.error
    assert seen.error.isprintable()


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
keys = st.sampled_from(
    ["id", "runtime", "sdk", "sha", "cardData", "subdomain", "disabled", "private", "stage", "domains"]
)


@given(st.dictionaries(keys, plain) | plain, plain)
def test_whatever_comes_is_read_or_passed_over(item: Any, runtime: Any) -> None:
    for given_item in (item, {"id": "a/b", "runtime": runtime}):
        seen = seen_of(given_item, 0.0, HUB)
        assert seen is None or seen.space.count("/") == 1
