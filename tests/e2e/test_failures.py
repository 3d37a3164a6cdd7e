"""The zoo in examples/failures, rehearsed for real: each Space fails and is told why; repaired, it serves.

Every test is one call of the command line. Two backends × the same Spaces: with the environments and images
kept from Space to Space the whole takes minutes, not hours. `-m 'not heavy'` leaves out what needs Gradio or
Streamlit.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Ran, run_unstick

ZOO = ROOT / "examples/failures"
BACKENDS = ("process", "docker")
EXPECTED = {path.parent.name: tomllib.loads(path.read_text()) for path in sorted(ZOO.glob("*/expect.toml"))}
LONGEST = 400.0


def cases(form: str) -> Iterator[Any]:
    """Space and backend of every rehearsal of a form: 'broken', 'repaired' or 'repair'."""
    for name, expected in EXPECTED.items():
        repaired = expected.get("repaired", {}) if form == "repaired" else {}
        backends = repaired.get("backends", expected.get("backends", BACKENDS))
        if form == "repair" and not expected["repair"]:
            continue
        if form == "repair":
            backends = expected.get("repair_backends", backends)
        heavy = expected.get("heavy", False) or (
            form != "broken" and expected.get("repaired", {}).get("heavy", False)
        )
        for backend in backends:
            marks = [pytest.mark.heavy] if heavy else []
            yield pytest.param(name, backend, id=f"{name}-{backend}", marks=marks)


@cache
def why_not(backend: str) -> str:
    """Why a backend cannot be used on this machine, '' if it can: asked once, with the smallest Space."""
    ran = run(ZOO / "script-that-ends/space", backend)
    return "" if ran.code != 3 else ran.out + ran.err


def needs(backend: str) -> None:
    """Skip, loudly, where the backend is not there; fail in CI."""
    missing = why_not(backend)
    if missing:
        message = f"NOT TESTED: the {backend} backend does not work here: {missing[-300:]}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


def run(space: Path, backend: str, *options: str) -> Ran:
    """`unstick run` to its verdict, as JSON."""
    call = ("run", space, "--until", "running", "--format", "json", "--backend", backend, *options)
    return run_unstick(*call, timeout=LONGEST)


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
    needs(backend)
    expected = EXPECTED[name]
    ran = run(copied(name, tmp_path, repaired=False), backend, *expected.get("options", []))
    assert ran.code == 1, ran.out + ran.err
    seen = ran.json()
    causes = [(cause["id"], cause["probability"]) for cause in seen["diagnosis"]["causes"][:3]]
    assert causes[0][0] in (expected["cause"], *expected.get("also_acceptable", ())), (causes, seen["reason"])
    assert (seen["stage"], seen["serves"] or False) == (expected["stage"], False), seen["reason"]


@pytest.mark.parametrize(("name", "backend"), cases("repaired"))
def test_repaired_it_serves(name: str, backend: str, tmp_path: Path) -> None:
    needs(backend)
    expected = EXPECTED[name]
    options = expected.get("repaired", {}).get("options", expected.get("options", []))
    ran = run(copied(name, tmp_path, repaired=True), backend, *options)
    assert ran.code == 0, ran.out + ran.err
    seen = ran.json()
    assert (seen["stage"], seen["serves"], seen["diagnosis"]) == ("RUNNING", True, None)


@pytest.mark.parametrize(("name", "backend"), cases("repair"))
def test_a_repair_is_found_and_verified(name: str, backend: str, tmp_path: Path) -> None:
    needs(backend)
    space = copied(name, tmp_path, repaired=False)
    ran = run(space, backend, "--repair", "--apply", *EXPECTED[name].get("options", []))
    assert ran.code == 0, ran.out + ran.err
    again = run(space, backend, *EXPECTED[name].get("options", []))
    assert (again.code, again.json()["stage"]) == (0, "RUNNING"), again.out


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
