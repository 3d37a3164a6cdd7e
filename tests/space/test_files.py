"""Trees: nothing outside is read, odd files are harmless, text survives byte for byte."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.errors import UnreadableError
from unstick.space.files import DiskTree, Tree, normal
from unstick.space.globs import match_path
from unstick.space.ignore import IgnoreFile
from unstick.space.text_file import decode, encode


def test_links_do_not_leave_the_tree(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("no")
    root = tmp_path / "space"
    (root / "real").mkdir(parents=True)
    (root / "real" / "a.txt").write_text("yes")
    (root / "out").symlink_to("../secret")
    (root / "absolute").symlink_to(tmp_path / "secret")
    (root / "updir").symlink_to("..")
    (root / "inside").symlink_to("real/a.txt")
    (root / "folder").symlink_to("real")
    (root / "loop").symlink_to("loop")
    tree = Tree.open(str(root))
    assert [tree.read_text(p) for p in ("out", "absolute", "updir/secret", "loop", "../secret")] == [None] * 5
    assert [tree.read_text(p) for p in ("inside", "folder/a.txt", "real/a.txt")] == ["yes"] * 3
    assert tree.exists("folder/a.txt") and not tree.exists("out") and tree.absent("updir/secret")


def test_a_parent_that_becomes_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a").write_text("no")
    root = tmp_path / "space"
    (root / "d").mkdir(parents=True)
    (root / "d" / "a").write_text("yes")
    tree = Tree.open(str(root))
    assert tree.exists("d/a")
    (root / "d" / "a").unlink()
    (root / "d" / "a").symlink_to(tmp_path / "secret" / "a")
    assert tree.read_text("d/a") is None


def test_fifos_large_files_and_odd_names(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "README.md")
    with open(tmp_path / "big", "wb") as file:
        file.truncate(1 << 30)
    (tmp_path / "a\nb\x1b[31m").write_text("x")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py"))).write_text("x")
    tree = Tree.open(str(tmp_path))
    assert tree.read_text("README.md") is None and tree.exists("README.md") and not tree.is_file("README.md")
    assert len(tree.read_bytes("big", 1000) or b"") == 1000
    assert len(tree.names()) == 3
    with pytest.raises(UnreadableError):
        Tree.open(str(tmp_path / "nothing"))


def test_too_many_files_are_told_and_still_found(tmp_path: Path) -> None:
    for i in range(50):
        (tmp_path / f"f{i}").write_text("x")
    tree = DiskTree(str(tmp_path), max_files=10)
    assert len(tree.names()) == 10 and tree.truncated
    assert all(tree.exists(f"f{i}") for i in range(50)) and tree.absent("f50")


def test_git_and_environments_are_not_listed(tmp_path: Path) -> None:
    for folder in (".git", "node_modules/x", "src"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.js").write_text("x")
    tree = Tree.open(str(tmp_path))
    assert tree.names() == ("src/a.js",)
    assert tree.exists("node_modules/x/a.js") and not tree.exists(".git/a.js")


def test_excerpts_never_prove_absence() -> None:
    tree = Tree.of({"src/app.py": "x"})
    assert tree.exists("src") and tree.is_folder("src") and tree.is_file("./src/app.py")
    assert not tree.exists("b") and not tree.absent("b")
    assert Tree.of({}, complete=True).absent("b")
    assert tree.glob("s*/*.py") == ("src/app.py",) and tree.other_case("SRC/App.py") == "src/app.py"


@given(st.binary(max_size=60), st.sampled_from([b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"]))
def test_text_goes_back_byte_for_byte(body: bytes, mark: bytes) -> None:
    data = mark + (body if len(body) % 2 == 0 or len(mark) != 2 else body + b"\0")
    if data[:4] not in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        file = decode("a", data)
        assert encode(file.text, file.encoding) == data


@given(st.text("ab/*?[].", max_size=12), st.text("ab/", max_size=12))
def test_globs_answer_for_anything(pattern: str, path: str) -> None:
    assert match_path(pattern, path) in (True, False)
    assert match_path("**", path)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*.py", "a.py", True),
        ("*.py", "d/a.py", False),
        ("**/*.py", "a.py", True),
        ("**/*.py", "d/e/a.py", True),
        ("d/**", "d/e/f", True),
        ("a*b*c", "axxbxxc", True),
        ("a*b*c", "axxbxx", False),
        ("[a-c]?", "bz", True),
        ("[!a]x", "ax", False),
        ("\\*", "*", True),
    ],
)
def test_globs(pattern: str, path: str, fits: bool) -> None:
    assert match_path(pattern, path) is fits
    assert not match_path("*a" * 5000, "a" * 3000 + "b")


def test_docker_ignore() -> None:
    ignore = IgnoreFile("*\n!app\n!*.txt\n# words\napp/secret\n**/*.log\n/data/\n", "docker")
    for path, kept_out in (
        ("README.md", True), ("app/x.py", False), ("a.txt", False), ("app/secret/k", True),
        ("app/d/a.log", True), ("data/x", True),
    ):  # fmt: skip
        assert ignore.ignores(path) is kept_out, path
    assert IgnoreFile("*\n!/models/a\n", "docker").may_bring_back("models")


def test_git_ignore() -> None:
    ignore = IgnoreFile("*.pkl\n!keep.pkl\n/build\ndata/\nlogs/*\n!logs/.gitkeep\n", "git")
    for path, kept_out in (
        ("a/b.pkl", True), ("x/keep.pkl", False), ("build/x", True), ("src/build", False), ("data/x", True),
        ("data", False), ("logs/a", True), ("logs/.gitkeep", False),
    ):  # fmt: skip
        assert ignore.ignores(path) is kept_out, path


def test_normal() -> None:
    assert [normal(p) for p in ("./a//b/../c", "/a", ".", "", "a/")] == ["a/c", "a", "", "", "a"]


def test_git_index_tells_what_is_tracked(tmp_path: Path) -> None:
    import subprocess

    for name in ("kept.txt", "left.txt", "d/a.txt", ".gitignore"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("left.txt\n")
    assert Tree.open(str(tmp_path)).tracked("kept.txt") is None
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "."], check=True)
    tree = Tree.open(str(tmp_path))
    assert [tree.tracked(p) for p in ("kept.txt", "left.txt", "d", "d/a.txt", "e")] == [
        True,
        False,
        True,
        True,
        False,
    ]
    (tmp_path / ".git" / "index").write_bytes(b"DIRC\0\0\0\4")
    assert Tree.open(str(tmp_path)).tracked("kept.txt") is None
