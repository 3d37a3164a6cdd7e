"""What the validator says to a README's block."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.localhub.metadata import verdict
from unstick.localhub.wording import EMPTY_CARD

COLORS = "[red, yellow, green, blue, indigo, purple, pink, gray]"


def judged(*rows: str, kind: str = "space") -> tuple[str, ...]:
    return verdict(("---\n" + "\n".join(rows) + "\n---\ntext\n").encode(), kind).errors


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("colorTo: cyan", f'"colorTo" must be one of {COLORS}'),
        ("colorFrom: 3", '"colorFrom" must be a string'),
        ("sdk: flask", '"sdk" must be one of [gradio, docker, static, streamlit]'),
        ("emoji: rocket", '"emoji" must be an emoji'),
        (
            f"short_description: {'x' * 61}",
            '"short_description" length must be less than or equal to 60 characters long',
        ),
        ("pinned: yes", '"pinned" must be a boolean'),
        ("hf_oauth_expiration_minutes: 50000", '"hf_oauth_expiration_minutes" must be less than or equal to 43200'),
        ("hf_oauth_expiration_minutes: 0", '"hf_oauth_expiration_minutes" must be greater than or equal to 1'),
        ("hf_oauth_expiration_minutes: soon", '"hf_oauth_expiration_minutes" must be a number'),
        ("hf_oauth_scopes: [email, all]", None),
        ("header: small", '"header" must be one of [mini, default]'),
        ("custom_headers: 3", '"custom_headers" must be of type object'),
        ("custom_headers: {x-frame-options: deny}", '"custom_headers.x-frame-options" is not allowed'),
    ],
)  # fmt: skip
def test_what_the_hub_refuses(row: str, error: str | None) -> None:
    found = judged(row)
    assert len(found) == 1
    if error is not None:
        assert found == (error,)


@pytest.mark.parametrize(
    "row",
    [
        "sdk: docker", "title: 3.10", "unknown: [1, {a: b}]", "app_port: many", "emoji: 🚀", "colorTo: red",
        f"short_description: {'x' * 60}", "license: nonsense", "suggested_storage: huge", "pinned: false",
    ],
)  # fmt: skip
def test_what_the_hub_takes(row: str) -> None:
    assert judged(row) == ()


def test_broken_yaml_names_its_place() -> None:
    (error,) = judged("sdk: gradio", "title: a: b")
    assert "(3:" in error
    assert judged("sdk: gradio", "sdk: docker") == ('duplicated mapping key "sdk" (3:1)',)


@pytest.mark.parametrize("text", ["", "# only a title\n", "---\n---\n", "words\n---\nsdk: gradio\n---\n"])
def test_a_readme_without_a_block_is_taken_with_a_warning(text: str) -> None:
    found = verdict(text.encode(), "space")
    assert (found.errors, found.warnings, found.sdk) == ((), (EMPTY_CARD,), "")


def test_fields_of_spaces_are_none_of_a_models() -> None:
    assert judged("sdk: flask", "pinned: yes", kind="model") == ()
    assert judged("a: b: c", kind="dataset") != ()


def test_the_sdk_is_told_only_when_the_block_is_right() -> None:
    assert verdict(b"---\nsdk: static\n---\n", "space").sdk == "static"
    assert verdict(b"---\nsdk: static\ncolorTo: x\n---\n", "space").sdk == ""


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda b: b"---\n" + b + b"\n---\n"))
def test_any_bytes_are_judged(data: bytes) -> None:
    found = verdict(data, "space")
    assert all(isinstance(text, str) and text for text in (*found.errors, *found.warnings))
