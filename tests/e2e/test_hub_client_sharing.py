"""The official client against the local hub: who sees and changes what, as owner, member, stranger, nobody."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from e2e.hub_client import STATIC, Where, client, commit, errors, needs

pytest_plugins = ["e2e.hub_fixtures"]
Make = Callable[..., str]


def test_visibility(api: Any, where: Where, space: Make) -> None:
    repo = space(STATIC)
    stranger = client(where, where.other)
    assert stranger.space_info(repo).id == repo
    api.update_repo_settings(repo, private=True, repo_type="space")
    assert api.space_info(repo).private
    assert not stranger.repo_exists(repo, repo_type="space")
    assert not client(where, False).repo_exists(repo, repo_type="space")
    assert repo not in [found.id for found in stranger.list_spaces()]
    assert repo in [found.id for found in api.list_spaces()]
    if hasattr(api, "update_repo_visibility"):
        api.update_repo_visibility(repo, private=False, repo_type="space")
    else:
        api.update_repo_settings(repo, private=False, repo_type="space")
    assert stranger.repo_exists(repo, repo_type="space")


def test_protected_shows_the_app_only(api: Any, where: Where, space: Make) -> None:
    needs("update_repo_settings", "visibility")
    repo = space(STATIC)
    api.update_repo_settings(repo, visibility="protected", repo_type="space")
    with pytest.raises(errors().HfHubHTTPError):
        client(where, where.other).list_repo_files(repo, repo_type="space")


def test_missing_and_hidden_look_the_same(api: Any, where: Where, space: Make) -> None:
    private = space(STATIC, private=True)
    stranger = client(where, where.other)
    calls: tuple[Callable[[str], Any], ...] = (
        stranger.space_info,
        stranger.get_space_runtime,
        stranger.restart_space,
        lambda repo: stranger.list_repo_files(repo, repo_type="space"),
        lambda repo: stranger.hf_hub_download(repo, "index.html", repo_type="space"),
        lambda repo: stranger.delete_repo(repo, repo_type="space"),
    )
    for call in calls:
        for repo in (private, "nobody/nothing"):
            with pytest.raises(errors().RepositoryNotFoundError):
                call(repo)


def test_tokens(api: Any, where: Where, space: Make) -> None:
    repo = space(STATIC)
    for token, status in (("hf_wrong", 401), (False, 401), (where.reader, 403), (where.other, 403)):
        with pytest.raises(errors().HfHubHTTPError) as caught:
            client(where, token).add_space_variable(repo, "A", "1")
        assert caught.value.response.status_code == status, token
    with pytest.raises(errors().HfHubHTTPError, match="Invalid credentials"):
        client(where, "hf_wrong").space_info(repo)
    with pytest.raises(errors().HfHubHTTPError, match="Forbidden"):
        client(where, where.reader).pause_space(repo)
    assert "Root=1-" in str(caught.value)


def test_an_organisation(api: Any, where: Where) -> None:
    name = f"team/t{uuid.uuid4().hex[:10]}"
    assert "team" in [org["name"] for org in api.whoami()["orgs"]]
    api.create_repo(name, repo_type="space", space_sdk="static", private=True)
    sha = commit(api, name, STATIC)
    member = client(where, where.other)
    assert member.space_info(name).sha == sha
    with pytest.raises(errors().HfHubHTTPError, match="Forbidden"):
        member.add_space_variable(name, "A", "1")
    with pytest.raises(errors().HfHubHTTPError, match="Forbidden"):
        member.delete_repo(name, repo_type="space")
    assert name in [found.id for found in member.list_spaces(author="team")]
    assert name not in [found.id for found in client(where, False).list_spaces(author="team")]
    for owner in ("other", "nobody-of-this-name"):
        with pytest.raises(errors().HfHubHTTPError, match=owner) as caught:
            api.create_repo(f"{owner}/thing", repo_type="space", space_sdk="static")
        assert caught.value.response.status_code == 403
    with pytest.raises(errors().HfHubHTTPError):
        member.create_repo("team/theirs", repo_type="space", space_sdk="static")
    moved = name.replace("team", api.whoami()["name"])
    api.move_repo(name, moved, repo_type="space")
    assert not member.repo_exists(moved, repo_type="space")
    api.delete_repo(moved, repo_type="space")
