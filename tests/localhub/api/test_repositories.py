"""Repositories are hidden, moved, locked, refused, through the official client."""

from __future__ import annotations

from typing import Any

import pytest
from huggingface_hub.errors import BadRequestError, DisabledRepoError, HfHubHTTPError, RepositoryNotFoundError

from localhub.conftest import Make, row_of, status
from localhub.serving import Served


def test_hidden_is_as_if_not_there(
    api: Any, stranger: Any, nobody: Any, space: Make, shared_hub: Served
) -> None:
    name = space(private=True)
    assert api.space_info(name).private is True
    for who in (stranger, nobody):
        for repo in (name, "alice/nothing"):
            with pytest.raises(RepositoryNotFoundError):
                who.space_info(repo)
            with pytest.raises(RepositoryNotFoundError):
                who.get_space_runtime(repo)
    for path in (f"/api/spaces/{name}", "/api/spaces/alice/nothing", "/api/spaces/nothing"):
        assert shared_hub.get(path).status_code == 401
        assert shared_hub.get(path, shared_hub.other).status_code == 404
    api.update_repo_settings(name, private=False, repo_type="space")
    assert nobody.space_info(name).private is False


def test_settings_of_visibility(shared_hub: Served, api: Any, space: Make, stranger: Any) -> None:
    name = space()
    for visibility in ("protected", "private", "public"):
        api.update_repo_settings(name, visibility=visibility, repo_type="space")
        assert row_of(shared_hub, name).visibility == visibility
    with pytest.raises(HfHubHTTPError) as error:
        stranger.update_repo_settings(name, private=True, repo_type="space")
    assert status(error) == 403
    with pytest.raises(BadRequestError):
        api.update_repo_settings(name, gated="auto", repo_type="space")


def test_the_host_of_a_protected_space_is_public(shared_hub: Served, space: Make) -> None:
    name = space(visibility="protected")
    answer = shared_hub.get(f"/api/spaces/{name}/host").json()
    assert answer["host"] == f"http://{name.replace('/', '-')}.hf.localhost:{shared_hub.hub.settings.port}"
    assert shared_hub.get(f"/api/spaces/{space(private=True)}/host").status_code == 401


def test_moving_leads_from_the_old_name_to_the_new(shared_hub: Served, api: Any, space: Make) -> None:
    old = space()
    new = f"{old}-moved"
    before = api.space_info(old)
    api.move_repo(old, new, repo_type="space")
    for name in (old, old.upper().replace("ALICE", "alice"), new):
        info = api.space_info(name)
        assert (info.id, info.sha, info.subdomain) == (new, before.sha, new.replace("/", "-"))
    assert api.restart_space(old).stage == "BUILDING"
    answer = shared_hub.ask("POST", f"/api/spaces/{old}/restart?factory=true", shared_hub.token)
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{shared_hub.endpoint}/api/spaces/{new}/restart?factory=true"
    for rest in ("tree/main/%E6%97%A5%20x", "revision/a%2Fb"):
        answer = shared_hub.get(f"/api/spaces/{old}/{rest}", shared_hub.token)
        assert answer.headers["location"] == f"{shared_hub.endpoint}/api/spaces/{new}/{rest}"
    # A new repository ends the redirect, and a way back ends in the name itself.
    api.create_repo(old, repo_type="space", space_sdk="static")
    assert api.space_info(old).id == old
    api.delete_repo(old, repo_type="space")
    api.move_repo(new, old, repo_type="space")
    assert api.space_info(old).id == old
    assert api.space_info(new).id == old


def test_a_static_space_moves_too(api: Any, space: Make) -> None:
    name = space("static")
    api.move_repo(name, f"{name}-moved", repo_type="space")
    assert api.space_info(name).id == f"{name}-moved"


