"""The official client against the local hub: secrets, variables, hardware, volumes, dev mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from e2e.hub_client import DOCKER, SERVER, STATIC, Where, ask, client, commit, errors, needs, wait

pytest_plugins = ["e2e.hub_fixtures"]
Make = Callable[..., str]
SECRET = "a-value-that-nobody-may-see"


def test_variables_and_secrets(api: Any, space: Make) -> None:
    repo = space(None, "docker")
    assert api.get_space_variables(repo) == {}
    api.add_space_variable(repo, "ONE", "1", description="The first")
    listed = api.add_space_variable(repo, "TWO", "2")
    assert {key: value.value for key, value in listed.items()} == {"ONE": "1", "TWO": "2"}
    assert listed["ONE"].description == "The first"
    assert listed["ONE"].updated_at is not None
    assert api.add_space_variable(repo, "ONE", "changed")["ONE"].value == "changed"
    assert set(api.delete_space_variable(repo, "ONE")) == {"TWO"}
    api.add_space_secret(repo, "WORD", SECRET, description="Said")
    api.add_space_secret(repo, "WORD", SECRET + "2")
    api.delete_space_secret(repo, "NEVER_THERE")
    needs("get_space_secrets")
    secrets = api.get_space_secrets(repo)
    assert set(secrets) == {"WORD"}
    assert SECRET not in repr(secrets)
    api.delete_space_secret(repo, "WORD")
    assert api.get_space_secrets(repo) == {}


def test_secrets_are_for_those_who_write(api: Any, where: Where, space: Make) -> None:
    repo = space(None, "docker")
    api.add_space_secret(repo, "WORD", SECRET)
    api.add_space_variable(repo, "COLOUR", "blue")
    for token in (where.other, "-"):
        for path in ("secrets", "variables"):
            answer = ask(where, "GET", f"/api/spaces/{repo}/{path}", token=token)
            assert SECRET.encode() not in answer.body
            if path == "secrets":
                assert answer.status in (401, 403)


def test_hardware(api: Any, space: Make) -> None:
    repo = space(None, "docker")
    runtime = api.request_space_hardware(repo, "t4-medium", sleep_time=600)
    assert (runtime.requested_hardware, runtime.sleep_time) == ("t4-medium", 600)
    assert api.set_space_sleep_time(repo, 900).sleep_time == 900
    assert api.set_space_sleep_time(repo, -1).sleep_time in (-1, None)
    assert api.request_space_hardware(repo, "cpu-basic").requested_hardware == "cpu-basic"
    needs("list_spaces_hardware")
    known = {one.name: one for one in api.list_spaces_hardware()}
    assert known["cpu-basic"].unit_cost_usd == 0
    assert known["t4-medium"].accelerator.quantity == "1"
    assert known["t4-medium"].pretty_name


def test_zero_gpu_quota(api: Any, where: Where) -> None:
    needs("get_zero_gpu_quota")
    assert api.get_zero_gpu_quota().base == 0
    assert ask(where, "GET", "/api/spaces/zero-gpu/quota", token="-").status == 401


def test_dev_mode(api: Any, space: Make) -> None:
    needs("enable_space_dev_mode")
    repo = space(None, "docker")
    assert api.enable_space_dev_mode(repo).dev_mode is True
    assert api.space_info(repo).runtime.dev_mode is True
    assert api.disable_space_dev_mode(repo).dev_mode is False
    with pytest.raises(errors().BadRequestError):
        api.enable_space_dev_mode(space(STATIC))


def test_volumes(api: Any, space: Make) -> None:
    needs("set_space_volumes")
    from huggingface_hub import Volume

    repo = space(None, "docker")
    source = space(STATIC)
    api.set_space_volumes(repo, [Volume(type="space", source=source, mount_path="/data/it", read_only=True)])
    volumes = api.get_space_runtime(repo).volumes
    assert [(v.type, v.source, v.mount_path) for v in volumes] == [("space", source, "/data/it")]
    with pytest.raises(errors().BadRequestError):
        api.set_space_volumes(repo, [Volume(type="space", source=source, mount_path="not-absolute")])
    api.delete_space_volumes(repo)
    assert not api.get_space_runtime(repo).volumes
    with pytest.raises(errors().BadRequestError):
        api.delete_space_volumes(repo)


def test_storage_of_older_clients(api: Any, space: Make) -> None:
    needs("request_space_storage")
    repo = space(None, "docker")
    assert api.request_space_storage(repo, "small").storage == "small"
    assert api.delete_space_storage(repo).storage is None


WRITER = b"""
import os, pathlib
place = pathlib.Path("/data/note.txt")
print("found", place.read_text() if place.exists() else "nothing", flush=True)
place.write_text(os.environ["SPACE_ID"])
"""


def test_a_bucket_on_data_outlives_and_is_shared(api: Any, where: Where, space: Make) -> None:
    needs("set_space_volumes")
    needs("fetch_space_logs")
    from huggingface_hub import Volume

    bucket = Volume(type="bucket", source=f"{api.whoami()['name']}/notes", mount_path="/data")
    files = {**DOCKER, "app.py": WRITER + SERVER}
    one, two = space(None, "docker"), space(None, "docker")
    for repo, before in ((one, "nothing"), (two, one)):
        api.set_space_volumes(repo, [bucket])
        commit(api, repo, files)
        wait(api, repo)
        assert f"found {before}" in "".join(api.fetch_space_logs(repo))
    api.restart_space(one, factory_reboot=True)
    wait(api, one)
    assert f"found {two}" in "".join(api.fetch_space_logs(one))
    stranger = client(where, where.other)
    theirs = stranger.create_repo(f"t{one.split('/')[1]}", repo_type="space", space_sdk="docker").repo_id
    with pytest.raises(errors().BadRequestError, match="no bucket"):
        stranger.set_space_volumes(theirs, [bucket])
    stranger.delete_repo(theirs, repo_type="space")
