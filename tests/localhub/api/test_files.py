"""Reading files: folders page by page, paths, whole files and parts of them, and who may."""

from __future__ import annotations

from typing import Any

import pytest

from localhub.serving import Served
from unstick.localhub.repository import Change
from unstick.localhub.store import repos

SPACE: dict[str, Any] = {"repo_type": "space"}
DATA = bytes(range(256)) * 2000  # half a megabyte: more than one piece
FILES = {
    "a/b.txt": b"0123456789",
    "a/c/d": b"d",
    "ü %2F&?.txt": b"odd",
    "page.html": b"<script>",
    "data": DATA,
    "empty": b"",
}


def fill(hub: Served, name: str, files: dict[str, bytes], message: str = "m") -> str:
    """A commit beside the API; gives its oid."""
    with hub.hub.reads.begin() as connection:
        repo = repos.find(connection, "space", "alice", name)
    assert repo is not None
    git = hub.hub.repository(repo.storage)
    return git.commit("main", [Change(p, git.store(d)) for p, d in files.items()], message, author="alice")


@pytest.fixture(scope="module", autouse=True)
def commit(shared_hub: Served) -> str:
    shared_hub.space("demo")
    return fill(shared_hub, "demo", FILES)


def paths(rows: list[dict[str, Any]]) -> list[str]:
    return [row["path"] for row in rows]


def test_a_folder(shared_hub: Served, commit: str) -> None:
    for revision in ("main", commit, commit[:8], "refs%2Fheads%2Fmain"):
        rows = shared_hub.get(f"/api/spaces/alice/demo/tree/{revision}").json()
        assert set(paths(rows)) == {"a", "data", "empty", "page.html", "ü %2F&?.txt"}
    rows = shared_hub.get("/api/spaces/alice/demo/tree/main/a").json()
    assert [(row["type"], row["path"]) for row in rows] == [("file", "a/b.txt"), ("directory", "a/c")]
    assert [row["size"] for row in rows] == [10, 0]
    for folder in ("a%2Fc", "a/c"):
        assert paths(shared_hub.get(f"/api/spaces/alice/demo/tree/main/{folder}").json()) == ["a/c/d"]
    everything = shared_hub.get("/api/spaces/alice/demo/tree/main?recursive=true").json()
    assert {"a", "a/c", "a/c/d"} <= set(paths(everything))


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("tree/main/none", 404, "EntryNotFound"), ("tree/main/data", 404, "EntryNotFound"),
        ("tree/none", 404, "RevisionNotFound"), ("tree/--all", 404, "RevisionNotFound"),
        ("tree/main/%2e%2e/x", 400, ""), ("tree/main/a%00b", 400, ""), ("tree/main/.git", 400, ""),
        ("tree/main?recursive=maybe", 400, ""), ("tree/main?limit=x", 400, ""),
        ("tree/main~1", 404, "RevisionNotFound"),
        ("tree/main%3Aa", 404, "RevisionNotFound"), ("tree/%FF", 404, "RevisionNotFound"),
        ("tree/main/%FF", 404, "EntryNotFound"), ("commits/none", 404, "RevisionNotFound"),
    ],
)  # fmt: skip
def test_addresses_of_nothing(shared_hub: Served, path: str, status: int, code: str) -> None:
    answer = shared_hub.get(f"/api/spaces/alice/demo/{path}")
    assert (answer.status_code, answer.headers.get("x-error-code", "")) == (status, code)


