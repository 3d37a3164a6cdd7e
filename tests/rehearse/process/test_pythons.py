"""Which Python stands for the one that a Space asks for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.process import pythons, uv


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with Pythons of its own: a program here is a link to one that prints its version."""
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("UV_PYTHON_INSTALL_DIR", raising=False)
    monkeypatch.setattr(uv, "fetch", lambda version: False)
    versions: dict[str, str] = {}

    def version(path: str) -> str:
        return versions.get(path, "")

    for number in ("3.11.4", "3.11.9", "3.9.18"):
        folder = tmp_path / "versions" / number / "bin"
        folder.mkdir(parents=True)
        program = folder / f"python{number.rpartition('.')[0]}"
        program.write_bytes(b"\x7fELF")
        program.chmod(0o755)
        versions[os.path.realpath(program)] = number
    monkeypatch.setattr(pythons, "_version", version)
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "given", "said"),
    [
        ("3.11", "3.11.9", ()),
        ("3.11.4", "3.11.4", ()),
        ("3.11.2", "3.11.9", ("Python 3.11.9 instead of 3.11.2",)),
        ("3.9", "3.9.18", ()),
        ("", "3.11.9", ("Python 3.11 instead of 3.13, which is not on this machine",)),
    ],
)
def test_chosen(machine: Path, asked: str, given: str, said: tuple[str, ...]) -> None:
    found, notes = pythons.chosen(asked, "python_version")
    assert found.version == given
    assert notes == said


@pytest.mark.parametrize("asked", ["3.8", "3.10.2", "2.7", "latest", "3.11; rm -rf /", "../3.11"])
def test_one_that_is_not_there(machine: Path, asked: str) -> None:
    with pytest.raises(CannotRehearse) as refused:
        pythons.chosen(asked, "python_version")
    assert refused.value.exit_code == 3


def test_scripts_of_version_managers_are_not_taken(machine: Path) -> None:
    shim = machine / "versions/3.12.0/bin/python3.12"
    shim.parent.mkdir(parents=True)
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert pythons.find("3.12") is None
