"""Commits through the API: what is taken, what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localhub.serving import Served
from unstick.localhub import wording
from unstick.localhub.repository import BadPath, checked_path
from unstick.localhub.store import repos

HEADER = {"key": "header", "value": {"summary": "a commit", "description": ""}}
SPACE: dict[str, Any] = {"repo_type": "space"}


def file(path: str, content: bytes = b"x", encoding: str = "base64") -> dict[str, Any]:
    text = base64.b64encode(content).decode() if encoding == "base64" else content.decode()
    return {"key": "file", "value": {"content": text, "path": path, "encoding": encoding}}


def body(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def send(
    hub: Served, data: bytes, name: str = "demo", rev: str = "main", token: str | None = None, query: str = ""
) -> Any:
    headers = {"Content-Type": "application/x-ndjson"}
    path = f"/api/spaces/alice/{name}/commit/{rev}{query}"
    return hub.ask("POST", path, hub.token if token is None else token, content=data, headers=headers)


def head(hub: Served, name: str = "demo") -> str:
    with hub.hub.reads.begin() as connection:
        repo = repos.find(connection, "space", "alice", name)
    assert repo is not None
    return hub.hub.repository(repo.storage).head()


@pytest.fixture(scope="module", autouse=True)
def demo(shared_hub: Served) -> None:
    shared_hub.space("demo")
    assert send(shared_hub, body(HEADER, file("first"))).status_code == 200


def test_the_answer_and_the_commit(shared_hub: Served, api: Any) -> None:
    changed: list[int] = []
    stop = shared_hub.hub.listen(changed.append)
    header = {"key": "header", "value": {"summary": "title\n of it", "description": "and more\n\nlines"}}
    answer = send(shared_hub, body(header, file("a/b.txt", b"one"), file("ü", b"text", "utf-8"))).json()
    stop()
    assert answer["success"] is True
    assert answer["commitOid"] == head(shared_hub)
    assert answer["commitUrl"] == f"{shared_hub.endpoint}/spaces/alice/demo/commit/{answer['commitOid']}"
    newest = api.list_repo_commits("alice/demo", **SPACE)[0]
    assert (newest.title, newest.message, newest.authors) == ("title of it", "and more\n\nlines", ["alice"])
    assert shared_hub.get("/spaces/alice/demo/resolve/main/a/b.txt").content == b"one"
    assert shared_hub.get("/spaces/alice/demo/resolve/main/%C3%BC").content == b"text"
    assert len(changed) == 1


def test_a_removal_and_a_file_below_it(shared_hub: Served, api: Any) -> None:
    send(shared_hub, body(HEADER, file("old/1"), file("old/2"), file("one")))
    gone = {"key": "deletedFolder", "value": {"path": "old/"}}
    answer = send(
        shared_hub, body(HEADER, gone, {"key": "deletedFile", "value": {"path": "one"}}, file("old/new"))
    )
    assert answer.status_code == 200
    found = {item.path for item in api.list_repo_tree("alice/demo", recursive=True, **SPACE)}
    assert "old/new" in found
    assert not found.intersection({"old/1", "old/2", "one"})


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400), (b"\n\n", 400), (b"nonsense\n", 400), (b"[]\n", 400), (b'{"key":"header"}\n', 400),
        (b'{"key":"no-such","value":{}}\n', 400), (body(file("a")), 400), (body(HEADER, HEADER, file("a")), 400),
        (body({"key": "header", "value": {"summary": " ", "description": ""}}, file("a")), 400),
        (body(HEADER, {"key": "file", "value": {"content": "!", "path": "a", "encoding": "base64"}}), 400),
        (body(HEADER, {"key": "file", "value": {"content": "x", "path": "a", "encoding": "rot13"}}), 400),
        (body(HEADER, {"key": "file", "value": {"content": 3, "path": "a"}}), 400),
        (body(HEADER, {"key": "file", "value": {"path": "a"}}), 400),
        (body(HEADER, {"key": "deletedFile", "value": {"path": "never"}}), 404),
        (body(HEADER, {"key": "deletedFolder", "value": {"path": "never"}}), 404),
        (body(HEADER, {"key": "deletedFile", "value": {"path": ""}}), 400),
        (body(HEADER, {"key": "lfsFile", "value": {"path": "a", "oid": "ab" * 32, "algo": "sha256", "size": 3}}), 400),
        (body(HEADER, {"key": "lfsFile", "value": {"path": "a", "oid": "../../x", "algo": "sha256"}}), 400),
        (body(HEADER, file("a"))[:-20], 400), (b"[" * 100_000, 400), (b'{"key":"file","value":' * 2000, 400),
        (body({"key": "header", "value": {"summary": "s", "parentCommit": "0" * 40}}, file("a")), 412),
        (body({"key": "header", "value": {"summary": "s", "parentCommit": "--all"}}, file("a")), 412),
    ],
)  # fmt: skip
def test_what_is_no_commit_leaves_nothing(shared_hub: Served, data: bytes, status: int) -> None:
    before = head(shared_hub)
    answer = send(shared_hub, data)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert head(shared_hub) == before
    assert os.listdir(shared_hub.hub.settings.folder("uploads")) == []


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a/../../x", ".git/config", "a/.Git/hooks/x", "a//b", "", "a\0b", "a\\b"]
)
def test_paths_that_lead_elsewhere(shared_hub: Served, path: str) -> None:
    before = head(shared_hub)
    assert send(shared_hub, body(HEADER, file("fine"), file(path))).status_code == 400
    assert head(shared_hub) == before


@given(st.text(max_size=40) | st.lists(st.sampled_from(["..", ".git", "a", "", "%2e", "~"])).map("/".join))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_path_is_a_file_or_refused(shared_hub: Served, path: str) -> None:
    rows = body(HEADER, file("f/" + path, b"content"))
    try:
        expected = checked_path("f/" + path)
    except BadPath:
        expected = ""
    answer = send(shared_hub, rows)
    assert answer.status_code == (200 if expected else 400)


def test_the_readme_is_judged(shared_hub: Served) -> None:
    before = head(shared_hub)
    bad = b"---\ntitle: x\nsdk: gradio\ncolorTo: cyan\nshort_description: " + b"x" * 61 + b"\n---\n"
    answer = send(shared_hub, body(HEADER, file("README.md", bad)))
    assert answer.status_code == 400
    messages = [row["message"] for row in answer.json()["errors"]]
    assert messages[0].startswith('"colorTo" must be one of [')
    assert messages[1] == '"short_description" length must be less than or equal to 60 characters long'
    assert head(shared_hub) == before
    assert send(shared_hub, body(HEADER, file("docs/README.md", bad))).status_code == 200


def test_the_sdk_follows_the_readme(shared_hub: Served, api: Any) -> None:
    shared_hub.space("sdk")
    send(shared_hub, body(HEADER, file("README.md", b"---\nsdk: static\n---\n")), "sdk")
    assert api.space_info("alice/sdk").sdk == "static"
    send(shared_hub, body(HEADER, file("README.md", b"no block")), "sdk")
    assert api.space_info("alice/sdk").sdk == "static"


def test_a_parent(shared_hub: Served) -> None:
    now = head(shared_hub)
    header = {"key": "header", "value": {"summary": "s", "description": "", "parentCommit": now[:10]}}
    assert send(shared_hub, body(header, file("p"))).status_code == 200
    again = send(shared_hub, body(header, file("q")))
    assert (again.status_code, again.json()["error"]) == (412, wording.MOVED_ON)


def test_branches(shared_hub: Served, api: Any) -> None:
    api.create_branch("alice/demo", branch="dev/one", **SPACE)
    before = head(shared_hub)
    assert send(shared_hub, body(HEADER, file("on-dev")), rev="dev%2Fone").status_code == 200
    assert head(shared_hub) == before
    assert api.file_exists("alice/demo", "on-dev", revision="dev/one", **SPACE)
    missing = send(shared_hub, body(HEADER, file("x")), rev="missing")
    assert (missing.status_code, missing.headers["x-error-code"]) == (404, "RevisionNotFound")
    assert send(shared_hub, body(HEADER, file("x")), rev=before).status_code == 400
    api.create_tag("alice/demo", tag="t1", **SPACE)
    assert send(shared_hub, body(HEADER, file("x")), rev="t1").status_code == 400


def test_a_pull_request_is_a_ref_of_its_own(shared_hub: Served, api: Any) -> None:
    before = head(shared_hub)
    info = api.upload_file(
        path_or_fileobj=b"x", path_in_repo="in-pr", repo_id="alice/demo", create_pr=True, **SPACE
    )
    assert (info.pr_num, info.pr_revision) == (1, "refs/pr/1")
    assert head(shared_hub) == before
    api.upload_file(
        path_or_fileobj=b"y", path_in_repo="more", repo_id="alice/demo", revision="refs/pr/1", **SPACE
    )
    for name in ("in-pr", "more", "first"):
        assert api.file_exists("alice/demo", name, revision="refs/pr/1", **SPACE)
    shown = api.list_repo_refs("alice/demo", include_pull_requests=True, **SPACE)
    assert [one.ref for one in shown.pull_requests] == ["refs/pr/1"]
    send(shared_hub, body(HEADER, file("meanwhile")))
    more = {"create_pr": True, "parent_commit": before, **SPACE}
    second = api.upload_file(path_or_fileobj=b"x", path_in_repo="z", repo_id="alice/demo", **more)
    assert second.pr_num == 2
    assert not api.file_exists("alice/demo", "meanwhile", revision="refs/pr/2", **SPACE)


def test_first_commits_at_once_are_all_there(shared_hub: Served, api: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    shared_hub.space("begun")
    with ThreadPoolExecutor(6) as pool:
        rows = [body(HEADER, file(f"f{n}")) for n in range(6)]
        found = list(pool.map(lambda data: send(shared_hub, data, "begun").status_code, rows))
    assert found == [200] * 6
    assert {one.path for one in api.list_repo_tree("alice/begun", **SPACE)} == {f"f{n}" for n in range(6)}


def test_pull_requests_at_once_have_refs_of_their_own(shared_hub: Served) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(6) as pool:
        rows = [body(HEADER, file(f"pr{n}")) for n in range(6)]
        found = list(pool.map(lambda data: send(shared_hub, data, rev="main?create_pr=1").json(), rows))
    assert len({row["pullRequestUrl"] for row in found}) == 6


def test_who_may_commit(shared_hub: Served) -> None:
    shared_hub.space("hidden", visibility="private")
    shared_hub.space("guarded", visibility="protected")
    rows = body(HEADER, file("a"))
    for token, name, status in (
        ("", "demo", 401), (shared_hub.reader, "demo", 403), (shared_hub.other, "demo", 403), ("hf_none", "demo", 401),
        (shared_hub.other, "hidden", 404), (shared_hub.other, "guarded", 404), (shared_hub.token, "hidden", 200),
        (shared_hub.token, "none", 404),
    ):  # fmt: skip
        assert send(shared_hub, rows, name, token=token).status_code == status, (token, name)


def test_a_long_content_comes_back_as_it_was(shared_hub: Served) -> None:
    data = os.urandom(4096) * 900
    long = body(HEADER, file("long.bin", data), file("short", b"s"))
    assert send(shared_hub, long).status_code == 200
    assert shared_hub.get("/spaces/alice/demo/resolve/main/long.bin").content == data
    assert os.listdir(shared_hub.hub.settings.folder("uploads")) == []


def test_a_long_content_that_is_cut_is_refused(shared_hub: Served) -> None:
    before = head(shared_hub)
    long = body(HEADER, file("long.bin", bytes(3_000_000)))
    assert send(shared_hub, long[:-1_000_000]).status_code == 400
    assert send(shared_hub, long.replace(b"AAAA", b"A!AA", 1)).status_code == 400
    assert send(shared_hub, long.replace(b'"base64"', b'"utf-8"')).status_code == 400
    assert head(shared_hub) == before
    assert os.listdir(shared_hub.hub.settings.folder("uploads")) == []


def test_a_full_repository(shared_hub: Served) -> None:
    repo = shared_hub.space("full")
    assert send(shared_hub, body(HEADER, file("a")), "full").status_code == 200
    shared_hub.hub.faults.set("storage-full", repo)
    try:
        for data in (b"x", bytes(2_000_000)):
            answer = send(shared_hub, body(HEADER, file("b", data)), "full")
            assert (answer.status_code, answer.json()["error"]) == (403, wording.FULL)
        assert send(shared_hub, body(HEADER, file("b"))).status_code == 200  # another Space
    finally:
        shared_hub.hub.faults.clear()
    assert send(shared_hub, body(HEADER, file("b")), "full").status_code == 200


def test_a_space_takes_no_more_than_its_limit(shared_hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from unstick.localhub import quota

    shared_hub.space("small")
    monkeypatch.setattr(quota, "limit", lambda name: 4_000_000)
    data = os.urandom(1_500_000)
    assert send(shared_hub, body(HEADER, file("a", data)), "small").status_code == 200
    assert send(shared_hub, body(HEADER, file("b", data[::-1])), "small").status_code == 200
    answer = send(shared_hub, body(HEADER, file("c", data[1:])), "small")
    assert (answer.status_code, answer.json()["error"]) == (403, wording.FULL)


def test_a_disabled_space(shared_hub: Served) -> None:
    repo = shared_hub.space("flagged")
    with shared_hub.hub.engine.begin() as connection:
        repos.update(connection, repo, disabled=True)
    answer = send(shared_hub, body(HEADER, file("a")), "flagged")
    assert (answer.status_code, answer.headers["x-error-message"]) == (403, wording.DISABLED)


def preupload(hub: Served, rows: list[dict[str, Any]], name: str = "demo", **more: Any) -> Any:
    path = f"/api/spaces/alice/{name}/preupload/main"
    return hub.ask("POST", path, hub.token, json={"files": rows, **more})


def test_preupload(shared_hub: Served) -> None:
    send(shared_hub, body(HEADER, file("known", b"abc"), file(".gitignore", b"*.log\n")))
    rows = [{"path": name, "size": 3, "sample": "YWJj"} for name in ("known", "new.bin", "x.log", "y.tmp")]
    answer = preupload(shared_hub, rows).json()
    assert answer["commitOid"] == head(shared_hub)
    shown = {row["path"]: row for row in answer["files"]}
    assert shown["known"] == {
        "path": "known", "uploadMode": "regular", "shouldIgnore": False,
        "oid": "f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f",
    }  # fmt: skip
    assert [shown[name]["shouldIgnore"] for name in ("new.bin", "x.log", "y.tmp")] == [False, True, False]
    given_rules = preupload(shared_hub, rows, gitIgnore="*.tmp").json()["files"]
    assert [row["shouldIgnore"] for row in given_rules] == [False, False, False, True]


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([{"path": "../x", "size": 1}], 400), ([{"path": "a"}], 400),
        ([{"path": f"f{n}", "size": 1} for n in range(257)], 413),
    ],
)  # fmt: skip
def test_preupload_of_nonsense(shared_hub: Served, rows: list[dict[str, Any]], status: int) -> None:
    assert preupload(shared_hub, rows).status_code == status


@pytest.mark.parametrize(
    ("content", "status", "errors", "warnings"),
    [
        ("---\nsdk: gradio\n---\n", 200, [], []),
        ("---\nsdk: foo\n---\n", 400, ['"sdk" must be one of [gradio, docker, static, streamlit]'], []),
        ("text", 200, [], [wording.EMPTY_CARD]),
    ],
)
def test_validate_yaml(
    shared_hub: Served, content: str, status: int, errors: list[str], warnings: list[str]
) -> None:
    answer = shared_hub.ask("POST", "/api/validate-yaml", json={"content": content, "repoType": "space"})
    assert answer.status_code == status
    assert [row["message"] for row in answer.json()["errors"]] == errors
    assert [row["message"] for row in answer.json()["warnings"]] == warnings
