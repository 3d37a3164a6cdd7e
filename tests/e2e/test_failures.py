"""The zoo in examples/failures, rehearsed for real: each Space fails and is told why; repaired, it serves.

Every test is one call of the command line, and takes some ten seconds. `heavy` are those that need Gradio or
Streamlit, and what containers only say once more: `-m 'not heavy'` leaves them out, and takes minutes.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Ran, run_unstick

ZOO = ROOT / "examples/failures"
BACKENDS = ("process", "docker")
EXPECTED = {path.parent.name: tomllib.loads(path.read_text()) for path in sorted(ZOO.glob("*/expect.toml"))}
LONGEST = 400.0
PATIENCE = ("--patience", "5s")
"""Where the Space's own options do not say how long to wait for one that does nothing."""


def cases(form: str) -> Iterator[Any]:
    """Space and backend of every rehearsal of a form: 'broken', 'repaired' or 'repair'."""
    for name, expected in EXPECTED.items():
        repaired = expected.get("repaired", {}) if form == "repaired" else {}
        backends = repaired.get("backends", expected.get("backends", BACKENDS))
        if form == "repair" and not expected["repair"]:
            continue
        if form == "repair":
            backends = expected.get("repair_backends", backends)
        slow = expected.get("heavy", False)
        slow = slow or (form != "broken" and expected.get("repaired", {}).get("heavy", False))
        for backend in backends:
            heavy = slow or (form != "broken" and backend == "docker")
            marks = [pytest.mark.heavy] if heavy else []
            yield pytest.param(name, backend, id=f"{name}-{backend}", marks=marks)


def run(space: Path, backend: str, *options: str) -> Ran:
    """`unstick run` to its verdict, as JSON.

    What cannot be rehearsed on this machine (no engine, no base image) is skipped, loudly; in CI it fails.
    """
    call = ("run", space, "--until", "running", "--format", "json", "--backend", backend)
    ran = run_unstick(*call, *PATIENCE, *options, timeout=LONGEST)
    if ran.code == 3 and not os.environ.get("CI"):
        reason = ran.err.strip() or ran.json()["impossible"]
        pytest.skip(f"NOT TESTED: cannot be rehearsed here with {backend}: {reason}")
    return ran


def copied(name: str, folder: Path, *, repaired: bool) -> Path:
    """The Space in a folder of its own, as a checkout of the Space alone would be; `repaired` with what was
    changed laid over it."""
    space = folder / name
    shutil.copytree(ZOO / name / "space", space)
    changed = ZOO / name / "repaired"
    if repaired and changed.is_dir():
        shutil.copytree(changed, space, dirs_exist_ok=True)
    return space


@pytest.mark.parametrize(("name", "backend"), cases("broken"))
def test_each_is_told_why_it_fails(name: str, backend: str, tmp_path: Path) -> None:
    expected = EXPECTED[name]
    ran = run(copied(name, tmp_path, repaired=False), backend, *expected.get("options", []))
    assert ran.code == 1, ran.out + ran.err
    seen = ran.json()
    causes = [(cause["id"], cause["probability"]) for cause in seen["diagnosis"]["causes"][:3]]
    assert causes[0][0] in (expected["cause"], *expected.get("also_acceptable", ())), (causes, seen["reason"])
    assert (seen["stage"], seen["serves"] or False) == (expected["stage"], False), seen["reason"]


@pytest.mark.parametrize(("name", "backend"), cases("repaired"))
def test_repaired_it_serves(name: str, backend: str, tmp_path: Path) -> None:
    expected = EXPECTED[name]
    options = expected.get("repaired", {}).get("options", expected.get("options", []))
    ran = run(copied(name, tmp_path, repaired=True), backend, *options)
    assert ran.code == 0, ran.out + ran.err
    seen = ran.json()
    assert (seen["stage"], seen["serves"], seen["diagnosis"]) == ("RUNNING", True, None)


@pytest.mark.parametrize(("name", "backend"), cases("repair"))
def test_a_repair_is_found_and_verified(name: str, backend: str, tmp_path: Path) -> None:
    space = copied(name, tmp_path, repaired=False)
    ran = run(space, backend, "--repair", "--apply", *EXPECTED[name].get("options", []))
    assert ran.code == 0, ran.out + ran.err
    found = ran.json()["repair"]
    assert found["verified"], found["reason"]
    changed = [path for path in found["written"] if (ZOO / name / "space" / path).is_file()]
    assert found["diff"] and found["written"], found
    for path in changed:
        assert (space / path).read_text() != (ZOO / name / "space" / path).read_text(), path


def test_the_zoo_is_large_and_complete() -> None:
    folders = {path.name for path in ZOO.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert folders == set(EXPECTED)
    assert len(folders) >= 22
    for name, expected in EXPECTED.items():
        assert (ZOO / name / "space/README.md").is_file(), name
        repairable = (ZOO / name / "repaired").is_dir() or expected.get("repaired", {}).get("options")
        assert repairable, f"{name} has no repaired form"
        for path in (ZOO / name / "repaired").rglob("*"):
            original = ZOO / name / "space" / path.relative_to(ZOO / name / "repaired")
            changed = not original.is_file() or original.read_text() != path.read_text()
            assert path.is_dir() or changed, f"{path} is the same as in the Space"
