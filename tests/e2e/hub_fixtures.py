"""Fixtures of the suites of the official client: a hub, a client, Spaces that go away."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from e2e.hub_client import Where, client, commit

SUITE = "HF_SUITE"


@pytest.fixture(scope="session")
def where() -> Iterator[Where]:
    """The hub of the suites: the one that the environment names, else one of our own."""
    if SUITE in os.environ:
        yield Where(**json.loads(os.environ[SUITE]))
        return
    with own_hub() as found:
        yield found


def own_hub() -> Any:
    """A hub by the real command line, with its three tokens."""
    from contextlib import contextmanager

    from conftest import run_unstick
    from e2e.hubs import hub

    @contextmanager
    def running() -> Iterator[Where]:
        with hub(start_timeout="60s") as found:
            more = []
            for user, role in (("other", "write"), ("user", "read")):
                ran = run_unstick("hub", "token", "add", "--data", found.data, "--user", user, "--role", role)
                assert ran.code == 0, ran.err
                more.append(
                    next(word for word in ran.out.replace("=", " ").split() if word.startswith("hf_"))
                )
            yield Where(found.endpoint, found.token, *more)

    return running()


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
