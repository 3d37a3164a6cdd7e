"""Git over HTTP with the real git: clone, push, what a push has to pass, and who may."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest

from localhub.serving import Served
from unstick.localhub import pointers, wording
from unstick.localhub.store import repos

README = b"---\ntitle: x\nsdk: static\n---\n"
ENVIRONMENT = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@x", "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@x", "GIT_ASKPASS": "/bin/false",
}  # fmt: skip


class Checkout:
    """A clone of a Space on this machine."""

    def __init__(self, hub: Served, folder: Path, name: str, token: str | None) -> None:
        user = f"alice:{token}@" if token else ""
        self.url = hub.endpoint.replace("://", f"://{user}") + f"/spaces/alice/{name}"
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", self.url)

    def git(self, *words: str, ok: bool = True) -> str:
        """What git says, on both its outputs."""
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=ENVIRONMENT, capture_output=True, check=False, timeout=120
        )
        text = (done.stdout + done.stderr).decode(errors="replace")
        assert (done.returncode == 0) is ok, text
        return text

    def commit(self, files: dict[str, bytes]) -> str:
        """Write files and commit them."""
        for name, data in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty", "-m", "m")
        return self.git("rev-parse", "HEAD").strip()

    def push(self, *what: str, ok: bool = True) -> str:
        """Push, main when nothing else is said."""
        return self.git("push", "origin", *(what or ("HEAD:main",)), ok=ok)


@pytest.fixture
def repo(shared_hub: Served, request: pytest.FixtureRequest) -> str:
    name = f"g{abs(hash(request.node.nodeid))}"
    shared_hub.space(name)
    return name


@pytest.fixture
def checkout(shared_hub: Served, repo: str, tmp_path: Path) -> Checkout:
    return Checkout(shared_hub, tmp_path / "checkout", repo, shared_hub.token)


def repository(hub: Served, name: str) -> Any:
    with hub.hub.reads.begin() as connection:
        found = repos.find(connection, "space", "alice", name)
    assert found is not None
    return hub.hub.repository(found.storage)


def refused(hub: Served, repo: str, checkout: Checkout, *what: str) -> str:
    """Push what is not taken: no ref moves, nothing stays of what was sent."""
    git = repository(hub, repo)
    refs, size = git.refs(), git.size()
    text = checkout.push(*what, ok=False)
    assert git.refs() == refs
    assert git.size() <= size + 8192
    return text


def test_push_clone_and_pull(shared_hub: Served, repo: str, checkout: Checkout, tmp_path: Path) -> None:
    changed: list[int] = []
    stop = shared_hub.hub.listen(changed.append)
    commit = checkout.commit({"README.md": README, "a/b.txt": b"text", "run.sh": b"#!/bin/sh\n"})
    checkout.push()
    assert len(changed) == 1
    assert repository(shared_hub, repo).head() == commit
    info = shared_hub.get(f"/api/spaces/alice/{repo}").json()
    assert (info["sha"], info["sdk"]) == (commit, "static")
    assert shared_hub.get(f"/spaces/alice/{repo}/resolve/main/a/b.txt").content == b"text"
    for url in (checkout.url, checkout.url + ".git", f"{shared_hub.endpoint}/spaces/alice/{repo}"):
        target = tmp_path / f"clone-{abs(hash(url))}"
        checkout.git("clone", "-q", url, str(target))
        assert (target / "a/b.txt").read_bytes() == b"text"
    header = {"key": "header", "value": {"summary": "by API"}}
    import json

    shared_hub.ask(
        "POST", f"/api/spaces/alice/{repo}/commit/main", shared_hub.token,
        content=f'{json.dumps(header)}\n{{"key":"file","value":{{"path":"new","content":"n"}}}}\n',
    )  # fmt: skip
    checkout.git("pull", "-q", "origin", "main")
    assert (checkout.folder / "new").read_bytes() == b"n"
    stop()


@pytest.mark.parametrize("version", ["0", "1", "2"])
def test_versions_of_the_protocol(checkout: Checkout, version: str, tmp_path: Path) -> None:
    checkout.commit({f"f{n}": os.urandom(20).hex().encode() for n in range(300)})
    checkout.git("-c", f"protocol.version={version}", "push", "-q", "origin", "HEAD:main")
    checkout.git(
        "-c", f"protocol.version={version}", "clone", "-q", "--depth", "1", checkout.url, str(tmp_path / "c")
    )
    assert len(list((tmp_path / "c").glob("f*"))) == 300


def test_branches_tags_and_force(shared_hub: Served, repo: str, checkout: Checkout) -> None:
    first = checkout.commit({"a": b"1"})
    second = checkout.commit({"a": b"2"})
    checkout.push("HEAD:main", "HEAD:refs/heads/dev/x")
    checkout.git("tag", "-a", "v1", "-m", "one")
    checkout.push("v1")
    refs = dict(repository(shared_hub, repo).refs())
    assert refs == {"refs/heads/main": second, "refs/heads/dev/x": second, "refs/tags/v1": second}
    assert "rejected" in checkout.push(f"{first}:main", ok=False)
    checkout.push("--force", f"{first}:main")
    checkout.push(":refs/heads/dev/x")
    assert set(dict(repository(shared_hub, repo).refs())) == {"refs/heads/main", "refs/tags/v1"}
    refused(shared_hub, repo, checkout, ":main")
    for ref in ("refs/pr/1", "refs/convert/x", "refs/other/x"):
        refused(shared_hub, repo, checkout, f"HEAD:{ref}")


def test_a_block_that_the_validator_refuses(shared_hub: Served, repo: str, checkout: Checkout) -> None:
    checkout.commit({"README.md": b"---\nsdk: gradio\ncolorTo: cyan\npinned: yes\n---\n"})
    text = refused(shared_hub, repo, checkout)
    assert f"remote: {wording.METADATA}" in text
    assert (
        'remote:  - Error: "colorTo" must be one of [red, yellow, green, blue, indigo, purple, pink, gray]'
        in text
    )
    assert 'remote:  - Error: "pinned" must be a boolean' in text
    checkout.commit({"README.md": b"---\ntitle: a: b\n---\n"})
    assert wording.METADATA in refused(shared_hub, repo, checkout)
    checkout.commit({"README.md": README})
    checkout.push()


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({"x.png": b"\x89PNG\0\0data"}, wording.BINARY[0]), ({"big.txt": b"text\n" * 2_100_000}, wording.TOO_LARGE[0]),
        ({"m.bin": pointers.text(pointers.Pointer("ab" * 32, 5))}, wording.NO_OBJECT[0]),
        ({"a\nb": b"x"}, "names that no file may have"), ({"x\\y": b"x"}, "names that no file may have"),
    ],
    ids=["binary", "large", "pointer", "line break", "backslash"],
)  # fmt: skip
def test_files_that_are_not_taken(
    shared_hub: Served, repo: str, checkout: Checkout, files: dict[str, bytes], text: str
) -> None:
    checkout.commit({"README.md": README})
    checkout.push()
    checkout.commit(files)
    assert text in refused(shared_hub, repo, checkout)


def test_a_file_that_only_history_holds_is_not_taken_either(
    shared_hub: Served, repo: str, checkout: Checkout
) -> None:
    checkout.commit({"x.png": b"\0binary"})
    (checkout.folder / "x.png").unlink()
    checkout.commit({"README.md": README})
    assert wording.BINARY[0] in refused(shared_hub, repo, checkout)


def test_what_is_there_already_is_not_judged_again(shared_hub: Served, repo: str, checkout: Checkout) -> None:
    import base64
    import json

    content = base64.b64encode(bytes(99)).decode()
    rows = [
        {"key": "header", "value": {"summary": "binary by API"}},
        {
            "key": "file",
            "value": {
                "path": "x.bin",
                "content": content,
                "encoding": "base64",
            },
        },
    ]
    data = "".join(json.dumps(row) + "\n" for row in rows)
    assert shared_hub.ask(
        "POST", f"/api/spaces/alice/{repo}/commit/main", shared_hub.token, content=data
    ).is_success
    checkout.git("pull", "-q", "origin", "main")
    checkout.commit({"README.md": README})
    checkout.push()


def test_links_are_taken_and_not_followed(
    shared_hub: Served, repo: str, checkout: Checkout, tmp_path: Path
) -> None:
    (checkout.folder / "passwd").symlink_to("/etc/passwd")
    (checkout.folder / "up").symlink_to("../../..")
    commit = checkout.commit({"README.md": README})
    checkout.push()
    assert shared_hub.get(f"/spaces/alice/{repo}/resolve/main/passwd").content == b"/etc/passwd"
    assert shared_hub.get(f"/spaces/alice/{repo}/resolve/main/up/etc/passwd").status_code == 404
    target = tmp_path / "export"
    target.mkdir()
    repository(shared_hub, repo).export(commit, str(target))
    assert os.listdir(target) == ["README.md"]


@pytest.mark.parametrize("name", [".git", ".GIT", "..", ".", "git~1", ".git "])
def test_trees_that_name_the_repository_itself(
    shared_hub: Served, repo: str, checkout: Checkout, name: str
) -> None:
    checkout.commit({"f": b"x"})
    blob = checkout.git("rev-parse", "HEAD:f").strip()
    entry = b"100644 " + name.encode() + b"\0" + bytes.fromhex(blob)
    oid = write_object(checkout.folder / ".git", b"tree", entry)
    commit = checkout.git("commit-tree", oid, "-m", "bad").strip()
    text = refused(shared_hub, repo, checkout, f"{commit}:refs/heads/main")
    assert "rejected" in text or "fsck" in text or "error" in text


def write_object(folder: Path, kind: bytes, data: bytes) -> str:
    """An object as git itself would not make it."""
    import hashlib

    whole = kind + b" %d\0" % len(data) + data
    oid = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
    path = folder / "objects" / oid[:2] / oid[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(whole))
    return oid


def test_a_full_repository(shared_hub: Served, repo: str, checkout: Checkout) -> None:
    with shared_hub.hub.reads.begin() as connection:
        found = repos.find(connection, "space", "alice", repo)
    assert found is not None
    checkout.commit({"a": b"x"})
    shared_hub.hub.faults.set("storage-full", found.id)
    try:
        assert f"batch response: {wording.FULL}" in refused(shared_hub, repo, checkout)
    finally:
        shared_hub.hub.faults.clear()
    checkout.push()


def test_who_may(shared_hub: Served, tmp_path: Path) -> None:
    for visibility in ("public", "private", "protected"):
        name = f"who-{visibility}"
        shared_hub.space(name, visibility=visibility)
        owner = Checkout(shared_hub, tmp_path / f"{name}-owner", name, shared_hub.token)
        owner.commit({"a": visibility.encode()})
        owner.push()
        for who, token in (
            ("nobody", None),
            ("bob", shared_hub.other),
            ("reader", shared_hub.reader),
            ("wrong", "hf_x"),
        ):
            other = Checkout(shared_hub, tmp_path / f"{name}-{who}", name, token)
            reads = (
                who == "reader" or visibility == "public"
            )  # git sends its token only when it is asked for one
            other.git("fetch", "-q", "origin", ok=reads)
            other.commit({"b": b"x"})
            other.push("HEAD:refs/heads/other", ok=False)
        assert set(dict(repository(shared_hub, name).refs())) == {"refs/heads/main"}


@pytest.mark.parametrize("service", ["", "git-upload-archive", "upload-pack", "--help", "git-upload-pack;id"])
def test_services_that_there_are_not(shared_hub: Served, repo: str, service: str) -> None:
    answer = shared_hub.get(f"/spaces/alice/{repo}/info/refs", shared_hub.token, params={"service": service})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["HEAD", "config", "objects/info/packs", "refs/heads/main", "../../hub.db"])
def test_files_of_the_repository_itself_are_not_served(shared_hub: Served, repo: str, path: str) -> None:
    assert shared_hub.get(f"/spaces/alice/{repo}/{path}", shared_hub.token).status_code in (404, 501)


@pytest.mark.parametrize(
    "body",
    [b"", b"nonsense", b"ffff", b"0000", b"0032want " + b"0" * 40 + b"\n", struct.pack(">I", 2**31) * 100],
)
@pytest.mark.parametrize("service", ["git-upload-pack", "git-receive-pack"])
def test_bodies_of_nonsense(shared_hub: Served, repo: str, service: str, body: bytes) -> None:
    path = f"/spaces/alice/{repo}/{service}"
    for headers in (
        {},
        {"Content-Encoding": "gzip"},
        {"Git-Protocol": "version=2"},
        {"Git-Protocol": "x\x7f;$(id)"},
    ):
        answer = shared_hub.ask("POST", path, shared_hub.token, content=body, headers=headers)
        assert answer.status_code in (200, 400)
    assert repository(shared_hub, repo).refs() == []


def test_a_packed_body_that_grows_is_cut(
    shared_hub: Served, repo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unstick.localhub.api import git

    monkeypatch.setattr(git, "MOST_ASKED", 1_000_000)
    pack = zlib.compressobj(wbits=31)
    body = pack.compress(bytes(50_000_000)) + pack.flush()
    headers = {"Content-Encoding": "gzip"}
    answer = shared_hub.ask(
        "POST", f"/spaces/alice/{repo}/git-upload-pack", shared_hub.token, content=body, headers=headers
    )
    assert answer.status_code == 413


@pytest.mark.skipif(shutil.which("git-lfs") is None, reason="git-lfs is not installed")
def test_git_lfs(shared_hub: Served, repo: str, checkout: Checkout, tmp_path: Path) -> None:
    data = os.urandom(300_000)
    checkout.git("lfs", "install", "--local")
    checkout.commit(
        {
            ".gitattributes": b"*.bin filter=lfs diff=lfs merge=lfs -text\n",
            "m/x.bin": data,
            "README.md": README,
        }
    )
    checkout.push()
    assert shared_hub.get(f"/spaces/alice/{repo}/resolve/main/m/x.bin").content == data
    checkout.git("clone", "-q", checkout.url, str(tmp_path / "clone"))
    other = Checkout.__new__(Checkout)
    other.folder, other.url = tmp_path / "clone", checkout.url
    other.git("lfs", "install", "--local")
    other.git("lfs", "pull")
    assert (tmp_path / "clone/m/x.bin").read_bytes() == data
