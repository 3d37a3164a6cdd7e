"""Hostile callers of the local hub: nothing outside its data folder is read or written, and nothing ends in a 500.

A canary lies beside the data folder and in the home folder of the hub; at the end of each test every file around the
data folder is as it was, and no answer held a word of the canary or of the machine's user list.
"""

from __future__ import annotations

import hashlib
import json
import os
from urllib.parse import quote

import pytest

from e2e.hub_client import client, commit
from e2e.hub_guarded import Guarded, file, head, lines

pytest_plugins = ["e2e.hub_guarded_fixtures"]
pytestmark = pytest.mark.usefixtures("nothing_outside")
PATHS = (
    "../canary", "../../canary", "a/../../canary", "/etc/passwd", "//etc/passwd", "..", ".", "a/./b", "a//b", "a/",
    ".git/config", ".GIT/hooks/pre-receive", "a/.git/x", "..\\canary", "a\\..\\..\\canary", "a\x00b", "a\nb",
    "x" * 5000, "\x7f",
)  # fmt: skip
"""Paths that no file can have. A trailing slash is one too: of a file."""
ODD = (
    "-rf",
    "--upload-pack=touch x",
    ":(top)x",
    ":/x",
    "*",
    "[a]",
    "a b",
    "~",
    "$(touch x)",
    "`x`",
    "%2e%2e",
    "é",
    "!",
)
"""Paths that a file can have, and that must mean nothing else."""
REVISIONS = (
    "--upload-pack=touch x", "--output=x", "-h", "HEAD@{1}", "main^{/x}", "main:README.md", ":/x", "main..main",
    "../../HEAD", "refs/../x", "a b", "x.lock", "@", "main~1", "..", "/etc/passwd", "\x01", "a" * 3000,
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: repr(path[:30]))
def test_paths_that_lead_out(guarded: Guarded, repo: str, path: str) -> None:
    before = head(guarded, repo)
    url = f"/api/spaces/{repo}/commit/main"
    for key, more in (
        ("file", {"content": "eA==", "encoding": "base64"}),
        ("deletedFile", {}),
        ("deletedFolder", {}),
    ):
        if key != "file" and path.endswith("/"):
            continue
        answer = guarded.ask("POST", url, lines((key, {"path": path, **more})))
        assert 400 <= answer.status < 500, (key, answer)
    value = {"path": path, "algo": "sha256", "oid": "0" * 64, "size": 1}
    assert 400 <= guarded.ask("POST", url, lines(("lfsFile", value))).status < 500
    assert head(guarded, repo) == before
    preupload = {"files": [{"path": path, "size": 1, "sample": ""}]}
    guarded.ask("POST", f"/api/spaces/{repo}/preupload/main", preupload)
    for safe in ("", "/"):
        encoded = quote(path, safe=safe)
        for address in (
            "/api/spaces/{}/tree/main/{}",
            "/spaces/{}/resolve/main/{}",
            "/spaces/{}/raw/main/{}",
        ):
            answer = guarded.ask("GET", address.format(repo, encoded))
            assert 400 <= answer.status < 500 or safe == "/" or path.endswith("/"), answer
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    guarded.ask("POST", f"/api/spaces/{repo}/paths-info/main", f"paths={quote(path)}", headers=form)


@pytest.mark.parametrize("path", ODD)
def test_odd_paths_are_just_paths(guarded: Guarded, repo: str, path: str) -> None:
    answer = guarded.ask(
        "POST", f"/api/spaces/{repo}/commit/main", lines(file(path, b"odd"), file("other", b"o"))
    )
    assert answer.status == 200, answer
    assert guarded.ask("GET", f"/spaces/{repo}/resolve/main/{quote(path, safe='')}").body == b"odd"
    assert (
        guarded.ask("POST", f"/api/spaces/{repo}/commit/main", lines(("deletedFile", {"path": path}))).status
        == 200
    )
    listed = {item["path"] for item in guarded.ask("GET", f"/api/spaces/{repo}/tree/main").json()}
    assert listed == {".gitattributes", "README.md", "index.html", "other"}


