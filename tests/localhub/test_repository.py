"""Repositories on disk: names, commits, and what an export may write."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.localhub.git_types import REVISION
from unstick.localhub.repository import (
    BadPath,
    Change,
    Conflict,
    NoSuchRevision,
    NotThere,
    Repository,
    checked_path,
)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(str(tmp_path / "one.git"))
    made.create()
    return made


def write(repository: Repository, files: dict[str, bytes], message: str = "m", **more: str) -> str:
    changes = [Change(path, repository.store(data)) for path, data in files.items()]
    return repository.commit("main", changes, message, author="alice", **more)


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", ".git", ".git/config", "a/.GIT/x", "a/.git ",
        "a/.git.", ".git::$INDEX_ALLOCATION", "git~1/config", ".g\u200cit/config", "a\\b", "a\nb", "a\0b", "\x7f",
        "a\ud800", "x" * 256, "y/" * 600,
    ],
)  # fmt: skip
def test_paths_that_no_file_can_have(path: str) -> None:
    with pytest.raises(BadPath):
        checked_path(path)


@pytest.mark.parametrize(
    "path",
    ["a", "a/b.txt", ".gitignore", "ü b/ß", "a/.github/x", "-x", "--help", "a:b", "..a", "a..b", "git", "*"],
)
def test_paths_that_a_file_can_have(path: str) -> None:
    assert checked_path(path) == path


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["..", ".", ".git", "a", "", "\\", "b c", "~"])).map("/".join)
)
def test_a_path_that_passes_stays_within_its_folder(path: str) -> None:
    try:
        checked_path(path)
    except BadPath:
        return
    assert os.path.normpath(os.path.join("/base", path)) == f"/base/{path}"
    assert not {"", ".", ".."}.intersection(path.split("/"))
    assert ".git" not in path.lower().split("/")
    assert path.isprintable() or not any(ord(c) < 32 for c in path)


@given(st.text(st.sampled_from("ab/.-@{}~^:\\ \n*?["), min_size=1, max_size=12))
def test_a_revision_that_passes_is_a_ref_name_for_git_too(name: str) -> None:
    done = subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], check=False)
    if REVISION.match(name):
        assert done.returncode == 0
        assert not name.startswith("-")


def test_commits_change_what_they_say_and_nothing_else(repository: Repository) -> None:
    first = write(repository, {"a/1": b"1", "a/2": b"2", "b": b"b", "--x": b"x"})
    changes = [Change("a", folder=True), Change("b"), Change("a/3", repository.store(b"3"))]
    second = repository.commit("main", changes, "second\n\nbody", author="al<i>ce\n")
    assert {one.path for one in repository.tree(second, recursive=True) if one.kind == "file"} == {
        "a/3",
        "--x",
    }
    newest, oldest = repository.log(second)
    assert (newest.oid, newest.title, newest.message, newest.author) == (second, "second", "body", "alice")
    assert (oldest.oid, repository.head(), repository.count(second)) == (first, second, 2)


def test_a_file_takes_the_place_of_a_folder_and_back(repository: Repository) -> None:
    write(repository, {"a/b": b"1"})
    assert [one.path for one in repository.tree(write(repository, {"a": b"2"}))] == ["a"]
    found = repository.tree(write(repository, {"a/b/c": b"3"}), recursive=True)
    assert [one.path for one in found] == ["a", "a/b", "a/b/c"]


@pytest.mark.parametrize(
    "change", [Change("none"), Change("a"), Change("b", folder=True), Change("none", folder=True)]
)
def test_removing_what_is_not_there(repository: Repository, change: Change) -> None:
    before = write(repository, {"a/1": b"1", "b": b"b"})
    with pytest.raises(NotThere):
        repository.commit("main", [change], "m", author="a")
    assert repository.head() == before


def test_a_parent_that_is_no_longer_the_newest(repository: Repository) -> None:
    first = write(repository, {"a": b"1"}, parent="")
    write(repository, {"a": b"2"}, parent=first)
    with pytest.raises(Conflict):
        write(repository, {"a": b"3"}, parent=first)
    with pytest.raises(Conflict):
        write(repository, {"a": b"3"}, parent="")


def test_commits_at_once_are_all_there(repository: Repository) -> None:
    threads = [threading.Thread(target=write, args=(repository, {f"f{n}": b"x"})) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    head = repository.head()
    assert repository.count(head) == 8
    assert {one.path for one in repository.tree(head)} == {f"f{n}" for n in range(8)}


def test_commits_beside_another_process_are_all_there(repository: Repository) -> None:
    other = Repository(repository.path)  # it has another lock, as a push by git has none
    write(repository, {"first": b"1"})
    threads = [
        threading.Thread(target=write, args=(each, {f"f{n}": b"x"}))
        for n, each in enumerate((repository, other, repository, other))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert repository.count(repository.head()) == 5


def test_revisions(repository: Repository) -> None:
    first = write(repository, {"a": b"1"})
    second = write(repository, {"a": b"2"})
    repository.tag("v1", first, "", "alice")
    repository.tag("v2", first, "with a message", "alice")
    repository.set_ref("refs/heads/dev/x", first, "")
    for name in ("v1", "v2", "dev/x", first, first[:7], "refs/heads/dev/x", "tags/v1"):
        assert repository.resolve(name) == first, name
    assert repository.resolve("main") == second
    for name in (
        "",
        "none",
        "-x",
        "--all",
        "main~1",
        "main^{tree}",
        "a..b",
        "HEAD@{0}",
        "0" * 40,
        "/etc",
        "main:a",
    ):
        with pytest.raises(NoSuchRevision):
            repository.resolve(name)
    with pytest.raises(Conflict):
        repository.tag("v1", second, "", "alice")
    assert repository.delete_ref("refs/tags/v1")
    assert not repository.delete_ref("refs/tags/v1")


def test_a_squash_keeps_the_files(repository: Repository) -> None:
    write(repository, {"a": b"1"})
    before = repository.tree(write(repository, {"b": b"2"}))
    commit = repository.squash("main", "all", "alice")
    assert (repository.head(), repository.count(commit), repository.tree(commit)) == (commit, 1, before)


def test_large_blobs_come_back_as_they_were(repository: Repository, tmp_path: Path) -> None:
    data = os.urandom(1000) * 9000  # above the threshold from which git streams
    (tmp_path / "large").write_bytes(data)
    (oid,) = repository.store_files([str(tmp_path / "large")])
    expected = subprocess.run(
        ["git", "hash-object", str(tmp_path / "large")], capture_output=True, check=True
    )
    assert oid == expected.stdout.decode().strip()
    assert b"".join(repository.stream(oid)) == data
    assert repository.read(oid, 5) == data[:5]
    assert repository.read_many([oid, "0" * 40]) == {oid: data}


def test_the_lock_that_a_killed_git_left(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    from unstick.localhub import repository as module

    write(repository, {"a": b"1"})
    lock = Path(repository.path) / "refs/heads/main.lock"
    lock.touch()
    monkeypatch.setattr(module, "STALE", 0.3)
    begun = time.monotonic()
    commit = write(repository, {"a": b"2"})
    assert repository.head() == commit
    assert not lock.exists()
    assert time.monotonic() - begun >= 0.2  # a lock that is young is somebody's


def raw_commit(repository: Repository, rows: list[tuple[str, bytes]]) -> str:
    """A commit with a tree of raw entries (mode and name, content), as no API makes it."""
    lines = [
        f"{mode.split()[0]} blob {repository.store(data)}\t{mode.split(' ', 1)[1]}" for mode, data in rows
    ]
    given = "".join(f"{line}\0" for line in lines).encode()
    tree = repository.run("mktree", "-z", given=given).decode().strip()
    author = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@localhost"}
    return repository.run("commit-tree", tree, given=b"raw", extra=author).decode().strip()


def test_an_export_writes_within_its_folder_only(repository: Repository, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("untouched")
    commit = raw_commit(
        repository,
        [
            ("120000 up", b"../outside"), ("120000 absolute", str(outside).encode()), ("120000 fine", b"dir/file"),
            ("120000 deep", b"a/../../outside"), ("120000 dot", b"."), ("120000 chain", b"dot/../outside"),
            ("120000 wide", b"chain"), ("100755 run.sh", b"#!/bin/sh\n"), ("100644 file", b"f"),
            ("100644 we\nird", b"w"),
        ],
    )  # fmt: skip
    target = tmp_path / "target"
    target.mkdir()
    repository.export(commit, str(target))
    assert sorted(os.listdir(target)) == ["dot", "file", "fine", "run.sh"]
    assert os.access(target / "run.sh", os.X_OK)
    assert os.readlink(target / "fine") == "dir/file"
    assert outside.read_text() == "untouched"


def test_many_loose_objects_are_packed(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    from unstick.localhub import repository as module

    commit = write(repository, {f"f{n}": b"%d" % n for n in range(20)})
    assert not repository.compact()
    monkeypatch.setattr(module, "LOOSE", 0)
    folder = Path(repository.path) / "objects/17"
    folder.mkdir(exist_ok=True)
    assert repository.compact()
    assert list((Path(repository.path) / "objects/pack").glob("*.pack"))
    assert len(repository.tree(commit)) == 20
    assert repository.count(write(repository, {"g": b"g"})) == 2


def test_an_export_puts_large_files_in_the_place_of_their_pointers(
    repository: Repository, tmp_path: Path
) -> None:
    from unstick.localhub import pointers

    oid = "ab" * 32
    stored = Path(pointers.place(str(tmp_path / "objects"), oid))
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"the large one")
    here, gone = pointers.Pointer(oid, 13), pointers.Pointer("cd" * 32, 5)
    commit = write(repository, {"here": pointers.text(here), "gone": pointers.text(gone)})
    target = tmp_path / "target"
    target.mkdir()
    repository.export(commit, str(target), str(tmp_path / "objects"))
    assert (target / "here").read_bytes() == b"the large one"
    assert (target / "gone").read_bytes() == pointers.text(gone)


@given(st.binary(max_size=200))
def test_pointers_are_read_as_they_are_written(data: bytes) -> None:
    from unstick.localhub import pointers

    found = pointers.parse(data)
    assert found is None or pointers.parse(pointers.text(found)) == found
    one = pointers.Pointer((data.hex() + "0" * 64)[:64], len(data))
    assert pointers.parse(pointers.text(one)) == one
