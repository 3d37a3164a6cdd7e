"""The official client against the local hub: files, commits, revisions, large files, git."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from e2e.hub_client import (
    INDEX,
    SKELETON,
    STATIC,
    Where,
    ask,
    client,
    commit,
    content,
    errors,
    files_of,
    needs,
    python,
)

pytest_plugins = ["e2e.hub_fixtures"]
Make = Callable[..., str]
LARGE = 12 * 1024 * 1024


def test_upload_file(api: Any, space: Make, tmp_path: Path) -> None:
    repo = space()
    info = api.upload_file(path_or_fileobj=INDEX, path_in_repo="a/ü b.html", repo_id=repo, repo_type="space")
    assert info.oid == api.space_info(repo).sha
    assert content(api, repo, "a/ü b.html", tmp_path) == INDEX
    (tmp_path / "file").write_bytes(b"")
    api.upload_file(path_or_fileobj=tmp_path / "file", path_in_repo="empty", repo_id=repo, repo_type="space")
    assert content(api, repo, "empty", tmp_path) == b""
    assert set(files_of(api, repo)) == SKELETON | {"a/ü b.html", "empty"}
    assert api.file_exists(repo, "empty", repo_type="space")
    assert not api.file_exists(repo, "other", repo_type="space")


def test_what_has_not_changed_makes_no_commit(api: Any, space: Make) -> None:
    repo = space(STATIC)
    before = api.space_info(repo).sha
    assert commit(api, repo, STATIC) == before
    assert api.list_repo_commits(repo, repo_type="space")[0].commit_id == before


def test_all_operations_of_a_commit(api: Any, space: Make, tmp_path: Path) -> None:
    from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete

    repo = space({**STATIC, "old/1": b"1", "old/2": b"2", "keep": b"k", "gone": b"g"})
    info = api.create_commit(
        repo,
        [
            CommitOperationAdd("new/deep/file", b"new"),
            CommitOperationCopy("keep", "copied/keep"),
            CommitOperationDelete("gone"),
            CommitOperationDelete("old/"),
            CommitOperationAdd("keep", b"changed"),
        ],
        commit_message="All at once", commit_description="and why", repo_type="space",
    )  # fmt: skip
    assert set(files_of(api, repo)) == SKELETON | {*STATIC, "new/deep/file", "copied/keep", "keep"}
    assert content(api, repo, "copied/keep", tmp_path) == b"k"
    assert content(api, repo, "keep", tmp_path) == b"changed"
    newest = api.list_repo_commits(repo, repo_type="space")[0]
    assert (newest.commit_id, newest.title, newest.message) == (info.oid, "All at once", "and why")
    assert newest.authors == [api.whoami()["name"]]
    assert repo in info.commit_url


def test_a_commit_on_an_older_state(api: Any, space: Make) -> None:
    repo = space(STATIC)
    first = api.space_info(repo).sha
    second = commit(api, repo, {"a": b"1"}, parent_commit=first)
    with pytest.raises(errors().HfHubHTTPError) as caught:
        commit(api, repo, {"a": b"2"}, parent_commit=first)
    assert caught.value.response.status_code == 412
    assert api.space_info(repo).sha == second


def test_commits_at_the_same_time_all_land(api: Any, space: Make) -> None:
    repo = space(STATIC)
    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(lambda n: commit(api, repo, {f"f{n}": b"x", "same": str(n).encode()}), range(16))
        )
    listed = [one.commit_id for one in api.list_repo_commits(repo, repo_type="space")]
    assert set(made) <= set(listed)
    assert {f"f{n}" for n in range(16)} <= set(files_of(api, repo))


def test_deletions(api: Any, space: Make) -> None:
    repo = space({**STATIC, "f/1": b"1", "f/2": b"2", "x.tmp": b"x", "y.tmp": b"y", "one": b"1"})
    api.delete_file("one", repo, repo_type="space")
    api.delete_folder("f", repo, repo_type="space")
    api.delete_files(repo, ["*.tmp"], repo_type="space")
    assert set(files_of(api, repo)) == SKELETON | set(STATIC)
    with pytest.raises(errors().EntryNotFoundError):
        api.delete_file("never-there", repo, repo_type="space")


def test_upload_folder(api: Any, space: Make, tmp_path: Path) -> None:
    repo = space({"a/old.txt": b"old"})
    for name in ("a/b/c.txt", "a/new.txt", "skip.log", ".git/config"):
        path = tmp_path / "up" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    api.upload_folder(
        repo_id=repo, folder_path=tmp_path / "up", repo_type="space", ignore_patterns=["*.log"],
        delete_patterns=["a/old.txt"],
    )  # fmt: skip
    assert set(files_of(api, repo)) == SKELETON | {"a/b/c.txt", "a/new.txt"}
    api.upload_folder(repo_id=repo, folder_path=tmp_path / "up/a", path_in_repo="z", repo_type="space")
    assert {"z/b/c.txt", "z/new.txt"} <= set(files_of(api, repo))


def test_a_folder_of_many_files(api: Any, space: Make, tmp_path: Path) -> None:
    repo = space()
    for number in range(600):
        path = tmp_path / "many" / f"{number % 7}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number}\n" * 5)
    api.upload_folder(repo_id=repo, folder_path=tmp_path / "many", repo_type="space")
    assert len(set(files_of(api, repo)) - SKELETON) == 600
    api.create_tag(repo, tag="many", repo_type="space")
    folder = api.snapshot_download(
        repo, repo_type="space", local_dir=tmp_path / "back", allow_patterns=["3/*"]
    )
    back = {path.name: path.read_text() for path in (Path(folder) / "3").iterdir()}
    assert back == {f"{n}.txt": f"{n}\n" * 5 for n in range(600) if n % 7 == 3}


def test_a_large_file(api: Any, space: Make, tmp_path: Path) -> None:
    from huggingface_hub import CommitOperationAdd

    repo = space()
    data = os.urandom(1024) * (LARGE // 1024)
    (tmp_path / "big.bin").write_bytes(data)
    api.upload_file(
        path_or_fileobj=tmp_path / "big.bin", path_in_repo="big.bin", repo_id=repo, repo_type="space"
    )
    assert content(api, repo, "big.bin", tmp_path) == data
    assert files_of(api, repo)["big.bin"].size == LARGE
    addition = CommitOperationAdd("again.bin", tmp_path / "big.bin")
    api.preupload_lfs_files(repo, [addition], repo_type="space")
    api.create_commit(repo, [addition], commit_message="Sent before", repo_type="space")
    assert content(api, repo, "again.bin", tmp_path) == data


def test_lfs(where_lfs: Where, tmp_path: Path) -> None:
    api = client(where_lfs)
    repo = api.create_repo(f"t{os.urandom(6).hex()}", repo_type="space", space_sdk="static").repo_id
    data = os.urandom(1024) * (LARGE // 1024)
    (tmp_path / "big.bin").write_bytes(data)
    code = f"""