@pytest.mark.parametrize("revision", REVISIONS, ids=lambda revision: repr(revision[:30]))
def test_revisions_that_git_would_read_otherwise(guarded: Guarded, repo: str, revision: str) -> None:
    name = quote(revision, safe="")
    before = head(guarded, repo)
    base = f"/api/spaces/{repo}"
    for method, path, body in (
        ("GET", f"{base}/revision/{name}", None), ("GET", f"{base}/tree/{name}", None),
        ("GET", f"{base}/commits/{name}", None), ("GET", f"/spaces/{repo}/resolve/{name}/README.md", None),
        ("POST", f"{base}/branch/{name}", {}), ("POST", f"{base}/branch/new", {"startingPoint": revision}),
        ("POST", f"{base}/tag/{name}", {"tag": "t"}), ("POST", f"{base}/tag/main", {"tag": revision}),
        ("DELETE", f"{base}/branch/{name}", None), ("DELETE", f"{base}/tag/{name}", None),
        ("POST", f"{base}/super-squash/{name}", {"message": "x"}),
        ("POST", f"{base}/commit/{name}", lines(file("x"))),
    ):  # fmt: skip
        assert 400 <= guarded.ask(method, path, body).status < 500, (method, path[:100])
    assert head(guarded, repo) == before
    refs = guarded.ask("GET", f"{base}/refs").json()
    assert [branch["name"] for branch in refs["branches"]] == ["main"]
    assert refs["tags"] == []


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "..",
        "a/../../x",
        "x.git",
        "-x",
        "x--y",
        "a b",
        "x\x00",
        "x" * 97,
        "",
        ".",
        "ü",
        "x/y/z",
        "%2e%2e",
    ],
)
def test_names_of_repositories(guarded: Guarded, name: str) -> None:
    body = {"name": name, "organization": None, "type": "space", "sdk": "static"}
    assert guarded.ask("POST", "/api/repos/create", body).status == 400
    if name:
        body = {**body, "name": "x", "organization": name}
        assert 400 <= guarded.ask("POST", "/api/repos/create", body).status < 500
    assert 400 <= guarded.ask("DELETE", "/api/repos/delete", {"name": name, "type": "space"}).status < 500
    status = guarded.ask("GET", f"/api/spaces/user/{quote(name, safe='') or '%20'}").status
    assert 400 <= status < 500 or (status == 501 and "/" in name)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n", b"{", b"[]\n", b"null\n", b'{"key":"header"}\n', b"\xff\xfe\n", b"[" * 100_000, b'{"a":' * 50_000,
        lines(("file", {"path": "x"})), lines(("file", {"path": 1, "content": "eA==", "encoding": "base64"})),
        lines(("file", {"path": "x", "content": "!!!!", "encoding": "base64"})),
        lines(("file", {"path": "x", "content": "eA", "encoding": "base64"})),
        lines(("file", {"path": "x", "content": "eA==", "encoding": "rot13"})),
        lines(("file", None)), lines(("nonsense", {"path": "x"})), lines(("header", {"summary": "again"})),
        lines(file("x"))[60:], lines(("lfsFile", {"path": "x", "algo": "sha256", "oid": "../../canary", "size": 1})),
        lines(("lfsFile", {"path": "x", "algo": "md5", "oid": "0" * 64, "size": 1})),
        lines(("lfsFile", {"path": "x", "algo": "sha256", "oid": "0" * 64, "size": -1})),
        lines(("lfsFile", {"path": "x", "algo": "sha256", "oid": "0" * 64, "size": 10**30})),
        lines(file("x"), file("x/y")), lines(file("x/y"), file("x")),
        b'{"key":"header","value":{"summary":"x","parentCommit":"--help"}}\n' + lines(file("x")),
        b'{"key":"header","value":{"summary":"\\ud800"}}\n{"key":"file","value":{"path":"\\udfff","content":""}}\n',
        b'{"key":"header","value":{"summary":' + b'"x' * 3_000_000 + b"\n",
    ],
    ids=lambda data: repr(data[:40]) + str(len(data)),
)  # fmt: skip
def test_commits_of_nonsense(guarded: Guarded, repo: str, data: bytes) -> None:
    before = head(guarded, repo)
    answer = guarded.ask("POST", f"/api/spaces/{repo}/commit/main", data)
    if b'"x/y"' in data:
        return  # a file that becomes a folder, in one commit: any order may win
    assert 400 <= answer.status < 500, answer
    assert head(guarded, repo) == before


