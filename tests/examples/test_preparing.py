"""The report this began with: each variant in examples/preparing-12h gives what its expected.toml says."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, run_unstick

FOLDER = ROOT / "examples/preparing-12h"
VARIANTS = sorted(path.parent for path in FOLDER.glob("*/expected.toml"))


def probabilities(variant: Path) -> dict[str, float]:
    """Probability by cause, most probable first, as the real command gives them."""
    expected = tomllib.loads((variant / "expected.toml").read_text())
    ran = run_unstick("diagnose", *expected["targets"], "--format", "json", cwd=variant)
    assert ran.code == 0, ran.err
    return {cause["id"]: cause["probability"] for cause in ran.json()["causes"]}


def test_every_folder_says_what_it_expects() -> None:
    folders = sorted(path for path in FOLDER.iterdir() if path.is_dir())
    assert folders == VARIANTS
    table = (FOLDER / "README.md").read_text()
    assert [folder.name for folder in folders if f"`{folder.name}`" not in table] == []


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda path: path.name)
def test_the_causes_come_in_the_expected_order(variant: Path) -> None:
    expected: dict[str, Any] = tomllib.loads((variant / "expected.toml").read_text())
    found = probabilities(variant)
    assert abs(sum(found.values()) - 1) < 0.01
    for place, wanted in enumerate(expected["order"]):
        assert list(found)[place] in wanted.split("|"), list(found.items())[:5]
    for cause, (least, most) in expected["probability"].items():
        assert least <= found[cause] <= most, (cause, list(found.items())[:5])
    if "surer_than" in expected:
        leader = expected["order"][0]
        assert found[leader] > probabilities(FOLDER / expected["surer_than"])[leader]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda path: path.name)
def test_a_person_reads_it_in_plain_words(variant: Path) -> None:
    expected: dict[str, Any] = tomllib.loads((variant / "expected.toml").read_text())
    ran = run_unstick("diagnose", *expected["targets"], cwd=variant)
    assert ran.code == 0, ran.err
    for text in expected.get("shows", []):
        assert text in ran.out
    if "next_mentions" in expected:
        asked = run_unstick("diagnose", *expected["targets"], "--format", "json", cwd=variant).json()["next"][
            0
        ]
        assert any(word in asked["question"] for word in expected["next_mentions"]), asked
