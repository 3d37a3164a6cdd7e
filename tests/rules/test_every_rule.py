"""What holds for every rule: its table row, its docstring, its page, its tests."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from rules.archive import HERE
from unstick.rules.base import SEVERITIES, module_name
from unstick.rules.engine import scan, table
from unstick.rules.needs import NEEDS

ROOT = Path(__file__).resolve().parent.parent.parent
SECTIONS = ("What it finds", "Why it matters", "Example", "Instead", "Repair safety", "Source")
ROWS = table()
CAUSES = {path.stem for path in (ROOT / "src/unstick/causes").glob("*.toml")}


def test_the_table_is_what_scanning_gives() -> None:
    assert scan() == ROWS, "run `make generate`"


def test_codes_and_ids_are_unique() -> None:
    assert len({row.rule.code for row in ROWS}) == len({row.id for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_metadata_is_sound(row) -> None:
    rule = row.rule
    assert re.fullmatch(r"[CBAPUN][1-4]\d\d", rule.code)
    assert rule.severity in SEVERITIES and 0 < rule.confidence <= 1 and rule.since
    assert 3 < len(rule.title) <= 72 and "\n" not in rule.title and not rule.title.endswith(".")
    assert all(n in NEEDS or n.partition(":")[0] in ("field", "sdk", "state", "file") for n in rule.needs)
    assert all(cause in CAUSES for cause, _ in rule.causes)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_docstring_has_every_section_once_and_in_order(row) -> None:
    text = import_module(module_name(row.id)).__doc__ or ""
    found = re.findall(rf"^({'|'.join(SECTIONS)}):", text, re.MULTILINE)
    assert tuple(found) == SECTIONS
    assert text.split("\n")[0].endswith(".")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_there_are_tests_that_trip_it_and_tests_that_must_not(row) -> None:
    folder = HERE / row.id
    kinds = {path.name.split("-")[0] for path in folder.iterdir()} if folder.is_dir() else set()
    module = HERE / f"test_{row.id.replace('-', '_')}.py"
    assert module.is_file() or {"trips", "quiet"} <= kinds


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_module_that_builds_edits_says_that_it_is_fixable(row) -> None:
    text = Path(import_module(module_name(row.id)).__file__ or "").read_text()
    assert row.fixable or "edits=" not in text


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_its_page_is_there(row) -> None:
    assert (ROOT / "docs/rules" / f"{row.id}.md").is_file(), "run `make generate`"
