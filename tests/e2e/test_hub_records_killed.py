"""A hub that is killed while repositories are created, moved and deleted: what was answered is so, and every row
has its folder and every folder its row."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from typing import Any

import pytest

from e2e.hubs import RunningHub, hub

ROUNDS = 4


class Work:
    """Three callers that create, move and delete Spaces, and note what the hub has answered."""

    def __init__(self, seed: int) -> None:
        self.there: set[str] = set()
        self.gone: set[str] = set()
        self._random = random.Random(seed)
        self._number = 0
        self._ended = threading.Event()

    def run(self, running: RunningHub, seconds: float) -> None:
        """Work until the hub is killed."""
        self._ended.clear()
        threads = [threading.Thread(target=self._call, args=(running.api(), n)) for n in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        running.kill()
        self._ended.set()
        for thread in threads:
            thread.join()

    def _call(self, api: Any, caller: int) -> None:
        owner = api.whoami()["name"]
        while not self._ended.is_set():
            self._number += 1
            try:
                self._one(api, f"{owner}/s{caller}-{self._number}")
            except Exception:
                # The hub may have been killed in the middle of this call: then nothing is known of it.
                self._ended.wait(0.05)

    def _one(self, api: Any, name: str) -> None:
        api.create_repo(name, repo_type="space", space_sdk="static")
        self.there.add(name)
        if self._random.random() < 0.3:
            self.there.discard(name)
            api.move_repo(name, f"{name}-moved", repo_type="space")
            name = f"{name}-moved"
            self.there.add(name)
        if self._random.random() < 0.5:
            self.there.discard(name)
            api.delete_repo(name, repo_type="space")
            self.gone.add(name)


def rows(running: RunningHub, query: str) -> set[str]:
    connection = sqlite3.connect(f"file:{running.data}/hub.db?mode=ro", uri=True)
    try:
        return {row[0] for row in connection.execute(query)}
    finally:
        connection.close()


@pytest.mark.parametrize("seed", [1])
def test_rows_and_folders_agree_after_a_kill(seed: int) -> None:
    work, moments = Work(seed), random.Random(seed)
    with hub() as running:
        for _ in range(ROUNDS):
            work.run(running, moments.uniform(0.3, 1.5))
            running.start()
            names = rows(running, "SELECT owner || '/' || name FROM repos")
            assert work.there <= names
            assert not work.gone & names
            storages = rows(running, "SELECT storage || '.git' FROM repos")
            assert set(os.listdir(running.data / "repositories")) == storages
            assert len(rows(running, "SELECT repo FROM spaces")) == len(names)
            assert {space.id for space in running.api().list_spaces(expand=["sha"]) if space.sha} == names
    assert work.there
