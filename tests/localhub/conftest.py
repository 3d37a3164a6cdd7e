"""A hub for the tests of its parts: without its control loop, so that what a test says is what is."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localhub.serving import Served, served
from unstick.localhub.repository import Change
from unstick.localhub.store import repos

Make = Callable[..., str]
_numbers = itertools.count()


collect_ignore_glob = ["*"] if os.name == "nt" else []
"""The hub runs on Linux and macOS: it needs file locks and sockets that Windows does not have."""


@pytest.fixture(scope="module")
def shared_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A hub for all tests of a module, with the users alice and bob."""
    with served(tmp_path_factory.mktemp("hub")) as found:
        yield found


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Served]:
    """A hub of a test's own."""
    with served(tmp_path / "hub") as found:
        yield found


@pytest.fixture
def make_hub(tmp_path: Path) -> Iterator[Any]:
    """Starts a hub with other settings."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(served(tmp_path / "hub", **settings))


@pytest.fixture
def api(shared_hub: Served) -> Any:
    """The official client as alice, against the module's hub."""
    return client(shared_hub, shared_hub.token)


@pytest.fixture
def stranger(shared_hub: Served) -> Any:
    """The official client as bob."""
    return client(shared_hub, shared_hub.other)


@pytest.fixture
def nobody(shared_hub: Served) -> Any:
    """The official client without a token."""
    return client(shared_hub, False)


def client(hub: Served, token: Any) -> Any:
    """The official client."""
    from huggingface_hub import HfApi

    return HfApi(endpoint=hub.endpoint, token=token)


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