def test_pages(shared_hub: Served, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from unstick.localhub.api import files, refs

    shared_hub.space("many")
    for number in range(3):
        fill(
            shared_hub,
            "many",
            {f"f{n:02}": b"x%d" % number for n in range(7 * number, 7 * number + 7)},
            f"c{number}",
        )
    monkeypatch.setattr(files, "PAGE", 5)
    monkeypatch.setattr(refs, "COMMITS", 2)
    monkeypatch.setattr(files, "EXPANDED", 4)
    first = shared_hub.get("/api/spaces/alice/many/tree/main?recursive=true")
    assert len(first.json()) == 5
    assert 'rel="next"' in first.headers["link"]
    assert len(list(api.list_repo_tree("alice/many", recursive=True, **SPACE))) == 21
    shown = {
        row.path: row.last_commit.title for row in api.list_repo_tree("alice/many", expand=True, **SPACE)
    }
    assert len(shown) == 21
    assert (shown["f00"], shown["f10"], shown["f20"]) == ("c0", "c1", "c2")
    assert [one.title for one in api.list_repo_commits("alice/many", **SPACE)] == ["c2", "c1", "c0"]
    assert shared_hub.get("/api/spaces/alice/many/commits/main").headers["x-total-count"] == "3"


def test_before_the_first_commit(shared_hub: Served) -> None:
    shared_hub.space("new")
    assert shared_hub.get("/api/spaces/alice/new/tree/main").json() == []
    assert shared_hub.get("/api/spaces/alice/new/commits/main").json() == []
    assert shared_hub.get("/api/spaces/alice/new/refs").json() == {"branches": [], "converts": [], "tags": []}
    assert shared_hub.get("/spaces/alice/new/resolve/main/a").headers["x-error-code"] == "EntryNotFound"


@pytest.mark.parametrize("as_json", [False, True])
def test_paths_info(shared_hub: Served, as_json: bool) -> None:
    wanted = ["a/b.txt", "a", "none", "ü %2F&?.txt"]
    more: Any = (
        {"json": {"paths": wanted, "expand": True}}
        if as_json
        else {"data": {"paths": wanted, "expand": True}}
    )
    rows = shared_hub.ask("POST", "/api/spaces/alice/demo/paths-info/main", **more).json()
    assert paths(rows) == ["a/b.txt", "a", "ü %2F&?.txt"]
    assert all(row["lastCommit"]["title"] == "m" for row in rows)
    too_many = {"paths": [f"f{n}" for n in range(1001)]}
    assert shared_hub.ask("POST", "/api/spaces/alice/demo/paths-info/main", json=too_many).status_code == 413
    for nonsense in (b"{", b'{"paths": "a"}', b"[]"):
        answer = shared_hub.ask(
            "POST", "/api/spaces/alice/demo/paths-info/main", content=nonsense,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.status_code == 400


def resolve(hub: Served, path: str, method: str = "GET", **headers: str) -> Any:
    return hub.ask(method, f"/spaces/alice/demo/resolve/main/{path}", headers=headers)


def test_a_file(shared_hub: Served, commit: str) -> None:
    answer = resolve(shared_hub, "data")
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["x-repo-commit"] == commit
    assert answer.headers["content-length"] == str(len(DATA))
    begun = resolve(shared_hub, "data", "HEAD")
    assert (begun.status_code, begun.content) == (200, b"")
    for name in ("etag", "content-length", "x-repo-commit"):
        assert begun.headers[name] == answer.headers[name]
    assert resolve(shared_hub, "%C3%BC%20%252F%26%3F.txt").content == b"odd"
    assert resolve(shared_hub, "empty").content == b""
    for other in ("raw", "blob"):
        assert shared_hub.get(f"/spaces/alice/demo/{other}/main/data").content == DATA


def test_a_page_in_a_repository_is_no_page_of_the_hub(shared_hub: Served) -> None:
    headers = resolve(shared_hub, "page.html").headers
    assert headers["content-type"].startswith("text/plain")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]


def test_what_the_client_has_already(shared_hub: Served) -> None:
    tag = resolve(shared_hub, "data", "HEAD").headers["etag"]
    for given, status in (
        (tag, 304),
        (f"W/{tag}", 304),
        ('"other", ' + tag, 304),
        ("*", 304),
        ('"other"', 200),
    ):
        answer = resolve(shared_hub, "data", **{"If-None-Match": given})
        assert answer.status_code == status
        assert answer.headers["etag"] == tag


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0), ("bytes=5-9", 5, 9), ("bytes=262140-262149", 262140, 262149),
        ("bytes=511990-", 511990, 511999),
        ("bytes=-3", 511997, 511999), ("bytes=0-99999999", 0, 511999), ("bytes=-99999999", 0, 511999),
    ],
)  # fmt: skip
def test_a_part_of_a_file(shared_hub: Served, wanted: str, first: int, last: int) -> None:
    answer = resolve(shared_hub, "data", Range=wanted)
    assert (answer.status_code, answer.content) == (206, DATA[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(DATA)}"


@pytest.mark.parametrize("wanted", ["bytes=512000-", "bytes=-0", "bytes=999999-9999999"])
def test_a_part_beyond_the_end(shared_hub: Served, wanted: str) -> None:
    answer = resolve(shared_hub, "data", Range=wanted)
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(DATA)}")


@pytest.mark.parametrize(
    "wanted", ["bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=9-5", "bytes=a-b", "nonsense"]
)
def test_a_range_that_is_passed_over(shared_hub: Served, wanted: str) -> None:
    assert resolve(shared_hub, "data", Range=wanted).status_code == 200


def test_a_range_of_another_version(shared_hub: Served) -> None:
    tag = resolve(shared_hub, "data", "HEAD").headers["etag"]
    assert resolve(shared_hub, "data", Range="bytes=0-1", **{"If-Range": tag}).status_code == 206
    assert resolve(shared_hub, "data", Range="bytes=0-1", **{"If-Range": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("main/none", "EntryNotFound"), ("main/a", "EntryNotFound"), ("main/", "EntryNotFound"),
        ("none/data", "RevisionNotFound"), ("main/data/x", "EntryNotFound"),
    ],
)  # fmt: skip
def test_files_that_are_not_there(shared_hub: Served, commit: str, path: str, code: str) -> None:
    answer = shared_hub.get(f"/spaces/alice/demo/resolve/{path}")
    assert (answer.status_code, answer.headers["x-error-code"]) == (404, code)
    if code == "EntryNotFound":
        assert answer.headers["x-repo-commit"] == commit


