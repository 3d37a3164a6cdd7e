"""Branches, tags and squashing through the official client."""

from __future__ import annotations

from typing import Any

import pytest

from localhub.serving import Served

SPACE: dict[str, Any] = {"repo_type": "space"}


@pytest.fixture
def repo(shared_hub: Served, api: Any, request: pytest.FixtureRequest) -> str:
    name = f"r{abs(hash(request.node.name))}"
    shared_hub.space(name)
    for number in range(3):
        api.upload_file(
            path_or_fileobj=b"%d" % number,
            path_in_repo="f",
            repo_id=f"alice/{name}",
            commit_message=f"c{number}",
            **SPACE,
        )
    return f"alice/{name}"


def status(call: Any) -> int:
    from huggingface_hub.errors import HfHubHTTPError

    with pytest.raises(HfHubHTTPError) as caught:
        call()
    return int(caught.value.response.status_code)


def test_branches(api: Any, repo: str) -> None:
    commits = api.list_repo_commits(repo, **SPACE)
    api.create_branch(repo, branch="dev", **SPACE)
    api.create_branch(repo, branch="with/slash", revision=commits[2].commit_id, **SPACE)
    shown = {one.name: one.target_commit for one in api.list_repo_refs(repo, **SPACE).branches}
    assert shown == {
        "main": commits[0].commit_id,
        "dev": commits[0].commit_id,
        "with/slash": commits[2].commit_id,
    }
    assert [one.title for one in api.list_repo_commits(repo, revision="with/slash", **SPACE)] == ["c0"]
    assert status(lambda: api.create_branch(repo, branch="dev", **SPACE)) == 409
    api.create_branch(repo, branch="dev", exist_ok=True, **SPACE)
    assert status(lambda: api.create_branch(repo, branch="other", revision="none", **SPACE)) == 404
    api.delete_branch(repo, branch="with/slash", **SPACE)
    assert status(lambda: api.delete_branch(repo, branch="with/slash", **SPACE)) == 404
    assert status(lambda: api.delete_branch(repo, branch="main", **SPACE)) == 403


@pytest.mark.parametrize(
    "name", ["refs/pr/5", "refs/heads/x", "-x", "a..b", "a b", "a~1", "x.lock", "/x", "x/", "a" * 40, "HEAD"]
)
def test_names_that_no_branch_can_have(api: Any, repo: str, name: str) -> None:
    before = api.list_repo_refs(repo, **SPACE)
    assert status(lambda: api.create_branch(repo, branch=name, **SPACE)) == 400
    assert status(lambda: api.create_tag(repo, tag=name, **SPACE)) == 400
    assert api.list_repo_refs(repo, **SPACE) == before


def test_an_empty_branch(shared_hub: Served, api: Any, repo: str) -> None:
    answer = shared_hub.ask(
        "POST", f"/api/spaces/{repo}/branch/empty", shared_hub.token, json={"emptyBranch": True}
    )
    assert answer.status_code == 200
    assert list(api.list_repo_tree(repo, revision="empty", **SPACE)) == []


def test_tags(api: Any, repo: str) -> None:
    commits = api.list_repo_commits(repo, **SPACE)
    api.create_tag(repo, tag="v1", **SPACE)
    api.create_tag(repo, tag="v0", revision=commits[2].commit_id[:7], tag_message="the first\n<one>", **SPACE)
    shown = {one.name: one.target_commit for one in api.list_repo_refs(repo, **SPACE).tags}
    assert shown == {"v1": commits[0].commit_id, "v0": commits[2].commit_id}
    assert [one.title for one in api.list_repo_commits(repo, revision="v0", **SPACE)] == ["c0"]
    assert status(lambda: api.create_tag(repo, tag="v1", **SPACE)) == 409
    assert status(lambda: api.create_tag(repo, tag="v2", revision="none", **SPACE)) == 404
    api.delete_tag(repo, tag="v1", **SPACE)
    assert status(lambda: api.delete_tag(repo, tag="v1", **SPACE)) == 404


def test_a_squash(shared_hub: Served, api: Any, repo: str) -> None:
    changed: list[int] = []
    stop = shared_hub.hub.listen(changed.append)
    api.super_squash_history(repo, commit_message="as one", **SPACE)
    stop()
    assert [one.title for one in api.list_repo_commits(repo, **SPACE)] == ["as one"]
    assert shared_hub.get(f"/spaces/{repo}/resolve/main/f").content == b"2"
    assert len(changed) == 1
    assert status(lambda: api.super_squash_history(repo, branch="none", **SPACE)) == 404


def test_formatted_titles_hold_no_markup_of_others(api: Any, repo: str) -> None:
    api.upload_file(
        path_or_fileobj=b"x", path_in_repo="x", repo_id=repo, commit_message="<b>bold</b>", **SPACE
    )
    newest = api.list_repo_commits(repo, formatted=True, **SPACE)[0]
    assert (newest.title, newest.formatted_title) == ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;")


def test_who_may_change_refs(shared_hub: Served, stranger: Any, nobody: Any, repo: str) -> None:
    for client, expected in ((stranger, 403), (nobody, 401)):
        for call in (
            client.create_branch, client.delete_branch, client.create_tag, client.delete_tag,
            client.super_squash_history,
        ):  # fmt: skip
            name = (
                {"branch": "x"}
                if "branch" in call.__name__
                else {"tag": "x"}
                if "tag" in call.__name__
                else {}
            )
            assert status(lambda c=call, n=name: c(repo, **n, **SPACE)) == expected
