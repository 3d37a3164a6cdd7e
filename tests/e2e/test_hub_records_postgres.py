"""Calls that race on a hub whose database is PostgreSQL, where transactions run beside each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub.errors import HfHubHTTPError

from e2e.postgres import PROGRAMS, postgres
from localhub.conftest import client
from localhub.serving import Served, served
from unstick.localhub.store import repos, settings, spaces

pytestmark = pytest.mark.needs(str(PROGRAMS / "initdb"))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with postgres() as url, served(Path(tmp_path_factory.mktemp("hub")), database=url) as found:
        yield found


@pytest.fixture
def api(hub: Served) -> Any:
    return client(hub, hub.token)


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What each of some calls gave, or the status that it failed with."""
    results: list[Any] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = calls[number]()
        except HfHubHTTPError as error:
            results[number] = error.response.status_code

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def create(api: Any, name: str) -> Callable[[], Any]:
    return lambda: api.create_repo(name, repo_type="space", space_sdk="docker")


def row_of(hub: Served, name: str) -> spaces.Row:
    with hub.hub.reads.begin() as connection:
        repo = repos.find(connection, "space", *name.split("/"))
        assert repo is not None
        row = spaces.get(connection, repo.id)
    assert row is not None
    return row


def test_one_name_is_made_once(api: Any) -> None:
    results = at_once([create(api, name) for name in ["alice/same", "alice/SAME"] * 4])
    assert sorted(result for result in results if isinstance(result, int)) == [409] * 7


def test_each_gets_a_host_of_its_own(api: Any) -> None:
    names = [f"alice/a{mark}b" for mark in (".", "-", "_")] + [
        f"alice/a.b{mark}c" for mark in (".", "-", "_")
    ]
    at_once([create(api, name) for name in names])
    assert len({api.space_info(name).subdomain for name in names}) == len(names)


def test_no_restart_is_lost(hub: Served, api: Any) -> None:
    create(api, "alice/counted")()
    at_once([lambda: api.restart_space("alice/counted")] * 8)
    assert row_of(hub, "alice/counted").generation == 8


def test_one_of_two_values_stands(hub: Served, api: Any) -> None:
    create(api, "alice/valued")()
    results = at_once([lambda n=n: api.add_space_variable("alice/valued", "MODE", str(n)) for n in range(8)])
    assert all(isinstance(result, dict) for result in results)
    with hub.hub.reads.begin() as connection:
        assert len(settings.read(connection, row_of(hub, "alice/valued").repo, "variable")) == 1


def test_what_is_deleted_meanwhile_is_not_there(hub: Served, api: Any) -> None:
    for number in range(5):
        name = f"alice/gone{number}"
        create(api, name)()
        results = at_once(
            [
                lambda name=name: api.delete_repo(name, repo_type="space"),
                lambda name=name: api.add_space_secret(name, "TOKEN", "s"),
                lambda name=name: api.move_repo(name, f"{name}-moved", repo_type="space"),
                lambda name=name: api.restart_space(name).stage,
            ]
        )
        assert all(result in (None, "BUILDING", 404) for result in results), results
