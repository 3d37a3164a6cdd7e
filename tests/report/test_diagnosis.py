"""Renderers of a diagnosis: whole pages as expected files, and properties for any content."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.diagnose.types import Diagnosis
from unstick.report import diagnosis as view
from unstick.report.markdown import code, fence, longest_run
from unstick.report.schema import schema
from unstick.text import width

from report.samples import PLATFORM, SAMPLES  # isort: skip
from report.strategies import DIAGNOSES, TEXT  # isort: skip

EXPECTED = Path(__file__).parent / "expected"
CALLS = {
    "terminal.txt": {"format": "terminal"},
    "terminal-50.txt": {"format": "terminal", "columns": 50},
    "color.txt": {"format": "terminal", "color": True},
    "markdown.md": {"format": "markdown"},
    "json.json": {"format": "json"},
}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("kind", CALLS)
def test_whole_output(name: str, kind: str) -> None:
    """`UPDATE_EXPECTED=1 pytest …` writes the files anew; read the difference before it is committed."""
    out = view.render(diagnosis=SAMPLES[name], targets=["my notes.txt"], **CALLS[kind])  # type: ignore[arg-type]
    path = EXPECTED / f"{name}-{kind}"
    if os.environ.get("UPDATE_EXPECTED"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(out, "utf-8")
    assert out == path.read_text("utf-8")


@pytest.mark.parametrize("name", SAMPLES)
def test_an_ordinary_page_is_short(name: str) -> None:
    page = view.render("terminal", SAMPLES[name])
    assert page.count("\n") <= 46
    assert all(width(line) <= 80 for line in page.splitlines())


def test_colour_changes_nothing_but_colour() -> None:
    plain = view.render("terminal", PLATFORM)
    colored = view.render("terminal", PLATFORM, color=True)
    assert "\x1b" not in plain and "\x1b" in colored
    assert re.sub(r"\x1b\[\d+m", "", colored) == plain.replace("`", "")


def test_names_are_filled_in() -> None:
    page = view.render("terminal", PLATFORM)
    assert "https://jane-er-demo.hf.space" in page
    assert "spaces/jane/er-demo/blob/main/README.md" in page
    assert "OWNER" not in page


@pytest.mark.parametrize(
    ("probability", "words"),
    [(1.0, ">99%"), (0.994, ">99%"), (0.62, "62%"), (0.0051, "1%"), (0.0, "<1%"), (0.99, "99%")],
)
def test_percent_is_never_certain(probability: float, words: str) -> None:
    assert view.percent(probability) == words


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("a", "b.txt"), "a b.txt"),
        (("a b",), "'a b'"),
        (("it's",), "'it'\\''s'"),
        (("",), "''"),
        (("$(x)",), "'$(x)'"),
    ],
)
def test_commands_are_quoted(words: tuple[str, ...], line: str) -> None:
    assert view.command(*words) == line


def problems(value: Any, wanted: dict[str, Any], at: str = "$") -> list[str]:
    """Where a value breaks a JSON Schema, for the keywords that ours uses."""
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "number": (int, float),
        "integer": int,
        "boolean": bool,
    }
    found = []
    if "type" in wanted and not isinstance(value, kinds[wanted["type"]]):
        return [f"{at}: not {wanted['type']}"]
    if value != wanted.get("const", value) or value not in wanted.get("enum", [value]):
        found.append(f"{at}: {value!r} not allowed")
    if "pattern" in wanted and not re.search(wanted["pattern"], value):
        found.append(f"{at}: {value!r} does not match")
    if "minimum" in wanted and not wanted["minimum"] <= value <= wanted.get("maximum", value):
        found.append(f"{at}: {value} out of range")
    found += [f"{at}: {name} missing" for name in wanted.get("required", ()) if name not in value]
    for name, below in wanted.get("properties", {}).items():
        if name in value:
            found += problems(value[name], below, f"{at}.{name}")
    if isinstance(value, list):
        for index, item in enumerate(value):
            found += problems(item, wanted["items"], f"{at}[{index}]")
    return found


def test_the_schema_refuses_what_it_should() -> None:
    good = json.loads(view.render("json", PLATFORM))
    assert problems(good, schema()) == []
    assert problems({**good, "turn": "somebody"}, schema())
    assert problems({**good, "causes": [{**good["causes"][0], "probability": 2}]}, schema())
    assert problems({key: value for key, value in good.items() if key != "next"}, schema())


@pytest.mark.parametrize("name", SAMPLES)
def test_json_follows_the_published_schema(name: str) -> None:
    document = json.loads(view.render("json", SAMPLES[name]))
    assert problems(document, schema()) == []
    assert [key for key in document if key not in schema()["properties"]] == []
    assert len(document["causes"]) == len(SAMPLES[name].causes)


def harmful(text: str) -> set[str]:
    """Characters that a terminal would obey."""
    ranges = ((0, 9), (11, 31), (127, 159), (0x202A, 0x202E), (0xD800, 0xDFFF))
    return {c for c in text if any(first <= ord(c) <= last for first, last in ranges)}


@given(DIAGNOSES, st.lists(TEXT, max_size=2), st.integers(1, 200))
def test_any_content_is_rendered_harmless(diagnosis: Diagnosis, targets: list[str], columns: int) -> None:
    for format in view.FORMATS:
        out = view.render(format, diagnosis, columns=columns, targets=targets)
        assert harmful(out) == set()
        assert out.endswith("\n")
    assert problems(json.loads(view.render("json", diagnosis)), schema()) == []


@given(DIAGNOSES)
def test_only_our_own_colours(diagnosis: Diagnosis) -> None:
    out = view.render("terminal", diagnosis, color=True)
    assert harmful(re.sub(r"\x1b\[(?:0|1|2|31|32|36)m", "", out)) == set()


@given(TEXT)
def test_code_spans_and_fences_hold(text: str) -> None:
    span = code(text)
    if span:
        ticks = len(span) - len(span.lstrip("`"))
        assert span.endswith("`" * ticks) and "\n" not in span
        assert longest_run(span[ticks:-ticks], "`") < ticks
    block = fence(text)
    assert block.split("\n")[0] == block.split("\n")[-1] not in block.split("\n")[1:-1]
