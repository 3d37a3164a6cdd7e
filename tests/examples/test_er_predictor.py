"""The example app: its three Spaces share one app, and differ only in what they tell the platform."""

from __future__ import annotations

import pytest

from conftest import ROOT, run_unstick

FOLDER = ROOT / "examples/er-predictor"
SPACES = ("docker", "docker-port-mistake", "streamlit-sdk")


@pytest.mark.parametrize("name", ["app.py", "demand.py", "requirements.txt"])
def test_the_copies_are_the_same(name: str) -> None:
    assert len({(FOLDER / space / name).read_bytes() for space in SPACES}) == 1


def test_the_mistake_is_one_line() -> None:
    right = (FOLDER / "docker/README.md").read_text().splitlines()
    wrong = (FOLDER / "docker-port-mistake/README.md").read_text().splitlines()
    assert [line for line in right if line not in wrong] == ["app_port: 8501"]
    assert [line for line in wrong if line not in right] == []
    assert (FOLDER / "docker/Dockerfile").read_bytes() == (
        FOLDER / "docker-port-mistake/Dockerfile"
    ).read_bytes()


@pytest.mark.parametrize("space", ["docker", "streamlit-sdk"])
def test_check_has_no_error_for_a_right_space(space: str) -> None:
    ran = run_unstick("check", FOLDER / space, "--format", "json")
    assert ran.code in (0, 1), ran.err
    findings = ran.json()["findings"]
    assert [finding for finding in findings if finding["severity"] == "error"] == []


def test_check_names_the_port_mistake() -> None:
    ran = run_unstick("check", FOLDER / "docker-port-mistake", "--format", "json")
    assert ran.code == 1, ran.err
    errors = [f["rule"] for f in ran.json()["findings"] if f["severity"] == "error"]
    assert errors == ["port-mismatch"]
