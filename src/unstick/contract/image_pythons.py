"""Which Python and which Python packages a base image brings, by its name.

Sources: the images' own Dockerfiles and tags, October 2026.
"""

from __future__ import annotations

import re

from unstick.record import NamedTuple


class ImagePython(NamedTuple):
    """`pythons` are the releases it may be (empty: not known), `brings` distributions already installed,
    `known` is False
    for an image whose contents cannot be told from its name: then anything may be there."""

    pythons: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    known: bool = True


NEWEST = "3.14"
"""What an untagged `python` image holds (released October 2025, newest until October 2026)."""

_TORCH = (
    "torch",
    "torchvision",
    "torchaudio",
    "numpy",
    "pillow",
    "requests",
    "pyyaml",
    "tqdm",
    "jinja2",
    "typing-extensions",
)
_FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"pytorch/pytorch", _TORCH),
    (r"tensorflow/tensorflow", ("tensorflow", "numpy", "keras", "h5py", "protobuf", "requests", "absl-py")),
    (r"tiangolo/uvicorn-gunicorn-fastapi", ("fastapi", "uvicorn", "gunicorn", "starlette", "pydantic")),
    (r"tiangolo/uvicorn-gunicorn", ("uvicorn", "gunicorn", "starlette")),
    (
        r"tiangolo/meinheld-gunicorn-flask|tiangolo/uwsgi-nginx-flask",
        ("flask", "gunicorn", "jinja2", "werkzeug"),
    ),
    (r"mcr\.microsoft\.com/playwright/python", ("playwright", "pip", "setuptools")),
    (r"mcr\.microsoft\.com/playwright", ()),
)
_DISTRIBUTIONS = {
    "ubuntu:20.04": "3.8", "ubuntu:focal": "3.8", "ubuntu:22.04": "3.10", "ubuntu:jammy": "3.10",
    "ubuntu:24.04": "3.12",
    "ubuntu:noble": "3.12", "ubuntu:latest": "3.12", "ubuntu": "3.12", "debian:bullseye": "3.9",
    "debian:11": "3.9",
    "debian:bookworm": "3.11", "debian:12": "3.11", "debian:trixie": "3.13", "debian:13": "3.13",
    "debian:latest": "3.13",
    "debian": "3.13", "debian:stable": "3.13",
}  # fmt: skip
_CODENAMES = {
    "bullseye": "3.9", "bookworm": "3.11", "trixie": "3.13", "focal": "3.8", "jammy": "3.10", "noble": "3.12",
    "ubuntu20.04": "3.8", "ubuntu22.04": "3.10", "ubuntu24.04": "3.12", "ubuntu18.04": "3.6",
}  # fmt: skip
_NO_PYTHON = (
    "node",
    "nginx",
    "alpine",
    "debian",
    "ubuntu",
    "golang",
    "rust",
    "openjdk",
    "eclipse-temurin",
    "maven",
    "php",
    "ruby",
    "caddy",
    "oven/bun",
    "nvidia/cuda",
)


def of(image: str) -> ImagePython:
    """What the image of this name brings; a digest and the registry of Docker's own images are left out."""
    name = image.split("@", 1)[0].strip().lower()
    for lead in (
        "docker.io/library/",
        "docker.io/",
        "library/",
        "public.ecr.aws/docker/library/",
        "registry.hub.docker.com/library/",
    ):
        name = name.removeprefix(lead)
    repository, _, tag = name.partition(":")
    if repository in {"python", "cimg/python"}:
        return ImagePython((_release(tag) or NEWEST,))
    uv = re.search(r"python3?[.:-]?(3\.\d+)", name)
    if repository == "ghcr.io/astral-sh/uv":
        return ImagePython((uv[1],) if uv else _codename(tag))
    for pattern, brings in _FAMILIES:
        if re.match(pattern, repository):
            return ImagePython((uv[1],) if uv else _codename(tag), brings)
    if name in _DISTRIBUTIONS:
        return ImagePython((_DISTRIBUTIONS[name],))
    if repository in _NO_PYTHON:
        return ImagePython(_codename(tag) or _codename(name.replace(":", "")))
    return ImagePython((uv[1],) if uv else (), (), known=False)


def _release(tag: str) -> str:
    found = re.match(r"(3\.\d+)", tag)
    return found[1] if found else ""


def _codename(tag: str) -> tuple[str, ...]:
    return next(((python,) for name, python in _CODENAMES.items() if name in tag), ())
