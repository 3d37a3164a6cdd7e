"""The pages of rules, causes and signs: every one can be made, and its references lead to something."""

from __future__ import annotations

import re

import pytest

from unstick.causes import load
from unstick.report.pages import find, page, split_docstring
from unstick.rules.engine import table
from unstick.signs.vocabulary import signs

EVERYTHING = [
    *[("rule", row.id, row.rule.code) for row in table()],
    *[("cause", cause.id, cause.code) for cause in load().values()],
    *[("sign", sign.id, sign.code) for sign in signs().values()],
]


def test_every_page_names_its_code_and_refers_to_what_exists() -> None:
    names = {(kind, name) for kind, name, _ in EVERYTHING}
    for kind, name, code in EVERYTHING:
        seen: list[tuple[str, str]] = []

        def link(kind: str, name: str, seen: list[tuple[str, str]] = seen) -> str:
            seen.append((kind, name))
            return name

        text = page(kind, name, link)
        assert text.startswith(f"# {code} {name}\n"), name
        assert set(seen) <= names, name


def test_codes_and_ids_are_each_given_once() -> None:
    codes = [code for _, _, code in EVERYTHING]
    assert sorted(codes) == sorted(set(codes))
    pairs = [(kind, name) for kind, name, _ in EVERYTHING]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("kind, first, last", [("cause", 1, 99), ("rule", 100, 499), ("sign", 500, 999)])
def test_the_number_tells_the_kind(kind: str, first: int, last: int) -> None:
    odd = [code for found, _, code in EVERYTHING if found == kind and not first <= int(code[1:]) <= last]
    assert odd == []


@pytest.mark.parametrize("name", ["C01", "c01", "port-mismatch", "Port_Mismatch"])
def test_find_takes_codes_and_ids_in_any_case(name: str) -> None:
    assert ("cause", "port-mismatch") in find(name)


def test_find_gives_nothing_for_an_unknown_name() -> None:
    assert find("no-such-thing") == []


def test_every_rule_says_all_that_a_reader_needs() -> None:
    for row in table():
        titles = re.findall(r"^## (.+)$", page("rule", row.id), re.MULTILINE)
        missing = {"What it finds", "Why it matters", "Source"} - set(titles)
        assert missing == set(), row.id


def test_sections_keep_their_order_and_their_examples() -> None:
    text = "Title.\n\nWhat it finds: a thing,\nand more.\n\nExample:\n\n    a: b\n\nSource: docs."
    assert split_docstring(text) == (
        "Title.",
        [("What it finds", "A thing,\nand more."), ("Example", "    a: b"), ("Source", "Docs.")],
    )
