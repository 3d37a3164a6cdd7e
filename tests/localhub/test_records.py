"""Repositories come, go and change, through the official client."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
from huggingface_hub import CommitOperationAdd, Volume
from huggingface_hub.errors import BadRequestError, DisabledRepoError, HfHubHTTPError, RepositoryNotFoundError

from localhub.conftest import client
from localhub.serving import Served
from unstick.localhub import pointers, records, tidying
from unstick.localhub.repository import Change
from unstick.localhub.store import accounts, objects, repos, spaces

Make = Callable[..., str]
_numbers = itertools.count()
TITLES = [("my-space", "My Space"), ("2026", "2026"), ("true", "True"), ("a_b", "A B")]


@pytest.fixture
def space(api: Any) -> Make:
    """Makes a Space of alice's; gives its id."""

    def make(sdk: str = "docker", **options: Any) -> str:
        name = f"alice/s{next(_numbers)}"
        api.create_repo(name, repo_type="space", space_sdk=sdk, **options)
        return name

    return make


def status(error: Any) -> int:
    return int(error.value.response.status_code)


def row_of(hub: Served, name: str, kind: str = "space") -> Any:
    with hub.hub.reads.begin() as connection:
        return repos.find(connection, kind, *name.split("/"))


def commit(hub: Served, name: str, files: dict[str, str]) -> str:
    """A commit as one that was pushed."""
    repository = hub.hub.repository(row_of(hub, name).storage)
    changes = [Change(path, repository.store(text.encode())) for path, text in files.items()]
    return repository.commit("main", changes, "more", author="alice")


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


def test_racing_for_one_name_makes_one(hub: Served) -> None:
    api = client(hub, hub.token)
    made, refused = [], []

    def create(name: str) -> None:
        try:
            made.append(api.create_repo(name, repo_type="space", space_sdk="docker"))
        except HfHubHTTPError as error:
            refused.append(error.response.status_code)

    names = ["alice/same", "alice/SAME"] * 4
    threads = [threading.Thread(target=create, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), refused) == (1, [409] * 7)
    assert len(os.listdir(hub.hub.settings.folder("repositories"))) == 1


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


def test_deleting_leaves_nothing(hub: Served) -> None:
    api, other = client(hub, hub.token), client(hub, hub.other)
    api.create_repo(
        "alice/x", repo_type="space", space_sdk="docker", space_secrets=[{"key": "A", "value": "b"}]
    )
    repo = row_of(hub, "alice/x").id
    hub.hub.logs.append(repo, "build", "a line")
    hub.hub.faults.set("stage-frozen", repo)
    seen: list[Any] = []

    def told(changed: int) -> None:
        with hub.hub.reads.begin() as connection:
            seen.append((changed, spaces.get(connection, repo)))

    hub.hub.listen(told)
    with pytest.raises(HfHubHTTPError) as error:
        other.delete_repo("alice/x", repo_type="space")
    assert status(error) == 403
    api.delete_repo("alice/x", repo_type="space")
    assert seen == [(repo, None)]
    for folder in ("repositories", "logs"):
        assert os.listdir(hub.hub.settings.folder(folder)) == []
    with pytest.raises(RepositoryNotFoundError):
        api.delete_repo("alice/x", repo_type="space")
    api.delete_repo("alice/x", repo_type="space", missing_ok=True)
    api.create_repo("alice/x", repo_type="space", space_sdk="docker")
    assert row_of(hub, "alice/x").id > repo
    assert api.get_space_secrets("alice/x") == {}


def hold(hub: Served, name: str, oid: str) -> str:
    """A large file, as if it had been uploaded to a repository."""
    path = pointers.place(hub.hub.settings.folder("objects"), oid)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write("large")
    with hub.hub.engine.begin() as connection:
        objects.hold(connection, row_of(hub, name).id, oid, 5)
    return path


def test_large_files_go_with_the_last_who_has_them(hub: Served) -> None:
    api = client(hub, hub.token)
    for name in ("alice/one", "alice/two"):
        api.create_repo(name, repo_type="space", space_sdk="docker")
    own, shared = hold(hub, "alice/one", "aa" * 32), hold(hub, "alice/one", "bb" * 32)
    hold(hub, "alice/two", "bb" * 32)
    api.delete_repo("alice/one", repo_type="space")
    assert (os.path.exists(own), os.path.exists(shared)) == (False, True)
    api.delete_repo("alice/two", repo_type="space")
    assert not os.path.exists(shared)
    with hub.hub.reads.begin() as connection:
        assert objects.everything(connection) == set()


def test_start_up_sweeps_large_files(hub: Served) -> None:
    api = client(hub, hub.token)
    api.create_repo("alice/one", repo_type="space", space_sdk="docker")
    kept, unheld = hold(hub, "alice/one", "aa" * 32), hold(hub, "alice/one", "bb" * 32)
    with hub.hub.engine.begin() as connection:
        objects.drop(connection, row_of(hub, "alice/one").id, ["bb" * 32])
    stray = os.path.join(os.path.dirname(kept), "cc" * 32)
    upload = os.path.join(hub.hub.settings.folder("uploads"), "half")
    for path in (stray, upload):
        with open(path, "w") as file:
            file.write("half")
    assert tidying.tidy(hub.hub) == 2
    assert [os.path.exists(path) for path in (kept, unheld, stray, upload)] == [True, False, False, False]


def test_an_old_name_does_not_delete(api: Any, space: Make) -> None:
    """A redirect is for readers: what is deleted has to be named."""
    old = space()
    api.move_repo(old, f"{old}-moved", repo_type="space")
    with pytest.raises(RepositoryNotFoundError):
        api.delete_repo(old, repo_type="space")
    assert api.repo_exists(f"{old}-moved", repo_type="space")


def test_start_up_sweeps_what_a_crash_left(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    api = client(hub, hub.token)
    for name in ("alice/kept", "alice/half"):
        api.create_repo(name, repo_type="space", space_sdk="docker")
    half = row_of(hub, "alice/half")
    hub.hub.logs.append(half.id, "run", "a line")
    kept = row_of(hub, "alice/kept")
    hub.hub.logs.append(kept.id, "run", "a line")
    monkeypatch.setattr(hub.hub.repository(half.storage), "remove", _dies)
    with pytest.raises(KeyboardInterrupt):
        records.delete(hub.hub, half)
    os.mkdir(os.path.join(hub.hub.settings.folder("repositories"), "f" * 32 + ".git"))
    assert tidying.tidy(hub.hub) == 3
    assert os.listdir(hub.hub.settings.folder("repositories")) == [f"{kept.storage}.git"]
    assert os.listdir(hub.hub.settings.folder("logs")) == [f"{kept.id}-run.jsonl"]
    assert tidying.tidy(hub.hub) == 0
    assert len(api.space_info("alice/kept").siblings) == 2


def _dies() -> None:
    raise KeyboardInterrupt


def test_a_repository_that_could_not_be_filled_is_not_there(hub: Served) -> None:
    def fill(repository: Any) -> None:
        repository.create()
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        records.create(hub.hub, records.New("space", "alice", "x", "public", "docker"), fill)
    assert row_of(hub, "alice/x") is None
    assert os.listdir(hub.hub.settings.folder("repositories")) == []


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


def test_creating_and_committing_work_together(api: Any, space: Make) -> None:
    name = space("gradio")
    api.create_commit(
        name, [CommitOperationAdd("app.py", b"print()")], commit_message="app", repo_type="space"
    )  # fmt: skip
    assert "app.py" in api.list_repo_files(name, repo_type="space")
