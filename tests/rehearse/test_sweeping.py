"""What a rehearsal that is gone left is found by its owner's name, all of it by one call."""

from __future__ import annotations

from pathlib import Path

import pytest

from unstick.rehearse import registry
from unstick.rehearse.sweeping import sweep

GONE = "4194304-1"
"""An owner that cannot be: process ids end below."""


def test_everything_of_an_owner_who_is_gone_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    scratch = tmp_path / f"unstick/rehearsals/{GONE}-build-x"
    begun = tmp_path / f"unstick/uv/new/{GONE}-y"
    for folder in (scratch, begun):
        (folder / "inner").mkdir(parents=True)
    own = registry.scratch("build")
    assert sweep()
    assert not scratch.exists() and not begun.exists() and Path(own).is_dir()
    assert not sweep(), "nothing is left to do"
