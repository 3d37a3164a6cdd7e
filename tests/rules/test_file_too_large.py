"""Files above the Hub's limits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rules.test_binary_not_lfs import CLIENT, GIT, WORKFLOW, severities, space

CASES = [
    ("above ten megabytes", {WORKFLOW: GIT}, 11_000_000, ["error"]),
    ("under LFS", {WORKFLOW: GIT, ".gitattributes": b"*.bin filter=lfs\n"}, 11_000_000, []),
    ("below it", {WORKFLOW: GIT}, 9_000_000, []),
    ("uploaded by the client", {WORKFLOW: CLIENT}, 11_000_000, []),
    ("no push", {}, 11_000_000, []),
    ("more than the repository may hold", {}, 1_100_000_000, ["error"]),
]


@pytest.mark.parametrize(("files", "size", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_sizes(tmp_path: Path, files: dict[str, bytes], size: int, expected: list[str]) -> None:
    tree = space(tmp_path, {**files, "weights.bin": b""})
    os.truncate(tmp_path / "weights.bin", size)
    assert severities("file-too-large", tree) == expected


def test_an_empty_model_is_an_advice(tmp_path: Path) -> None:
    assert severities("file-too-large", space(tmp_path, {WORKFLOW: GIT, "model.keras": b""})) == ["advice"]
