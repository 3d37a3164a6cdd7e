"""What COPY puts where, and that no link leads out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.process.docker_tree import ImageTree
from unstick.space.ignore import IgnoreFile

ME = (os.getuid(), os.getgid())


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    root, context = tmp_path / "root", tmp_path / "context"
    root.mkdir()
    (context / "src/inner").mkdir(parents=True)
    for name, text in (("a.py", "a"), ("src/b.py", "b"), ("src/inner/c.py", "c"), ("src/skip.log", "log")):
        (context / name).write_text(text)
    return root, context


def _tree(root: Path, ignored: str = "") -> ImageTree:
    return ImageTree(str(root), IgnoreFile(ignored, "docker"))


def _all(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir())


@pytest.mark.parametrize(
    ("name", "into", "many", "expected"),
    [
        ("a.py", "/app", False, ["app"]),
        ("a.py", "/app", True, ["app/a.py"]),
        ("a.py", "/app/main.py", False, ["app/main.py"]),
        ("src", "/app", False, ["app/b.py", "app/inner/c.py"]),
        ("src", "/app", True, ["app/b.py", "app/inner/c.py"]),
        ("", "/srv/x", False, ["srv/x/a.py", "srv/x/src/b.py", "srv/x/src/inner/c.py"]),
    ],
)
def test_place(places: tuple[Path, Path], name: str, into: str, many: bool, expected: list[str]) -> None:
    root, context = places
    _tree(root, "**/*.log").place(str(context), name, into, many, ME, None, True)
    assert _all(root) == expected


def test_ignored_and_brought_back(places: tuple[Path, Path]) -> None:
    root, context = places
    _tree(root, "src\n!src/inner").place(str(context), "", "/app", False, ME, None, True)
    assert _all(root) == ["app/a.py", "app/src/inner/c.py"]


def test_mode(places: tuple[Path, Path]) -> None:
    root, context = places
    _tree(root).place(str(context), "a.py", "/a.py", False, ME, "755", True)
    assert (root / "a.py").stat().st_mode & 0o777 == 0o755


def test_a_link_in_the_image_is_followed_inside_of_it(places: tuple[Path, Path], tmp_path: Path) -> None:
    root, context = places
    outside = tmp_path / "srv"
    outside.mkdir()
    (root / "app").symlink_to("/srv")
    _tree(root).place(str(context), "a.py", "/app/", True, ME, None, True)
    assert (root / "srv/a.py").read_text() == "a"
    assert list(outside.iterdir()) == []


def test_a_link_to_itself_is_refused(places: tuple[Path, Path]) -> None:
    root, context = places
    (root / "app").symlink_to("/app")
    with pytest.raises(CannotRehearse):
        _tree(root).place(str(context), "a.py", "/app/", True, ME, None, True)


def test_nothing_is_copied_through_a_link_that_leads_out(places: tuple[Path, Path], tmp_path: Path) -> None:
    root, context = places
    (tmp_path / "private").mkdir()
    (tmp_path / "private/key").write_text("secret")
    (context / "link").symlink_to(tmp_path / "private")
    with pytest.raises(CannotRehearse):
        _tree(root).place(str(context), "link/key", "/app/", True, ME, None, False)
    assert _all(root) == []
