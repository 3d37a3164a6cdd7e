"""New repositories, made or copied, through the official client."""

from __future__ import annotations

from typing import Any

import pytest
from huggingface_hub import CommitOperationAdd, Volume
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

from localhub.conftest import Make, client, commit, row_of, status
from localhub.serving import Served
from unstick.localhub.store import accounts, objects

TITLES = [("my-space", "My Space"), ("2026", "2026"), ("true", "True"), ("a_b", "A B")]


@pytest.mark.parametrize("sdk", ["gradio", "streamlit", "docker", "static"])
def test_a_new_space_has_its_readme(api: Any, space: Make, sdk: str) -> None:
    name = space(sdk)
    info = api.space_info(name)
    assert (info.id, info.author, info.sdk, info.card_data.sdk) == (name, "alice", sdk, sdk)
    assert [file.rfilename for file in info.siblings] == [".gitattributes", "README.md"]
    assert info.runtime.stage == "NO_APP_FILE"


@pytest.mark.parametrize(("name", "title"), TITLES)
def test_its_title_is_a_text(api: Any, name: str, title: str) -> None:
    api.create_repo(f"alice/{name}", repo_type="space", space_sdk="static")
    assert api.space_info(f"alice/{name}").card_data.to_dict()["title"] == title


def test_one_name_once_whatever_its_capitals(api: Any, space: Make) -> None:
    name = space()
    for same in (name, name.replace("/s", "/S")):
        with pytest.raises(HfHubHTTPError, match="You already created this space repo") as error:
            api.create_repo(same, repo_type="space", space_sdk="docker")
        assert status(error) == 409
        assert api.create_repo(same, repo_type="space", space_sdk="docker", exist_ok=True).repo_id == name
    assert api.create_repo(name, repo_type="dataset").repo_id == name


@pytest.mark.parametrize(
    "name",
    [
        "a--b",
        "a..b",
        "-a",
        "a-",
        ".a",
        "a.",
        "a.git",
        "",
        "a" * 97,
        "a/b",
        "ä",
        "a b",
        "a\n",
        "../x",
        "a;b",
        "a%2e",
    ],
)
def test_names_that_none_can_have(shared_hub: Served, name: str) -> None:
    body = {"name": name, "type": "space", "sdk": "docker"}
    answer = shared_hub.ask("POST", "/api/repos/create", shared_hub.token, json=body)
    assert answer.status_code == 400
    body = {**body, "name": "ok", "organization": name or "-"}
    assert shared_hub.ask("POST", "/api/repos/create", shared_hub.token, json=body).status_code == 400


def test_who_may_create_where(shared_hub: Served, api: Any, stranger: Any, nobody: Any) -> None:
    with shared_hub.hub.engine.begin() as connection:
        accounts.create_account(connection, "team", "org")
        accounts.join(connection, "team", "alice", "write")
        accounts.join(connection, "team", "bob", "read")
    assert api.create_repo("team/app", repo_type="space", space_sdk="static").repo_id == "team/app"
    for who, code in ((stranger, 403), (client(shared_hub, shared_hub.reader), 403), (nobody, 401)):
        with pytest.raises(HfHubHTTPError) as error:
            who.create_repo("team/other", repo_type="space", space_sdk="static")
        assert status(error) == code
    with pytest.raises(HfHubHTTPError) as error:
        api.create_repo("nosuch/app", repo_type="space", space_sdk="static")
    assert status(error) == 403


def test_a_space_needs_an_sdk(shared_hub: Served) -> None:
    for sdk in ({}, {"sdk": None}, {"sdk": "php"}):
        body = {"name": "nosdk", "type": "space", **sdk}
        assert shared_hub.ask("POST", "/api/repos/create", shared_hub.token, json=body).status_code == 400


def test_a_template_is_passed_over_and_said_so(shared_hub: Served, api: Any) -> None:
    assert api.list_space_templates() == []
    body = {"name": "templated", "type": "space", "sdk": "docker", "template": "x/y"}
    answer = shared_hub.ask("POST", "/api/repos/create", shared_hub.token, json=body)
    assert answer.status_code == 200
    assert answer.headers["x-hf-warning"].startswith("template; ")


