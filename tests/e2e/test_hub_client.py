"""The official client against the local hub: account, repositories, settings, and its exceptions."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from e2e.hub_client import DOCKER, INDEX, STATIC, Where, ask, client, commit, errors, needs, readme

pytest_plugins = ["e2e.hub_fixtures"]
Make = Callable[..., str]


def test_whoami(api: Any, where: Where) -> None:
    me = api.whoami()
    assert me["type"] == "user"
    assert me["auth"]["accessToken"]["role"] == "write"
    assert client(where, where.reader).whoami()["auth"]["accessToken"]["role"] == "read"
    assert client(where, where.other).whoami()["name"] != me["name"]
    assert api.get_full_repo_name("thing") == f"{me['name']}/thing"


def test_create_and_delete(api: Any, where: Where) -> None:
    name = f"{api.whoami()['name']}/t{uuid.uuid4().hex[:10]}"
    url = api.create_repo(name, repo_type="space", space_sdk="static")
    assert (url.repo_id, url.repo_type, url.endpoint) == (name, "space", where.endpoint)
    assert str(url) == f"{where.endpoint}/spaces/{name}"
    assert api.repo_exists(name, repo_type="space")
    with pytest.raises(errors().HfHubHTTPError) as caught:
        api.create_repo(name, repo_type="space", space_sdk="static")
    assert caught.value.response.status_code == 409
    assert "already created" in str(caught.value)
    again = api.create_repo(name, repo_type="space", space_sdk="static", exist_ok=True)
    assert again.repo_id == name
    api.delete_repo(name, repo_type="space")
    assert not api.repo_exists(name, repo_type="space")
    with pytest.raises(errors().RepositoryNotFoundError):
        api.delete_repo(name, repo_type="space")
    api.delete_repo(name, repo_type="space", missing_ok=True)


def test_a_name_alone_goes_to_the_caller(api: Any) -> None:
    name = f"t{uuid.uuid4().hex[:10]}"
    url = api.create_repo(name, repo_type="space", space_sdk="docker")
    assert url.repo_id == f"{api.whoami()['name']}/{name}"
    api.delete_repo(name, repo_type="space")
    assert not api.repo_exists(url.repo_id, repo_type="space")


def test_create_with_all_settings(api: Any, space: Make) -> None:
    needs("create_repo", "space_volumes", "visibility")
    needs("get_space_secrets")
    repo = space(
        None, "docker", visibility="private", space_hardware="t4-small", space_sleep_time=3600,
        space_secrets=[{"key": "WORD", "value": "hidden-from-all", "description": "why"}],
        space_variables=[{"key": "COLOUR", "value": "blue"}],
    )  # fmt: skip
    runtime = api.get_space_runtime(repo)
    assert (runtime.requested_hardware, runtime.sleep_time) == ("t4-small", 3600)
    assert api.get_space_variables(repo)["COLOUR"].value == "blue"
    assert api.get_space_secrets(repo)["WORD"].description == "why"
    assert api.space_info(repo).private


def test_move(api: Any, space: Make) -> None:
    old = space(STATIC)
    new = f"{old}-moved"
    api.move_repo(old, new, repo_type="space")
    assert api.space_info(new).id == new
    assert api.space_info(old).id == new
    assert api.list_repo_files(old, repo_type="space") == api.list_repo_files(new, repo_type="space")
    taken = space()
    with pytest.raises(errors().HfHubHTTPError) as caught:
        api.move_repo(new, taken, repo_type="space")
    assert caught.value.response.status_code in (400, 409)
    api.delete_repo(new, repo_type="space")


def test_duplicate(api: Any, space: Make) -> None:
    first = space(DOCKER, "docker")
    api.add_space_variable(first, "COLOUR", "green")
    api.add_space_secret(first, "WORD", "hidden-from-all")
    commits = [c.commit_id for c in api.list_repo_commits(first, repo_type="space")]
    second = f"{first}-copy"
    if hasattr(api, "duplicate_repo"):
        url = api.duplicate_repo(
            first, second, repo_type="space", space_secrets=[{"key": "NEW", "value": "x"}]
        )
    else:
        url = api.duplicate_space(first, second, secrets=[{"key": "NEW", "value": "x"}])
    assert url.repo_id == second
    assert [c.commit_id for c in api.list_repo_commits(second, repo_type="space")] == commits
    assert api.get_space_variables(second)["COLOUR"].value == "green"
    if hasattr(api, "get_space_secrets"):
        assert set(api.get_space_secrets(second)) == {"NEW"}
    duplicate = getattr(api, "duplicate_space", None) or api.duplicate_repo
    more = {} if hasattr(api, "duplicate_space") else {"repo_type": "space"}
    with pytest.raises(errors().HfHubHTTPError) as caught:
        duplicate(first, second, **more)
    assert caught.value.response.status_code == 409
    assert duplicate(first, second, exist_ok=True, **more).repo_id == second
    api.delete_repo(second, repo_type="space")


def test_space_info(api: Any, space: Make) -> None:
    repo = space(STATIC)
    info = api.space_info(repo, files_metadata=True)
    assert (info.id, info.author, info.sdk, info.private) == (repo, repo.split("/")[0], "static", False)
    assert info.sha == api.list_repo_commits(repo, repo_type="space")[0].commit_id
    sizes = {file.rfilename: file.size for file in info.siblings}
    assert sizes["index.html"] == len(INDEX)
    assert all(file.blob_id for file in info.siblings)
    assert info.card_data.title == "A small Space"
    assert info.created_at <= info.last_modified
    assert info.subdomain == repo.replace("/", "-")
    assert info.host.endswith(f"{info.subdomain}.{info.host.partition('.')[2]}")
    assert info.runtime.stage
    assert info.disabled is False
    assert api.repo_info(repo, repo_type="space").sha == info.sha
    assert api.space_info(repo, revision=info.sha).sha == info.sha


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("author", "author"), ("cardData", "card_data"), ("createdAt", "created_at"), ("datasets", "datasets"),
        ("disabled", "disabled"), ("lastModified", "last_modified"), ("likes", "likes"), ("models", "models"),
        ("private", "private"), ("runtime", "runtime"), ("sdk", "sdk"), ("sha", "sha"),
        ("siblings", "siblings"), ("subdomain", "subdomain"), ("tags", "tags"),
        ("trendingScore", "trending_score"), ("usedStorage", "used_storage"), ("resourceGroup", "resource_group"),
    ],
)  # fmt: skip
def test_expand(api: Any, space: Make, name: str, attribute: str) -> None:
    repo = space(STATIC)
    info = api.space_info(repo, expand=[name])
    assert info.id == repo
    shown = {
        n for n in ("sdk", "sha", "card_data", "siblings", "runtime") if getattr(info, n, None) is not None
    }
    assert shown <= {attribute}
    if name not in ("datasets", "models", "resourceGroup") and (
        name != "usedStorage" or hasattr(info, attribute)
    ):
        assert getattr(info, attribute) is not None


def test_list(api: Any, space: Make) -> None:
    mark = f"m{uuid.uuid4().hex[:8]}"
    user = api.whoami()["name"]
    names = [f"{user}/{mark}-{number}" for number in range(3)]
    for name in names:
        api.create_repo(name, repo_type="space", space_sdk="static")
    try:
        found = list(api.list_spaces(search=mark, author=user))
        assert sorted(info.id for info in found) == names
        assert len(list(api.list_spaces(search=mark, limit=2))) == 2
        newest = list(api.list_spaces(search=mark, sort="created_at"))
        assert [info.id for info in newest] == names[::-1]
        full = list(api.list_spaces(search=mark, full=True))
        assert all(info.siblings is not None for info in full)
        some = list(api.list_spaces(search=mark, expand=["sdk", "runtime"]))
        assert {info.sdk for info in some} == {"static"}
        assert list(api.list_spaces(author="nobody-of-this-name")) == []
        if hasattr(api, "list_user_repos"):
            assert set(names) <= {repo.id for repo in api.list_user_repos()}
    finally:
        for name in names:
            api.delete_repo(name, repo_type="space")


def test_search(api: Any, space: Make) -> None:
    needs("search_spaces")
    word = f"w{uuid.uuid4().hex[:8]}"
    repo = space({**STATIC, "README.md": readme(more=f"short_description: Something with {word}\n")})
    found = list(api.search_spaces(word, include_non_running=True))
    assert [result.id for result in found] == [repo]
    assert found[0].title == "A small Space"
    assert list(api.search_spaces(word, sdk="docker", include_non_running=True)) == []


def test_templates(api: Any) -> None:
    needs("list_space_templates")
    for template in api.list_space_templates():
        assert template.repo_id
        assert template.sdk in ("gradio", "docker", "static", "streamlit")


def test_auth_check(api: Any, where: Where, space: Make) -> None:
    repo = space()
    api.auth_check(repo, repo_type="space")
    with pytest.raises(errors().RepositoryNotFoundError):
        api.auth_check(f"{repo}-not", repo_type="space")
    needs("auth_check", "write")
    api.auth_check(repo, repo_type="space", write=True)
    with pytest.raises(errors().HfHubHTTPError):
        client(where, where.other).auth_check(repo, repo_type="space", write=True)


def test_bad_calls_are_400(api: Any, space: Make) -> None:
    repo = space(STATIC)
    for call in (api.restart_space, api.pause_space):
        with pytest.raises(errors().BadRequestError):
            call(repo)
    docker = space(None, "docker")
    with pytest.raises(errors().BadRequestError, match="sleep time"):
        api.set_space_sleep_time(docker, 300)
    with pytest.raises(errors().BadRequestError):
        api.request_space_hardware(docker, "a-machine-that-is-not")
    with pytest.raises(errors().BadRequestError):
        api.add_space_variable(docker, "not a name", "x")


def test_a_readme_that_the_platform_refuses(api: Any, space: Make) -> None:
    repo = space(STATIC)
    before = api.space_info(repo).sha
    with pytest.raises(ValueError, match="Invalid metadata"):
        commit(api, repo, {"README.md": b"---\ntitle: x\nsdk: nothing-of-the-kind\n---\n"})
    assert api.space_info(repo).sha == before


def test_what_is_absent_says_so(where: Where, space: Make) -> None:
    repo = space()
    answer = ask(where, "GET", f"/api/spaces/{repo}/discussions")
    assert answer.status == 501
    assert "docs/hub" in answer.headers["x-error-message"]
    assert answer.json()["error"]
    assert answer.headers["x-request-id"].startswith("Root=1-")
