"""Large files: Git LFS as the official client and git-lfs use it, and what nobody may do with it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import Any

import pytest

from localhub.serving import Served
from unstick.localhub import large, pointers, tickets, wording
from unstick.localhub.api import lfs

SPACE: dict[str, Any] = {"repo_type": "space"}
DATA = b"\0" + os.urandom(2_500_000)
OID = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def hub(make_hub: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(lfs, "WHOLE", 1_000_000)
    made = make_hub(large_files="lfs")
    made.space("demo")
    yield made


@pytest.fixture
def api(hub: Served) -> Any:
    from huggingface_hub import HfApi

    return HfApi(endpoint=hub.endpoint, token=hub.token)


def upload(api: Any, path: str = "m/big.bin", data: bytes = DATA, repo: str = "alice/demo") -> Any:
    return api.upload_file(path_or_fileobj=data, path_in_repo=path, repo_id=repo, **SPACE)


def stored(hub: Served) -> list[str]:
    folder = hub.hub.settings.folder("objects")
    return sorted(name for _, _, names in os.walk(folder) for name in names)


def batch(
    hub: Served, operation: str = "upload", token: str | None = "", name: str = "demo", **more: Any
) -> Any:
    body = {"operation": operation, "objects": [{"oid": OID, "size": len(DATA)}], **more}
    return hub.ask(
        "POST",
        f"/spaces/alice/{name}.git/info/lfs/objects/batch",
        hub.token if token == "" else token,
        json=body,
    )


def test_files_in_parts_and_whole(hub: Served, api: Any) -> None:
    upload(api)
    upload(api, "small.dat", b"\0small")
    upload(api, "text.txt", b"text")
    rows = {row.path: row for row in api.list_repo_tree("alice/demo", recursive=True, **SPACE)}
    assert (rows["m/big.bin"].size, rows["m/big.bin"].lfs.size) == (len(DATA), len(DATA))
    assert rows["m/big.bin"].lfs.sha256 == OID
    assert rows["small.dat"].lfs.size == 6
    assert rows["text.txt"].lfs is None
    assert len(stored(hub)) == 2
    assert os.listdir(hub.hub.settings.folder("uploads")) == []
    pointer = hub.get("/spaces/alice/demo/raw/main/m/big.bin").content
    assert pointers.parse(pointer) == pointers.Pointer(OID, len(DATA))
    assert rows["m/big.bin"].lfs.pointer_size == len(pointer)
    before = api.list_repo_commits("alice/demo", **SPACE)
    upload(api)  # the same again: nothing is sent, nothing committed
    assert api.list_repo_commits("alice/demo", **SPACE) == before


def test_what_goes_by_lfs(hub: Served, api: Any) -> None:
    import base64

    upload(api, ".gitattributes", b"# a comment\n*.dat filter=lfs -text\nm/** filter=lfs\n*.txt -filter\n")
    rows = [
        ("x.dat", 5, b"text", "lfs"), ("m/deep/x", 5, b"text", "lfs"), ("x.txt", 5, b"text", "regular"),
        ("x.txt", 10_000_001, b"text", "lfs"), ("x.py", 9, b"a\0b", "lfs"), ("empty.dat", 0, b"", "regular"),
    ]  # fmt: skip
    for path, size, sample, mode in rows:
        given = {"files": [{"path": path, "size": size, "sample": base64.b64encode(sample).decode()}]}
        answer = hub.ask("POST", "/api/spaces/alice/demo/preupload/main", hub.token, json=given).json()
        assert answer["files"][0]["uploadMode"] == mode, path


def test_downloads(hub: Served, api: Any) -> None:
    upload(api)
    answer = hub.get("/spaces/alice/demo/resolve/main/m/big.bin")
    assert answer.content == DATA
    assert answer.headers["x-linked-etag"] == f'"{OID}"'
    assert answer.headers["x-linked-size"] == str(len(DATA))
    part = hub.get("/spaces/alice/demo/resolve/main/m/big.bin", headers={"Range": "bytes=1000000-1000004"})
    assert (part.status_code, part.content) == (206, DATA[1_000_000:1_000_005])
    (row,) = batch(hub, "download", None).json()["objects"]
    href = row["actions"]["download"]["href"].removeprefix(hub.endpoint)
    assert hub.get(href).content == DATA
    assert hub.get(href, headers={"Range": "bytes=5-"}).content == DATA[5:]
    assert hub.get(href[:-3] + "abc").status_code == 403
    assert hub.ask("PUT", href, content=b"x").status_code == 403


def test_copies_need_no_second_upload(hub: Served, api: Any) -> None:
    from huggingface_hub import CommitOperationCopy

    upload(api)
    api.create_commit(
        "alice/demo", [CommitOperationCopy("m/big.bin", "copy.bin")], commit_message="c", **SPACE
    )
    assert hub.get("/spaces/alice/demo/resolve/main/copy.bin").content == DATA
    assert len(stored(hub)) == 1


def test_anothers_file_is_not_had_for_its_digest(hub: Served, api: Any) -> None:
    hub.space("secret", visibility="private")
    upload(api, repo="alice/secret")
    for token in (None, hub.other):
        assert batch(hub, "download", token, "secret").status_code in (401, 404)
    (row,) = batch(hub, "download", hub.other).json()["objects"]  # by way of a repository that is open
    assert row["error"]["code"] == 404
    hub.space("thief", "bob")
    line = {"key": "lfsFile", "value": {"path": "x", "algo": "sha256", "oid": OID, "size": len(DATA)}}
    import json

    body = json.dumps({"key": "header", "value": {"summary": "s"}}) + "\n" + json.dumps(line) + "\n"
    answer = hub.ask("POST", "/api/spaces/bob/thief/commit/main", hub.other, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(wording.NO_OBJECT[0])
    header = json.loads(batch(hub).content)["objects"][0]
    assert "upload" in header["actions"]  # a repository that lacks it has to bring it


def test_a_pointer_to_what_is_not_there_is_an_ordinary_file(hub: Served, api: Any) -> None:
    text = pointers.text(pointers.Pointer("ab" * 32, 5))
    upload(api, "pointer.txt", text)
    assert hub.get("/spaces/alice/demo/resolve/main/pointer.txt").content == text
    (row,) = [row for row in api.list_repo_tree("alice/demo", **SPACE) if row.path == "pointer.txt"]
    assert (row.lfs, row.size) == (None, len(text))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"operation": "steal"}, 422), ({"hash_algo": "md5"}, 422),
        ({"objects": [{"oid": OID, "size": 1}] * 1001}, 413),
        ({"objects": {}}, 400), ({"objects": [{"oid": 3, "size": 1}]}, 400),
    ],
)  # fmt: skip
def test_batches_of_nonsense(hub: Served, change: dict[str, Any], status: int) -> None:
    assert batch(hub, **change).status_code == status


@pytest.mark.parametrize("oid", ["../../../etc/passwd", "A" * 64, "ab", "", "ab" * 32 + "\n"])
def test_names_that_are_no_digest(hub: Served, oid: str) -> None:
    (row,) = batch(hub, objects=[{"oid": oid, "size": 3}]).json()["objects"]
    assert row["error"]["code"] == 422
    assert batch(hub, objects=[{"oid": OID, "size": -1}]).json()["objects"][0]["error"]["code"] == 422


def test_who_may_upload(hub: Served) -> None:
    for token, status in ((None, 401), (hub.reader, 403), (hub.other, 403), (hub.token, 200)):
        assert batch(hub, token=token).status_code == status


def href_of(hub: Served, **more: Any) -> str:
    (row,) = batch(hub, **more).json()["objects"]
    return str(row["actions"]["upload"]["href"]).removeprefix(hub.endpoint)


@pytest.mark.parametrize("content", [b"", b"other", DATA[:-1], DATA + b"x", DATA[::-1]])
def test_another_content_than_announced(hub: Served, content: bytes) -> None:
    assert hub.ask("PUT", href_of(hub), content=content).status_code == 400
    assert stored(hub) == []
    assert os.listdir(hub.hub.settings.folder("uploads")) == []
    assert batch(hub).json()["objects"][0]["actions"]["upload"]


def test_parts_that_do_not_make_the_file(hub: Served) -> None:
    href = href_of(hub, transfers=["basic", "multipart"])
    assert hub.ask("PUT", f"{href}/1", content=DATA[:1_000_000]).headers["etag"]
    assert hub.ask("PUT", f"{href}/1", content=b"short").status_code == 400
    for part in ("0", "4", "99999999999999"):
        assert hub.ask("PUT", f"{href}/{part}", content=b"x").status_code == 400
    assert hub.ask("POST", href, json={"oid": OID, "parts": []}).status_code == 400
    assert hub.ask("POST", href, json={"oid": "ab" * 32, "parts": []}).status_code == 400
    assert stored(hub) == []


def test_an_address_ends(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "LASTS", -1.0)
    assert hub.ask("PUT", href_of(hub), content=DATA).status_code == 403
    for nonsense in ("x", "x.y", "ä", "W10.W10"):
        assert hub.ask("PUT", f"/api/lfs/{nonsense}", content=b"").status_code == 403


def test_verify(hub: Served, api: Any) -> None:
    path = "/spaces/alice/demo.git/info/lfs/objects/verify"
    assert hub.ask("POST", path, hub.token, json={"oid": OID, "size": len(DATA)}).status_code == 404
    upload(api)
    assert hub.ask("POST", path, hub.token, json={"oid": OID, "size": len(DATA)}).status_code == 200
    assert hub.ask("POST", path, hub.token, json={"oid": OID, "size": 1}).status_code == 404


def test_a_full_repository(hub: Served) -> None:
    hub.hub.faults.set("storage-full")
    answer = batch(hub)
    assert (answer.status_code, answer.json()["message"]) == (403, wording.FULL)


def test_deleting_large_files(hub: Served, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "SPARED", 0.0)
    upload(api)
    upload(api, "other.dat", b"\0other")
    upload(api, "text.txt", b"text")
    listed = {one.filename: one for one in api.list_lfs_files("alice/demo", **SPACE)}
    assert listed["m/big.bin"].size == len(DATA)
    api.permanently_delete_lfs_files("alice/demo", [listed["m/big.bin"]], **SPACE)
    assert [one.filename for one in api.list_lfs_files("alice/demo", **SPACE)] == ["other.dat"]
    paths = {row.path for row in api.list_repo_tree("alice/demo", recursive=True, **SPACE)}
    assert paths == {"other.dat", "text.txt"}
    assert OID not in stored(hub)
    commits = api.list_repo_commits("alice/demo", **SPACE)
    assert len(commits) == 3
    for one in commits:
        assert not api.file_exists("alice/demo", "m/big.bin", revision=one.commit_id, **SPACE)


def test_a_file_that_two_repositories_have_stays(
    hub: Served, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "SPARED", 0.0)
    hub.space("second")
    for repo in ("alice/demo", "alice/second"):
        upload(api, repo=repo)
    api.permanently_delete_lfs_files("alice/demo", list(api.list_lfs_files("alice/demo", **SPACE)), **SPACE)
    assert hub.get("/spaces/alice/second/resolve/main/m/big.bin").content == DATA


def test_with_xet_an_upload_in_large_mode_says_why_it_fails(hub: Served) -> None:
    answer = hub.get("/api/spaces/alice/demo/xet-write-token/main", hub.token)
    assert answer.status_code == 501