def test_large_files_of_nonsense(guarded: Guarded, repo: str) -> None:
    batch = f"/spaces/{repo}.git/info/lfs/objects/batch"
    kind = {"Content-Type": "application/vnd.git-lfs+json"}
    oid = hashlib.sha256(b"right").hexdigest()
    for body in (
        b"{", b"[]", b"null", json.dumps({"operation": "x", "objects": []}).encode(),
        json.dumps({"operation": "upload", "objects": [{"oid": "../../canary", "size": 5}]}).encode(),
        json.dumps({"operation": "upload", "objects": [{"oid": oid, "size": -5}]}).encode(),
        json.dumps({"operation": "upload", "objects": [{"oid": oid, "size": 10**18}]}).encode(),
        json.dumps({"operation": "download", "objects": [{"oid": oid, "size": 5}]}).encode(),
        json.dumps({"operation": "upload", "objects": [{"oid": oid, "size": 5}] * 5000}).encode(),
    ):  # fmt: skip
        answer = guarded.ask("POST", batch, body, headers=kind)
        assert answer.status != 200 or b'"error"' in answer.body, body[:100]
    good = {"operation": "upload", "transfers": ["basic"], "objects": [{"oid": oid, "size": 5}]}
    href = guarded.ask("POST", batch, good).json()["objects"][0]["actions"]["upload"]["href"]
    path = href.removeprefix(guarded.where.endpoint)
    for wrong in (b"wrong", b"", b"much longer than it was said to be"):
        assert 400 <= guarded.ask("PUT", path, wrong, token="-").status < 500
    assert 400 <= guarded.ask("PUT", path[:-3] + "xyz", b"right", token="-").status < 500
    row = ("lfsFile", {"path": "x", "algo": "sha256", "oid": oid, "size": 5})
    assert 400 <= guarded.ask("POST", f"/api/spaces/{repo}/commit/main", lines(row)).status < 500
    assert guarded.ask("PUT", path, b"right", token="-").status == 200
    assert guarded.ask("POST", f"/api/spaces/{repo}/commit/main", lines(row)).status == 200
    assert guarded.ask("GET", f"/spaces/{repo}/resolve/main/x").body == b"right" or (
        guarded.ask("GET", f"/spaces/{repo}/resolve/main/x").status == 302
    )
    # Whoever only knows the digest of a file does not get the file.
    api = client(guarded.where)
    api.update_repo_settings(repo, private=True, repo_type="space")
    thief = client(guarded.where, guarded.where.other)
    theirs = thief.create_repo(f"t{os.urandom(4).hex()}", repo_type="space", space_sdk="static").repo_id
    token = guarded.where.other
    assert (
        400 <= guarded.ask("POST", f"/api/spaces/{theirs}/commit/main", lines(row), token=token).status < 500
    )
    asked = {"operation": "download", "objects": [{"oid": oid, "size": 5}]}
    answer = guarded.ask("POST", f"/spaces/{theirs}.git/info/lfs/objects/batch", asked, token=token)
    assert "actions" not in answer.json()["objects"][0]
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 5\n".encode()
    guarded.ask("POST", f"/api/spaces/{theirs}/commit/main", lines(file("p", pointer)), token=token)
    assert guarded.ask("GET", f"/spaces/{theirs}/resolve/main/p", token=token).body != b"right"
    thief.delete_repo(theirs, repo_type="space")


def test_bodies_that_are_too_long(guarded: Guarded, repo: str) -> None:
    long = b'{"key":"' + b"x" * (5 << 20) + b'"}'
    for method, path in (
        ("POST", f"/api/spaces/{repo}/secrets"), ("POST", "/api/repos/create"), ("POST", "/api/validate-yaml"),
        ("POST", f"/api/spaces/{repo}/preupload/main"), ("POST", f"/api/spaces/{repo}/paths-info/main"),
        ("POST", f"/spaces/{repo}.git/info/lfs/objects/batch"),
    ):  # fmt: skip
        assert guarded.ask(method, path, long).status == 413, path
    assert guarded.ask("GET", "/api/spaces?search=" + "x" * 20_000).status in (400, 414, 431)
    assert guarded.ask("GET", "/api/spaces", headers={"X-Long": "x" * 60_000}).status in (200, 400, 431)
    for text in (b"[" * 200_000, b'{"a":' * 100_000):
        assert guarded.ask("POST", f"/api/spaces/{repo}/secrets", text).status == 400


@pytest.mark.parametrize("path", ["evil.html", "evil.svg", "evil.js", 'a"b;x\u202egpj.html', "é.html"])
def test_files_run_nothing_in_a_browser(guarded: Guarded, repo: str, path: str) -> None:
    """A file is answered from the address of the hub's own pages, whose cookie it must not reach."""
    commit(client(guarded.where), repo, {path: b"<script>alert(1)</script>"})
    for kind in ("resolve", "raw"):
        answer = guarded.ask("GET", f"/spaces/{repo}/{kind}/main/{quote(path, safe='')}")
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "access-control-allow-origin" not in answer.headers


def test_the_page_of_a_space_shows_text_as_text(guarded: Guarded, repo: str) -> None:
    block = b'---\ntitle: "<script>alert(1)</script>"\nsdk: static\n---\n'
    commit(client(guarded.where), repo, {"README.md": block})
    answer = guarded.ask("GET", f"/spaces/{repo}", token="-")
    assert answer.status == 200
    assert b"<script>alert" not in answer.body
    assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "value",
    ["bytes=abc", "bytes=0-0,5-6", "bytes=-0", "bytes=9" + "9" * 400 + "-", "bytes=5-1", "x=1-2", "bytes=,"],
)
def test_ranges_of_nonsense(guarded: Guarded, repo: str, value: str) -> None:
    answer = guarded.ask("GET", f"/spaces/{repo}/resolve/main/index.html", headers={"Range": value})
    assert answer.status in (200, 206, 400, 416)