def test_moving_where_one_is(api: Any, stranger: Any, space: Make) -> None:
    first, second = space(), space()
    with pytest.raises(HfHubHTTPError) as error:
        api.move_repo(first, second, repo_type="space")
    assert status(error) == 409
    with pytest.raises(HfHubHTTPError) as error:
        api.move_repo(first, "bob/stolen", repo_type="space")
    assert status(error) == 403
    with pytest.raises(HfHubHTTPError) as error:
        stranger.move_repo(first, "bob/stolen", repo_type="space")
    assert status(error) == 403
    api.move_repo(first, first.replace("/s", "/S"), repo_type="space")
    assert api.space_info(first).id == first.replace("/s", "/S")


def test_a_private_one_does_not_tell_where_it_went(api: Any, stranger: Any, space: Make) -> None:
    name = space(private=True)
    api.move_repo(name, f"{name}-moved", repo_type="space")
    with pytest.raises(RepositoryNotFoundError):
        stranger.space_info(name)


def test_a_moved_space_answers_under_its_new_host(shared_hub: Served, api: Any, space: Make) -> None:
    from unstick.localhub.routes import Target

    name = space()
    target = Target(row_of(shared_hub, name).id, "/nowhere", "r")
    shared_hub.hub.routes.put(name.replace("/", "-"), target)
    api.move_repo(name, f"{name}-moved", repo_type="space")
    assert shared_hub.hub.routes.find(name.replace("/", "-")) is None
    assert shared_hub.hub.routes.find(f"{name}-moved".replace("/", "-")) == target


def test_an_old_name_does_not_delete(api: Any, space: Make) -> None:
    """A redirect is for readers: what is deleted has to be named."""
    old = space()
    api.move_repo(old, f"{old}-moved", repo_type="space")
    with pytest.raises(RepositoryNotFoundError):
        api.delete_repo(old, repo_type="space")
    assert api.repo_exists(f"{old}-moved", repo_type="space")


def test_models_and_datasets(shared_hub: Served, api: Any) -> None:
    for kind, info in (("model", api.model_info), ("dataset", api.dataset_info)):
        url = api.create_repo("alice/data", repo_type=kind, private=True)
        assert (url.repo_id, url.repo_type) == ("alice/data", kind)
        assert (info("alice/data").private, info("alice/data").sha is not None) == (True, True)
        assert api.repo_info("alice/data", repo_type=kind, revision="main").sha == info("alice/data").sha
        api.update_repo_settings("alice/data", private=False, repo_type=kind)
        assert api.duplicate_repo("alice/data", "alice/copy", repo_type=kind).repo_id == "alice/copy"
        api.move_repo("alice/copy", "alice/moved", repo_type=kind)
        assert info("alice/copy").id == "alice/moved"
        path = f"/api/{kind}s/alice/data/settings"
        assert (
            shared_hub.ask("PUT", path, shared_hub.token, json={"visibility": "protected"}).status_code == 400
        )
        api.delete_repo("alice/data", repo_type=kind)
        api.delete_repo("alice/moved", repo_type=kind)
        assert not api.repo_exists("alice/data", repo_type=kind)
    with pytest.raises(RepositoryNotFoundError):
        api.model_info("gpt2")


def test_disabled_by_moderation(shared_hub: Served, api: Any, space: Make) -> None:
    name = space()
    fault = row_of(shared_hub, name).id
    shared_hub.hub.faults.set("moderation-lock", fault)
    assert api.space_info(name).disabled is True
    for change in (
        lambda: api.restart_space(name), lambda: api.add_space_secret(name, "A", "b"),
        lambda: api.move_repo(name, f"{name}-x", repo_type="space"),
    ):  # fmt: skip
        with pytest.raises(DisabledRepoError):
            change()
    shared_hub.hub.faults.clear("moderation-lock", fault)
    assert api.restart_space(name).stage == "BUILDING"


@pytest.mark.parametrize("path", ["create", "move", "delete"])
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"name": 1}', b'{"name": "\xff"}', b"[" * 9999, b"null"]
)
def test_nonsense_is_refused(shared_hub: Served, path: str, body: bytes) -> None:
    method = "DELETE" if path == "delete" else "POST"
    answer = shared_hub.ask(method, f"/api/repos/{path}", shared_hub.token, content=body)
    assert answer.status_code == 400