from huggingface_hub import CommitOperationCopy, HfApi
api = HfApi()
api.upload_file(path_or_fileobj={str(tmp_path / "big.bin")!r}, path_in_repo="m/big.bin", repo_id={repo!r},
                repo_type="space")
api.upload_file(path_or_fileobj=b"small", path_in_repo="small.txt", repo_id={repo!r}, repo_type="space")
api.create_commit({repo!r}, [CommitOperationCopy("m/big.bin", "copy.bin")], commit_message="x", repo_type="space")
print(api.hf_hub_download({repo!r}, "m/big.bin", repo_type="space"))
"""
    printed = python(code, where_lfs, tmp_path / "home", HF_HUB_DISABLE_XET="1")
    assert Path(printed.split()[-1]).read_bytes() == data
    digest = hashlib.sha256(data).hexdigest()
    found = files_of(api, repo)
    assert (found["m/big.bin"].lfs.sha256, found["m/big.bin"].size) == (digest, LARGE)
    assert found["small.txt"].lfs is None
    assert content(api, repo, "m/big.bin", tmp_path) == data
    assert found["copy.bin"].lfs.sha256 == digest
    listed = list(api.list_lfs_files(repo, repo_type="space"))
    assert {file.filename for file in listed} <= {"m/big.bin", "copy.bin"}
    assert digest in (listed[0].oid, listed[0].file_oid)
    code = f"from huggingface_hub import HfApi; HfApi().delete_files({repo!r}, ['*.bin'], repo_type='space')"
    python(code, where_lfs, tmp_path / "home")
    api.permanently_delete_lfs_files(repo, listed, repo_type="space")
    assert list(api.list_lfs_files(repo, repo_type="space")) == []
    api.delete_repo(repo, repo_type="space")


def test_copies(api: Any, space: Make, tmp_path: Path) -> None:
    needs("copy_files")
    one, two = space({**STATIC, "data/1": b"1", "data/2": b"2"}), space(STATIC)
    api.copy_files(f"hf://spaces/{one}/data/1", f"hf://spaces/{two}/copy-of-1")
    assert content(api, two, "copy-of-1", tmp_path) == b"1"


def test_tree(api: Any, space: Make) -> None:
    repo = space({**STATIC, "a/b/c": b"c", "a/d": b"d"})
    top = {item.path: item for item in api.list_repo_tree(repo, repo_type="space")}
    assert set(top) == SKELETON | {*STATIC, "a"}
    assert [item.path for item in api.list_repo_tree(repo, "a", repo_type="space")] == ["a/b", "a/d"]
    last = commit(api, repo, {"a/d": b"new"}, "The last")
    shown = {
        item.path: item for item in api.list_repo_tree(repo, recursive=True, expand=True, repo_type="space")
    }
    assert shown["a/d"].last_commit.oid == last
    assert shown["a/d"].last_commit.title == "The last"
    assert shown["a/b/c"].last_commit.oid != last
    infos = api.get_paths_info(repo, ["a/d", "a", "none"], repo_type="space")
    assert {info.path for info in infos} == {"a/d", "a"}
    with pytest.raises(errors().EntryNotFoundError):
        list(api.list_repo_tree(repo, "not/there", repo_type="space"))


def test_downloads(api: Any, where: Where, space: Make, tmp_path: Path) -> None:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    repo = space({**STATIC, "a/b": b"0123456789"})
    url = hf_hub_url(repo, "a/b", repo_type="space", endpoint=where.endpoint)
    found = get_hf_file_metadata(url, token=where.token)
    assert (found.size, found.commit_hash) == (10, api.space_info(repo).sha)
    assert found.etag == files_of(api, repo)["a/b"].blob_id
    part = ask(where, "GET", f"/spaces/{repo}/resolve/main/a/b", headers={"Range": "bytes=3-5"})
    assert (part.status, part.body) == (206, b"345")
    folder = Path(api.snapshot_download(repo, repo_type="space", cache_dir=tmp_path))
    assert (folder / "a/b").read_bytes() == b"0123456789"
    assert (folder / "index.html").read_bytes() == INDEX
    with pytest.raises(errors().EntryNotFoundError):
        content(api, repo, "missing", tmp_path)
    with pytest.raises(errors().RevisionNotFoundError):
        content(api, repo, "a/b", tmp_path, revision="missing")
    if hasattr(api, "verify_repo_checksums"):
        checked = api.verify_repo_checksums(repo, repo_type="space", cache_dir=tmp_path)
        assert not checked.mismatches
        assert not checked.missing_paths


def test_safetensors(api: Any, space: Make) -> None:
    header = json.dumps({"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    repo = space({"model.safetensors": struct.pack("<Q", len(header)) + header + bytes(8)})
    found = api.get_safetensors_metadata(repo, repo_type="space")
    assert found.parameter_count == {"F32": 2}
    assert api.parse_safetensors_file_metadata(repo, "model.safetensors", repo_type="space").tensors[
        "x"
    ].shape == [2]
