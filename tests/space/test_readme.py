"""Where the block is, and that the quick reader and PyYAML agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.space import Space
from unstick.space.readme import Readme
from unstick.space.text_file import TextFile
from unstick.space.yaml_fast import read_flat
from unstick.space.yaml_full import read_full

BLOCK = "title: A\nemoji: 🚀\nsdk: docker\napp_port: 8000\n"


def readme(text: str) -> Readme:
    return Readme(TextFile("README.md", text))


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (f"---\n{BLOCK}---\n# A\n", "top"),
        (f"---\r\n{BLOCK}---\r\n".replace("\n", "\r\n").replace("\r\r", "\r"), "top"),
        (f"\n---\n{BLOCK}---\n", "before"),
        (f"\ufeff---\n{BLOCK}---\n", "before"),
        (f"# Title\n\n---\n{BLOCK}---\n", "before"),
        (f"```yaml\n---\n{BLOCK}---\n```\n", "before"),
        (f"# Title\nwords\n---\nmore\n---\n{BLOCK}---\n", "before"),
        (f"---\n{BLOCK}\n# A heading\ntext\n", "unclosed"),
        (BLOCK + "\n# A\n", "bare"),
        (f"# A\n{BLOCK}", "bare"),
        ("# Only words\n\n---\n\nand a rule\n\n---\n", "none"),
        ("", "none"),
    ],
)
def test_where_the_block_is(text: str, state: str) -> None:
    found = readme(text)
    assert found.state == state
    if state != "none":
        assert found.field("sdk") is not None
        value = found.field("app_port")
        assert value is not None and text[value.value.start : value.value.end].rstrip() == "8000"
        assert text.split("\n")[value.key.line - 1].startswith("app_port")
    assert found.usable == (state == "top")


def test_missing_readme_and_bare_excerpt() -> None:
    assert Space.from_files({}).readme.state == "missing"
    space = Space.from_files({"README.md": "sdk: docker\napp_port: 8000\n"}, bare_readme=True)
    assert (space.readme.state, space.sdk, space.app_port, space.readme.usable) == (
        "top",
        "docker",
        8000,
        True,
    )
    dashed = Space.from_files({"README.md": "---\nsdk: gradio\n---\n"}, bare_readme=True)
    assert (dashed.sdk, dashed.app_file) == ("gradio", "app.py")


def test_types_are_those_of_the_hub() -> None:
    rows = (
        "python_version: 3.10",
        'sdk_version: "5.10"',
        "app_port: 8000",
        "pinned: no",
        "ok: true",
        "d: 2024-01-02",
    )
    text = "---\n" + "\n".join(rows) + "\n---\n"
    fields = {f.name: f for f in readme(text).fields}
    assert [fields[n].tag for n in ("python_version", "sdk_version", "app_port", "pinned", "ok", "d")] == [
        "float", "str", "int", "str", "bool", "timestamp",
    ]  # fmt: skip
    assert fields["app_port"].integer() == 8000
    assert fields["python_version"].integer() is None


def test_errors_have_a_place() -> None:
    found = readme("---\ntitle: a: b\nsdk: docker\n---\n")
    assert found.error is not None
    assert (found.error.place.line, found.error.place.column) == (2, 9)
    assert readme("---\nsdk: docker\n\ttitle: x\n---\n").error is not None
    assert readme("---\n- a\n- b\n---\n").error is not None
    assert readme("---\nsdk: do\x01cker\n---\n").error is not None


def test_duplicates_conflicts_and_nesting() -> None:
    found = readme("---\nsdk: docker\nsdk: gradio\ncustom_headers:\n  a: b\nmodels: [x/y, z/w]\n---\n")
    assert [f.text for f in found.duplicates] == ["gradio"]
    models, headers = found.field("models"), found.field("custom_headers")
    assert models is not None and models.strings() == ("x/y", "z/w")
    assert headers is not None and headers.items[0].name == "a" and headers.items[0].text == "b"
    conflict = readme("---\n<<<<<<< HEAD\nsdk: docker\n=======\nsdk: gradio\n>>>>>>> x\n---\n")
    assert [p.line for p in conflict.conflicts] == [2, 4, 6]
    assert readme("---\nsdk: docker\n---\n=======\n").conflicts == ()


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b, *b]\n",
        "a: " + "[" * 20_000,
        "- " * 10_000,
        "a: x\n" * 20_000,
        "a: &a\n  b: *a\n",
    ],
)
def test_bombs_end_quickly(bomb: str) -> None:
    found = readme(f"---\n{bomb}\n---\n")
    assert len(found.fields) < 50


PLAIN = st.text(
    st.sampled_from("ab0.1 :#-_'\"é🚀~{}[]&*!|>%@`,?=\\\t\r\u2028\xa0") | st.characters(codec="utf-8"),
    max_size=12,
)
LINES = st.one_of(
    st.builds("{}: {}".format, st.sampled_from(["sdk", "app_port", "a-b", "true", "x"]), PLAIN),
    st.builds(
        "{}: {}{}{}".format, st.sampled_from("abc"), st.sampled_from("\"'"), PLAIN, st.sampled_from("\"'")
    ),
    st.builds("{}- {}".format, st.sampled_from(["", "  "]), PLAIN),
    st.builds("{}:{}".format, st.sampled_from("abcdef"), st.sampled_from(["", " ", " # c"])),
    st.sampled_from(["", "# words", "  # c", "---", "...", "a: |", "  text"]),
    PLAIN,
)


@given(st.lists(LINES, max_size=7), st.sampled_from(["\n", "\r\n"]))
def test_quick_reader_agrees_with_pyyaml(rows: list[str], newline: str) -> None:
    text = newline.join(rows) + newline
    quick = read_flat(text, 10, 3, "README.md")
    if quick is not None:
        full = read_full(text, 10, 3, "README.md")
        assert full.error is None and full.duplicates == ()
        assert quick == full.fields


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    found = readme("---\n" + text)
    _ = found.fields, found.error, found.conflicts, found.usable


def test_insert_field_keeps_line_ends() -> None:
    for text in (f"---\n{BLOCK}---\nx\n", f"---\n{BLOCK}---\n".replace("\n", "\r\n"), "---\n---\n"):
        found = readme(text)
        at, new = found.insert_field("pinned: false")
        changed = readme(text[:at] + new + text[at:])
        assert changed.state == "top"
        assert changed.fields[-1].name == "pinned"
        assert [f.name for f in changed.fields[:-1]] == [f.name for f in found.fields]
