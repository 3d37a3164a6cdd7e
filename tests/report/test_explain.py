"""`unstick explain`: found by id and code, near misses, the list, and pages as text for a terminal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from unstick.report import explain
from unstick.report.plain import terminal
from unstick.text import width

from report.strategies import TEXT  # isort: skip


@pytest.mark.parametrize("name", ["port-mismatch", "PORT_MISMATCH", " c01 ", "C01"])
def test_a_cause_is_found_by_id_and_code(name: str) -> None:
    assert ("cause", "port-mismatch") in [(entry.kind, entry.id) for entry in explain.find(name)]


def test_everything_is_found_by_its_own_code() -> None:
    for entry in explain.entries():
        assert explain.find(entry.code) == (entry,)
        assert entry in explain.find(entry.id)


def test_a_name_that_a_rule_and_a_cause_share_gives_both() -> None:
    causes = {entry.id for entry in explain.entries() if entry.kind == "cause"}
    shared = [entry for entry in explain.entries() if entry.kind == "rule" and entry.id in causes]
    for entry in shared:
        assert [found.kind for found in explain.find(entry.id)] == ["cause", "rule"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("prot-mismatch", "port-mismatch"),
        ("oom", "out-of-memory"),
        ("quota", "billing-or-quota"),
        ("iframe", "browser-or-embed"),
    ],
)
def test_near_misses(name: str, meant: str) -> None:
    assert explain.find(name) == ()
    assert meant in [entry.id for entry in explain.near(name)]


def test_nothing_is_near_nonsense() -> None:
    assert explain.near("zzzzqqqq") == ()


def test_the_list_names_everything_once() -> None:
    lines = [line.split()[:2] for line in explain.listing().splitlines() if line.startswith("  ")]
    assert sorted(lines) == sorted([entry.code, entry.id] for entry in explain.entries())


def test_the_document_holds_pages() -> None:
    (entry,) = json.loads(json.dumps(explain.document(explain.find("P01"))))["entries"]
    assert entry["kind"] == "cause" and entry["id"] == "platform-stuck-state"
    assert entry["markdown"].startswith("# P01 platform-stuck-state\n")


PAGE = """# C01 title

A paragraph with **bold** and `code that is long enough` to be wrapped somewhere.

## Steps

1. one step that is long enough for two lines
2. another

- item
- item two

    indented: kept   as it is
"""
SHOWN = """C01 title

A paragraph with bold and `code that is
long enough` to be wrapped somewhere.

Steps

  1. one step that is long enough for
     two lines
  2. another

  - item
  - item two

    indented: kept   as it is
"""


def test_a_page_becomes_text() -> None:
    assert terminal(PAGE, columns=40) == SHOWN


def test_colours_replace_backquotes() -> None:
    colored = terminal(PAGE, columns=40, color=True)
    assert "\x1b[1mC01 title\x1b[0m" in colored
    assert "\x1b[36mcode that is\x1b[0m\n\x1b[36mlong enough\x1b[0m to be" in colored
    assert "`" not in colored


def test_all_pages_fit_into_the_terminal() -> None:
    from unstick.report.pages import page

    for entry in explain.entries():
        text = terminal(page(entry.kind, entry.id))
        long = [line for line in text.splitlines() if width(line) > 80 and not line.startswith("    ")]
        assert long == [], entry.id


@given(TEXT)
def test_any_page_is_harmless(text: str) -> None:
    out = terminal(text)
    assert not any((ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 for c in out)
