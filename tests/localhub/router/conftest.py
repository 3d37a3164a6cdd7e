"""One hub with its router for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from localhub.router.world import World, world


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A hub without any Space."""
    folder: Path = tmp_path_factory.mktemp("hub")
    with world(folder) as made:
        yield made
