"""Findings in each format."""

from __future__ import annotations

import json

import pytest

from unstick.report.findings import FORMATS, Checked, exit_code, render
from unstick.rules import check
from unstick.space import Place, Space

TEXT = "---\nsdk: streamlit\nsdk_version: 1.40.0\ncolorTo: cyan\n---\n"
EVIL = "a\x1b]0;x\x07\nb"


@pytest.fixture
def checked() -> list[Checked]:
    return [Checked("my-space", check(Space.from_files({"README.md": TEXT})))]


def test_text(checked) -> None:
    assert render("text", checked) == (
        "my-space/README.md:2:6: advice C117 streamlit-sdk-deprecated: streamlit as SDK is deprecated since"
        " 2025-04-30: existing Spaces run, new ones use docker\n"
        "    When it has to be moved: sdk docker, app_port 8501, and Streamlit's template.\n"
        "my-space/README.md:4:10: error C109 bad-color: colorTo is 'cyan'; the Hub takes only red, yellow, "
        "green, blue, indigo, purple, pink, gray\n"
        "    Write `colorTo: blue`.\n"
        "\n"
        "1 error, 1 advice; 1 can be mended by `unstick fix`.\n"
    )


def test_paths_are_those_a_person_would_open() -> None:
    finding = check(Space.from_files({"README.md": TEXT}))[0]
    for path, shown in ((".", "README.md"), ("a/b/", "a/b/README.md"), ("/x", "/x/README.md")):
        assert render("text", [Checked(path, (finding,))]).startswith(f"{shown}:2:6:")


def test_a_healthy_space_gets_silence() -> None:
    assert render("text", [Checked("a", ())], statistics=True) == ""
    assert render("github", [Checked("a", ())]) == ""


def test_statistics(checked) -> None:
    assert "    1  C109  bad-color\n" in render("text", checked, statistics=True)
    assert json.loads(render("json", checked, statistics=True))["statistics"] == [
        {"rule": "bad-color", "code": "C109", "count": 1},
        {"rule": "streamlit-sdk-deprecated", "code": "C117", "count": 1},
    ]


def test_json(checked) -> None:
    data = json.loads(render("json", checked))
    finding = data["findings"][1]
    assert {k: finding[k] for k in ("rule", "code", "severity", "path", "line", "column")} == {
        "rule": "bad-color", "code": "C109", "severity": "error", "path": "README.md", "line": 4, "column": 10
    }  # fmt: skip
    assert finding["edits"][0]["text"] == "blue" and 0 < finding["confidence"] <= 1
    assert data["summary"] == {"error": 1, "warning": 0, "advice": 1}


def test_github(checked) -> None:
    lines = render("github", checked).splitlines()
    assert lines[0].startswith(
        "::notice file=my-space/README.md,title=C117 streamlit-sdk-deprecated,line=2,col=6::"
    )
    assert lines[1].startswith(
        "::error file=my-space/README.md,title=C109 bad-color,line=4,col=10::colorTo is"
    )


def test_sarif_has_the_shape_that_its_standard_asks_for(checked) -> None:
    log = json.loads(render("sarif", checked))
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note") and result["message"]["text"]
        physical = result["locations"][0]["physicalLocation"]
        assert physical["artifactLocation"]["uri"] == "my-space/README.md"
        assert physical["region"]["startLine"] >= 1 and physical["region"]["startColumn"] >= 1
    replacement = run["results"][1]["fixes"][0]["artifactChanges"][0]["replacements"][0]
    start, length = replacement["deletedRegion"]["charOffset"], replacement["deletedRegion"]["charLength"]
    assert TEXT[start : start + length] == "cyan" and replacement["insertedContent"] == {"text": "blue"}


def test_sarif_leaves_out_the_region_where_the_line_is_not_known() -> None:
    finding = check(Space.from_files({"Dockerfile": "FROM x"}, complete=True), select=["readme-missing"])[0]
    result = json.loads(render("sarif", [Checked("a b", (finding,))]))["runs"][0]["results"][0]
    assert result["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "a%20b/README.md"}}}]


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_read_drives_the_terminal(format: str) -> None:
    finding = check(Space.from_files({"README.md": TEXT}))[1]
    finding = finding._replace(place=Place(EVIL, 1, 1), message=EVIL, remedy=EVIL + "\udcff")
    text = render(format, [Checked(EVIL, (finding,), note=EVIL)], statistics=True)
    assert not set(text) & {"\x1b", "\x07", "\x9b", "\r", "\udcff"}
    text.encode("utf-8")
    if format in ("text", "github"):
        assert not any(line.startswith("b") for line in text.split("\n"))


@pytest.mark.parametrize(("format", "code"), [("text", 1), ("json", 1), ("github", 1), ("sarif", 0)])
def test_exit_codes(format: str, code: int, checked) -> None:
    assert exit_code(format, checked) == code
    advice = [checked[0]._replace(findings=checked[0].findings[:1])]
    assert exit_code(format, advice) == exit_code(format, []) == 0


def test_colour_only_where_asked(checked) -> None:
    assert "\x1b[" in render("text", checked, color=True) and "\x1b[" not in render("text", checked)
