"""Fixtures of the suites of the official client: a hub, a client, Spaces that go away."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from e2e.hub_client import Where, client, commit, with_accounts

SUITE, LARGE = "HF_SUITE", "HF_SUITE_LFS"


@pytest.fixture(scope="session")
def where() -> Iterator[Where]:
    """The hub of the suites: the one that the environment names, else one of our own."""
    yield from _named_or_own(SUITE)


@pytest.fixture(scope="session")
def where_lfs() -> Iterator[Where]:
    """The same, for a hub that takes large files by LFS."""
    yield from _named_or_own(LARGE, large_files="lfs")


def _named_or_own(name: str, **options: Any) -> Iterator[Where]:
    if name in os.environ:
        yield Where(**json.loads(os.environ[name]))
        return
    from e2e.hubs import hub

    with hub(start_timeout="60s", **options) as running:
        yield with_accounts(running)


@pytest.fixture
def api(where: Where) -> Any:
    """The client of the first user."""
    return client(where)


@pytest.fixture
def space(api: Any) -> Iterator[Callable[..., str]]:
    """Makes Spaces: `space(files, sdk=…)` gives the id of a new one. They are deleted after the test."""
    made: list[str] = []

    def make(files: Mapping[str, bytes] | None = None, sdk: str = "static", **settings: Any) -> str:
        name = f"{api.whoami()['name']}/t{uuid.uuid4().hex[:12]}"
        api.create_repo(name, repo_type="space", space_sdk=sdk, **settings)
        made.append(name)
        if files:
            commit(api, name, files)
        return name

    yield make
    for name in made:
        api.delete_repo(name, repo_type="space", missing_ok=True)
