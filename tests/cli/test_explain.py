"""`unstick explain` on the real command line."""

from __future__ import annotations

import pytest

from conftest import run_unstick


@pytest.mark.parametrize("name", ["P01", "p01", "platform-stuck-state"])
def test_a_cause_by_code_or_id(name: str) -> None:
    ran = run_unstick("explain", name)
    assert ran.code == 0 and ran.err == ""
    assert ran.out.startswith("P01 platform-stuck-state\n")
    assert "What to do" in ran.out and "\x1b" not in ran.out


def test_colour_when_it_is_forced() -> None:
    assert (
        "\x1b[1mP01 platform-stuck-state\x1b[0m"
        in run_unstick("explain", "P01", env={"FORCE_COLOR": "1"}).out
    )


def test_the_width_is_that_of_the_terminal() -> None:
    narrow = run_unstick("explain", "P01", env={"COLUMNS": "50"}).out
    assert max(map(len, narrow.splitlines())) <= 50


def test_an_unknown_name_is_one_line_with_what_is_near() -> None:
    ran = run_unstick("explain", "prot-mismatch\x1b[31m")
    assert ran.code == 2 and ran.out == ""
    assert ran.err.count("\n") == 1 and "\x1b" not in ran.err
    assert "C01 port-mismatch" in ran.err


def test_the_list_and_json() -> None:
    assert "  P01   platform-stuck-state" in run_unstick("explain").out
    entries = run_unstick("explain", "--format", "json").json()["entries"]
    assert {entry["kind"] for entry in entries} == {"cause", "rule", "sign"}
    assert run_unstick("explain", "C04", "--json").json()["entries"][0]["id"] == "readme-config"


def test_markdown_is_the_page() -> None:
    assert run_unstick("explain", "A03", "--format", "markdown").out.startswith("# A03 disk-full\n")
