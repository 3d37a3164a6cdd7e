"""Fixtures for tests of hostile callers: a hub with canaries around it, and a Space in it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from e2e.hub_client import STATIC, client, commit, with_accounts
from e2e.hub_guarded import CANARY, Guarded
from e2e.hubs import hub


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A hub with canaries around it."""
    around = tmp_path_factory.mktemp("around")
    for name in ("canary", "home/canary", "home/.gitconfig"):
        (around / name).parent.mkdir(exist_ok=True)
        (around / name).write_text(f"[core]\n\thooksPath = {around}\n# {CANARY}\n")
    (around / "tmp").mkdir()
    env = {"HOME": str(around / "home"), "TMPDIR": str(around / "tmp")}
    with hub(data=around / "data", env=env, start_timeout="20s") as running:
        yield Guarded(with_accounts(running), running, around)


@pytest.fixture
def nothing_outside(guarded: Guarded) -> Iterator[None]:
    """What lies around the data folder is the same after each test, and the hub has not failed inside."""
    before = guarded.outside()
    yield
    assert guarded.outside() == before
    assert os.listdir(guarded.around / "tmp") == []
    assert "Traceback" not in guarded.running.said()


@pytest.fixture
def repo(guarded: Guarded) -> Iterator[str]:
    """A static Space with two files."""
    name = f"user/t{os.urandom(6).hex()}"
    api = client(guarded.where)
    api.create_repo(name, repo_type="space", space_sdk="static")
    commit(api, name, STATIC)
    yield name
    api.delete_repo(name, repo_type="space")
