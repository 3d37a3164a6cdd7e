"""Repositories come and go: the database and the disk."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

from localhub.conftest import client, row_of, status
from localhub.serving import Served
from unstick.localhub import pointers, records, tidying
from unstick.localhub.store import objects, spaces


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
    volumes = hub.hub.settings.folder("volumes")
    for name in (f"space-{half.id}", f"space-{kept.id}", "buckets"):
        os.mkdir(os.path.join(volumes, name))
    assert tidying.tidy(hub.hub) == 4
    assert sorted(os.listdir(volumes)) == ["buckets", f"space-{kept.id}"]
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
