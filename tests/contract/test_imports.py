"""The tables of import names, of what distributions bring, and of what breaks by age."""

from __future__ import annotations

import sys

import pytest

from unstick.contract import brings, drift_table, image_pythons, imports
from unstick.contract.versions import allows


@pytest.mark.parametrize(
    ("module", "first"),
    [
        ("cv2", "opencv-python"), ("sklearn.svm", "scikit-learn"),
        ("google.cloud.storage", "google-cloud-storage"),
        ("PIL.Image", "pillow"), ("unknown_thing", ""),
    ],
)  # fmt: skip
def test_the_longest_name_that_fits_says_the_distribution(module: str, first: str) -> None:
    assert (imports.distributions(module) or ("",))[0] == first


def test_names_of_distributions_are_normalised() -> None:
    names = {name for row in imports.DISTRIBUTIONS.values() for name in row.split()} | set(
        " ".join(brings.BRINGS.values()).split()
    )
    assert [name for name in names if name != name.lower() or "_" in name or "." in name] == []


@pytest.mark.parametrize(
    ("module", "python", "is_part"),
    [
        ("audioop", "3.12", True),
        ("audioop", "3.13", False),
        ("distutils", "3.12", False),
        ("json", "3.13", True),
    ],
)
def test_modules_leave_python_with_a_release(module: str, python: str, is_part: bool) -> None:
    assert imports.is_standard(module, python) is is_part


def test_everything_that_python_has_here_is_standard() -> None:
    here = f"3.{sys.version_info[1]}"
    assert all(
        imports.is_standard(name, here)
        for name in sys.stdlib_module_names
        if name not in imports.REMOVED_FROM_STDLIB
    )


def test_what_is_brought_along_is_followed_to_the_end() -> None:
    names = brings.closure({"gradio[mcp]"})
    assert {"gradio", "fastapi", "starlette", "anyio", "mcp"} <= names
    assert "torch" not in names


def test_every_pair_says_what_mends_it() -> None:
    for pair in drift_table.PAIRS:
        assert pair.source and pair.symptom and pair.pin
        assert pair.other or pair.python or pair.versions


@pytest.mark.parametrize(
    ("version", "breaks"), [("4.44.0", True), ("5.0.0", True), ("5.9.0", False), ("6.14.0", False)]
)
def test_gradio_before_5_9_breaks_with_starlette_1(version: str, breaks: bool) -> None:
    pair = next(p for p in drift_table.PAIRS if (p.distribution, p.other) == ("gradio", "starlette"))
    assert allows(pair.versions, version) is breaks


@pytest.mark.parametrize(("version", "breaks"), [("5.7.0", True), ("5.7.1", False)])
def test_gradio_before_5_7_1_breaks_with_huggingface_hub_1(version: str, breaks: bool) -> None:
    pair = next(p for p in drift_table.PAIRS if (p.distribution, p.other) == ("gradio", "huggingface-hub"))
    assert allows(pair.versions, version) is breaks


@pytest.mark.parametrize(
    ("image", "pythons", "known"),
    [
        ("python:3.11-slim", ("3.11",), True), ("docker.io/library/python:3.9", ("3.9",), True),
        ("ubuntu:22.04", ("3.10",), True),
        ("node:20-bookworm-slim", ("3.11",), True),
        ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", ("3.12",), True),
        ("mcr.microsoft.com/playwright/python:v1.50.0-jammy", ("3.10",), True),
        ("ghcr.io/someone/base:1", (), False),
    ],
)  # fmt: skip
def test_base_images_say_their_python(image: str, pythons: tuple[str, ...], known: bool) -> None:
    found = image_pythons.of(image)
    assert (found.pythons, found.known) == (pythons, known)
