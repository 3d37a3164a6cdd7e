"""Repairs: edits by span, a second look, and what reaches the disk."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.errors import UnreadableError
from unstick.repair.apply import choose
from unstick.repair.fix import diff, plan
from unstick.repair.write import write
from unstick.rules import Rule, check
from unstick.space import Edit, Finding, Place, Space

BAD = "---\nsdk: docker\ncolorTo: cyan\n---\n# Über\n"
GOOD = BAD.replace("cyan", "blue")
RULE = Rule(code="C999", title="Own")


def finding(*edits: Edit) -> Finding:
    return RULE.finding(Place("f", 1), "m", edits=edits)


def test_a_findings_edits_go_in_together_or_not_at_all() -> None:
    first = finding(Edit("f", 0, 2, "x"))
    second = finding(Edit("f", 5, 6, "y"), Edit("f", 1, 3, "z"))
    assert choose([first, second], unsafe=False) == ([Edit("f", 0, 2, "x")], [first])


def test_one_unsafe_edit_makes_the_finding_unsafe() -> None:
    mixed = finding(Edit("f", 0, 1, "x"), Edit("f", 2, 3, "y", False))
    assert choose([mixed], unsafe=False) == ([], [])
    assert choose([mixed], unsafe=True)[1] == [mixed]


def test_the_same_edit_of_two_findings_counts_once() -> None:
    edit = Edit("f", 0, 1, "x")
    assert choose([finding(edit), finding(edit)], unsafe=False)[0] == [edit]


def folder(tmp_path: Path, data: bytes) -> Space:
    (tmp_path / "README.md").write_bytes(data)
    return Space.open(str(tmp_path))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BAD.encode(), GOOD.encode()),
        (BAD.replace("\n", "\r\n").encode(), GOOD.replace("\n", "\r\n").encode()),
        (BAD.encode().replace(b"\xc3\x9c", b"\xdc\xff"), GOOD.encode().replace(b"\xc3\x9c", b"\xdc\xff")),
        (b"\xef\xbb\xbf" + BAD.encode(), GOOD.encode()),
        (BAD.encode().rstrip(b"\n"), GOOD.encode().rstrip(b"\n")),
        (BAD.replace("\n# ", "\r\n# ").encode(), GOOD.replace("\n# ", "\r\n# ").encode()),
    ],
)
def test_a_repair_changes_its_span_and_no_other_byte(tmp_path: Path, before: bytes, after: bytes) -> None:
    space = folder(tmp_path, before)
    os.chmod(tmp_path / "README.md", 0o640)
    assert write(space, plan(space, check)) == ("README.md",)
    assert (tmp_path / "README.md").read_bytes() == after
    assert (tmp_path / "README.md").stat().st_mode & 0o777 == 0o640
    again = Space.open(str(tmp_path))
    assert plan(again, check).changes == () and os.listdir(tmp_path) == ["README.md"]


def test_layer_by_layer(tmp_path: Path) -> None:
    """A block below a heading hides its own mistakes: each pass mends the next layer."""
    text = "# T\n\n---\ntitle: a: b\nsdk: Docker\ncolorTo: cyan\n---\n"
    fix = plan(folder(tmp_path, text.encode()), check)
    assert fix.changes[0].after == '---\ntitle: "a: b"\nsdk: docker\ncolorTo: blue\n---\n\n# T\n\n'
    assert {f.rule for f in fix.mended} >= {"block-not-at-top", "yaml-invalid", "sdk-unknown", "bad-color"}


def test_safe_edits_only_unless_asked() -> None:
    space = Space.from_files({"README.md": "---\nsdk: docker\ncolorTo: blurple\n---\n"})
    assert plan(space, check).changes == ()
    assert "colorTo: gray" in plan(space, check, unsafe=True).changes[0].after


def own_check(edit: Edit):
    """A check that always finds one thing with this edit, beside the real rules."""
    return lambda space: (
        RULE.finding(Place("README.md", 1), "own", edits=(edit,))._replace(rule="own"),
        *check(space),
    )


@pytest.mark.parametrize("edit", [Edit("README.md", 4, 4, "x"), Edit("README.md", 4, 15, 'sdk: "docker')])
def test_an_edit_that_does_not_mend_or_breaks_the_file_is_left_out(edit: Edit) -> None:
    space = Space.from_files({"README.md": BAD})
    fix = plan(space, own_check(edit))
    assert [c.after for c in fix.changes] == [GOOD]
    assert [f.rule for f in fix.mended] == ["bad-color"]


def test_a_file_larger_than_what_is_read_is_not_edited(tmp_path: Path, monkeypatch) -> None:
    space = folder(tmp_path, BAD.encode() + b"x" * 5_000_000)
    assert plan(space, check).changes == ()


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    space = folder(tmp_path, BAD.encode())
    fix = plan(space, check)
    (tmp_path / "README.md").write_text("other")
    with pytest.raises(UnreadableError, match="changed while"):
        write(space, fix)
    assert (tmp_path / "README.md").read_text() == "other"


def test_a_file_that_appeared_meanwhile_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python:3.12\n")
    space = Space.open(str(tmp_path))
    fix = plan(space, lambda s: check(s, select=["readme-missing"]), unsafe=True)
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(UnreadableError, match="appeared"):
        write(space, fix)
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_link_out_of_the_space_is_never_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text(BAD)
    inside = tmp_path / "space"
    inside.mkdir()
    (inside / "README.md").symlink_to(outside)
    (inside / "Dockerfile").write_text("FROM python:3.12\n")
    space = Space.open(str(inside))
    fix = plan(space, lambda s: check(s, select=["C1"]), unsafe=True)
    with contextlib.suppress(UnreadableError):
        write(space, fix)
    assert outside.read_text() == BAD


def test_a_link_inside_the_space_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/README.md").write_text(BAD)
    (tmp_path / "README.md").symlink_to("docs/README.md")
    space = Space.open(str(tmp_path))
    write(space, plan(space, check))
    assert (tmp_path / "README.md").is_symlink() and (tmp_path / "docs/README.md").read_text() == GOOD


def test_the_diff_applies() -> None:
    fix = plan(Space.from_files({"README.md": BAD.rstrip("\n")}), check)
    assert diff(fix) == (
        "--- a/README.md\n+++ b/README.md\n@@ -1,5 +1,5 @@\n ---\n sdk: docker\n-colorTo: cyan\n"
        "+colorTo: blue\n ---\n # Über\n\\ No newline at end of file\n"
    )


@given(st.text(alphabet="-: \r\n#abcsdktile'\"`\t[]{}<=>\ufeff", max_size=120))
def test_any_block_can_be_planned_and_twice_is_the_same_as_once(text: str) -> None:
    space = Space.from_files({"README.md": "---\n" + text}, complete=True)
    for unsafe in (False, True):
        fix = plan(space, lambda s: check(s, select=["C1"]), unsafe=unsafe)
        assert not [f for f in fix.left if f.rule == "internal-error"]
        if fix.changes:
            after = {c.path: c.after for c in fix.changes}
            again = Space.from_files({"README.md": "---\n" + text, **after}, complete=True)
            assert plan(again, lambda s: check(s, select=["C1"]), unsafe=unsafe).changes == ()