def test_all_options_of_a_new_space(shared_hub: Served, api: Any, space: Make) -> None:
    api.create_repo("alice/weights", repo_type="model")
    name = space(
        visibility="protected", space_hardware="t4-small", space_sleep_time=600,
        space_secrets=[{"key": "TOKEN", "value": "s3cret", "description": "of the store"}],
        space_variables=[{"key": "MODE", "value": "fast"}],
        space_volumes=[Volume(type="model", source="alice/weights", mount_path="/models")],
    )  # fmt: skip
    runtime = api.get_space_runtime(name)
    assert (runtime.requested_hardware, runtime.sleep_time) == ("t4-small", 600)
    assert [(v.source, v.mount_path, v.read_only) for v in runtime.volumes] == [
        ("alice/weights", "/models", True)
    ]
    assert api.get_space_variables(name)["MODE"].value == "fast"
    secret = api.get_space_secrets(name)["TOKEN"]
    assert (secret.description, secret.updated_at is not None) == ("of the store", True)
    assert "s3cret" not in shared_hub.get(f"/api/spaces/{name}/secrets", shared_hub.token).text
    assert row_of(shared_hub, name).visibility == "protected"


def test_a_copy_has_history_and_variables_but_no_secrets(
    shared_hub: Served, api: Any, stranger: Any, space: Make
) -> None:
    name = space(
        "gradio", space_secrets=[{"key": "TOKEN", "value": "s"}],
        space_variables=[{"key": "MODE", "value": "fast"}, {"key": "SIZE", "value": "1"}],
    )  # fmt: skip
    head = commit(shared_hub, name, {"app.py": "print()"})
    with shared_hub.hub.engine.begin() as connection:
        objects.hold(connection, row_of(shared_hub, name).id, "ab" * 32, 5)
    url = stranger.duplicate_repo(
        name, "bob/copy", repo_type="space", space_variables=[{"key": "SIZE", "value": "2"}],
        space_secrets=[{"key": "OTHER", "value": "s"}],
    )  # fmt: skip
    assert (url.repo_id, url.files_copy_pending) == ("bob/copy", False)
    info = stranger.space_info("bob/copy")
    assert (info.sha, info.sdk, info.private) == (head, "gradio", False)
    repository = shared_hub.hub.repository(row_of(shared_hub, "bob/copy").storage)
    assert [c.title for c in repository.log(head)] == ["more", "initial commit"]
    assert {k: v.value for k, v in stranger.get_space_variables("bob/copy").items()} == {
        "MODE": "fast",
        "SIZE": "2",
    }
    assert set(stranger.get_space_secrets("bob/copy")) == {"OTHER"}
    with shared_hub.hub.reads.begin() as connection:
        assert set(objects.held(connection, row_of(shared_hub, "bob/copy").id)) == {"ab" * 32}
    with pytest.raises(HfHubHTTPError) as error:
        stranger.duplicate_repo(name, "bob/copy", repo_type="space")
    assert status(error) == 409
    assert stranger.duplicate_repo(name, "bob/copy", repo_type="space", exist_ok=True).repo_id == "bob/copy"
    with pytest.raises(HfHubHTTPError) as error:
        stranger.duplicate_repo(name, "alice/mine", repo_type="space")
    assert status(error) == 403


def test_a_hidden_one_cannot_be_copied(stranger: Any, space: Make) -> None:
    with pytest.raises(RepositoryNotFoundError):
        stranger.duplicate_repo(space(private=True), "bob/copy2", repo_type="space")


def test_plans_where_they_are_enforced(make_hub: Any) -> None:
    hub = make_hub(plan_checks=True)
    api = client(hub, hub.token)
    with hub.hub.engine.begin() as connection:
        accounts.create_account(connection, "carl", plan="free")
        free = client(hub, accounts.create_token(connection, "carl", "first", "write"))
    free.create_repo("carl/page", repo_type="space", space_sdk="static")
    with pytest.raises(HfHubHTTPError, match="Static Spaces are free for everyone") as error:
        free.create_repo("carl/app", repo_type="space", space_sdk="gradio")
    assert status(error) == 402
    api.create_repo("alice/app", repo_type="space", space_sdk="gradio", space_hardware="t4-small")
    with pytest.raises(HfHubHTTPError) as error:
        free.duplicate_repo("alice/app", "carl/app", repo_type="space")
    assert status(error) == 402
    for name in ("one", "two"):
        free.create_repo(f"carl/{name}", repo_type="space", space_sdk="gradio", space_hardware="zero-a10g")
    for change in (
        lambda: free.create_repo(
            "carl/three", repo_type="space", space_sdk="gradio", space_hardware="zero-a10g"
        ),
        lambda: free.enable_space_dev_mode("carl/one"),
    ):
        with pytest.raises(HfHubHTTPError) as error:
            change()
        assert status(error) == 402
    with pytest.raises(HfHubHTTPError, match="payment method") as error:
        free.request_space_hardware("carl/one", "t4-small")
    assert status(error) == 403


def test_creating_and_committing_work_together(api: Any, space: Make) -> None:
    name = space("gradio")
    api.create_commit(
        name, [CommitOperationAdd("app.py", b"print()")], commit_message="app", repo_type="space"
    )  # fmt: skip
    assert "app.py" in api.list_repo_files(name, repo_type="space")
