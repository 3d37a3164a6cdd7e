"""A README.md that is there and is no file: files of such kinds cannot stand in an archive."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from unstick.rules.engine import check
from unstick.space import Space

KINDS = [
    ("a pipe", lambda path: os.mkfifo(path), "no regular file"),
    ("a folder", lambda path: path.mkdir(), "a folder"),
    ("a link that leads nowhere", lambda path: path.symlink_to("nothing.md"), "a symbolic link"),
    ("a link out of the tree", lambda path: path.symlink_to("/etc/hostname"), "a symbolic link"),
]


@pytest.mark.parametrize(("make", "words"), [k[1:] for k in KINDS], ids=[k[0] for k in KINDS])
def test_what_is_no_regular_file_is_named(tmp_path: Path, make, words: str) -> None:
    (tmp_path / "app.py").write_text("print(1)\n")
    make(tmp_path / "README.md")
    (found,) = check(Space.open(str(tmp_path)), select=["readme-missing"])
    assert words in found.message and found.severity == "error" and not found.edits


def test_a_link_inside_the_tree_is_read(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("---\nsdk: static\n---\n")
    (tmp_path / "README.md").symlink_to("real.md")
    assert not check(Space.open(str(tmp_path)), select=["readme-missing", "block-missing"])