@pytest.mark.parametrize(
    "path", ["main/../../etc/passwd", "main/%2e%2e/x", "main/%2Fetc%2Fpasswd", "main/a%5Cb", "main/.git/HEAD"]
)
def test_files_beside_the_repository(shared_hub: Served, path: str) -> None:
    # A client takes out dots that it sees; sent as they are they are refused.
    assert shared_hub.get(f"/spaces/alice/demo/resolve/{path}").status_code in (400, 404, 501)


def test_a_link_is_shown_and_not_followed(shared_hub: Served) -> None:
    from localhub.test_repository import raw_commit

    repo = shared_hub.space("links")
    with shared_hub.hub.reads.begin() as connection:
        found = repos.get(connection, repo)
    assert found is not None
    git = shared_hub.hub.repository(found.storage)
    git.set_ref(
        "refs/heads/main", raw_commit(git, [("120000 passwd", b"/etc/passwd"), ("120000 dir", b"/etc")]), ""
    )
    assert shared_hub.get("/spaces/alice/links/resolve/main/passwd").content == b"/etc/passwd"
    assert shared_hub.get("/spaces/alice/links/resolve/main/dir/passwd").status_code == 404


def test_names_that_are_no_text(shared_hub: Served) -> None:
    repo = shared_hub.space("bytes")
    with shared_hub.hub.reads.begin() as connection:
        found = repos.get(connection, repo)
    assert found is not None
    git = shared_hub.hub.repository(found.storage)
    blob = git.store(b"x")
    tree = git.run("mktree", "-z", given=f"100644 blob {blob}\t".encode() + b"\xff\xfe\n\0").decode().strip()
    author = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@localhost"}
    git.set_ref(
        "refs/heads/main", git.run("commit-tree", tree, given=b"m", extra=author).decode().strip(), ""
    )
    for query in ("", "?expand=true"):
        (row,) = shared_hub.get(f"/api/spaces/alice/bytes/tree/main{query}").json()
        assert row["path"].endswith("\n")


def test_who_may_read(shared_hub: Served) -> None:
    shared_hub.space("hidden", visibility="private")
    shared_hub.space("guarded", visibility="protected")
    for name in ("hidden", "guarded"):
        fill(shared_hub, name, {"a": b"secret"})
        for path in (
            f"/spaces/alice/{name}/resolve/main/a", f"/api/spaces/alice/{name}/tree/main",
            f"/api/spaces/alice/{name}/refs", f"/api/spaces/alice/{name}/commits/main",
            f"/api/spaces/alice/{name}/auth-check",
            f"/api/spaces/alice/{name}/lfs-files",
        ):  # fmt: skip
            for token, status in ((None, 401), (shared_hub.other, 404)):
                answer = shared_hub.get(path, token)
                assert (answer.status_code, answer.headers["x-error-code"]) == (status, "RepoNotFound"), path
                assert b"secret" not in answer.content
            for token in (shared_hub.token, shared_hub.reader):
                assert shared_hub.get(path, token).status_code == 200


def test_auth_check(shared_hub: Served) -> None:
    check = "/api/spaces/alice/demo/auth-check"
    assert shared_hub.get(check).status_code == 200
    for token, status in (
        (None, 401),
        (shared_hub.reader, 403),
        (shared_hub.other, 403),
        (shared_hub.token, 200),
    ):
        assert shared_hub.get(f"{check}/write", token).status_code == status


@pytest.mark.parametrize("kind", ["model", "dataset"])
def test_models_and_datasets_have_the_same_addresses(shared_hub: Served, api: Any, kind: str) -> None:
    with shared_hub.hub.engine.begin() as connection:
        repo = repos.add(connection, kind, "alice", f"a-{kind}", "public")
    shared_hub.hub.repository(repo.storage).create()
    api.upload_file(
        path_or_fileobj=b"---\nlicense: mit\n---\n",
        path_in_repo="README.md",
        repo_id=repo.full_name,
        repo_type=kind,
    )
    assert [one.path for one in api.list_repo_tree(repo.full_name, repo_type=kind)] == ["README.md"]
    assert api.file_exists(repo.full_name, "README.md", repo_type=kind)
    prefix = "" if kind == "model" else "/datasets"
    assert shared_hub.get(f"{prefix}/{repo.full_name}/resolve/main/README.md").status_code == 200
    assert (
        shared_hub.get(f"/spaces/{repo.full_name}/resolve/main/README.md", shared_hub.token).status_code
        == 404
    )
