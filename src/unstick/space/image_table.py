"""Base images known by name: who runs, with which home, which users are there, which release lies below.

Facts come from the images' own Dockerfiles as published by their makers; an image that is not here answers
'unknown'. Release names are those of Debian and Ubuntu; `release` is empty where the image follows something
else.
"""

from __future__ import annotations

from unstick.record import NamedTuple


class Account(NamedTuple):
    """A user of an image."""

    name: str
    uid: int
    home: str


class Base(NamedTuple):
    """One family of base images.

    `pattern` is the name without registry and tag, `family` the package manager's world ('debian', 'alpine',
    'redhat', 'wolfi'), `release` what an image without a release in its tag has today, `user` who runs ('' is
    root). `command` says whether the image brings a command of its own. `path_open` are folders any user may
    write.
    """

    pattern: str
    family: str = "debian"
    release: str = ""
    user: str = ""
    home: str = ""
    workdir: str = "/"
    accounts: tuple[Account, ...] = ()
    command: bool = False
    path_open: tuple[str, ...] = ()
    owned: tuple[tuple[str, int], ...] = ()


NODE = (Account("node", 1000, "/home/node"),)
JOVYAN = (Account("jovyan", 1000, "/home/jovyan"),)
UBUNTU = (Account("ubuntu", 1000, "/home/ubuntu"),)

BASES: tuple[Base, ...] = (
    Base("python", release="trixie", command=True),
    Base("pypy", release="trixie", command=True),
    Base("node", release="bookworm", accounts=NODE, command=True),
    Base(
        "oven/bun",
        release="bookworm",
        accounts=(Account("bun", 1000, "/home/bun"),),
        workdir="/home/bun/app",
        command=True,
    ),
    Base("denoland/deno", release="bookworm", accounts=(Account("deno", 1993, "/home/deno"),), command=True),
    Base("debian", release="trixie", command=True),
    Base("buildpack-deps", release="trixie", command=True),
    Base("ubuntu", release="noble", accounts=UBUNTU, command=True),
    Base("alpine", family="alpine", command=True),
    Base("golang", release="trixie", workdir="/go", command=True, path_open=("/go", "/go/src", "/go/bin")),
    Base("rust", release="trixie", command=True),
    Base("ruby", release="trixie", command=True),
    Base("php", release="trixie", command=True),
    Base("openjdk", release="bookworm", command=True),
    Base("eclipse-temurin", release="noble", accounts=UBUNTU, command=True),
    Base("maven", release="noble", accounts=UBUNTU, command=True),
    Base(
        "gradle", release="noble", accounts=(*UBUNTU, Account("gradle", 1000, "/home/gradle")), command=True
    ),
    Base("nginx", release="trixie", command=True),
    Base("nginxinc/nginx-unprivileged", release="trixie", user="101", command=True),
    Base("caddy", family="alpine", workdir="/srv", command=True),
    Base("redis", release="bookworm", command=True),
    Base("mongo", release="jammy", command=True),
    Base("postgres", release="trixie", command=True),
    Base("perl", release="trixie", command=True),
    Base("erlang", release="trixie", command=True),
    Base("elixir", release="trixie", command=True),
    Base("julia", release="trixie", command=True),
    Base("r-base", release="", accounts=(Account("docker", 1000, "/home/docker"),), command=True),
    Base("rocker/r-ver", release="noble", accounts=UBUNTU, command=True),
    Base("rocker/shiny", release="noble", accounts=UBUNTU, command=True),
    Base("rocker/shiny-verse", release="noble", accounts=UBUNTU, command=True),
    Base(
        "rocker/tidyverse",
        release="noble",
        accounts=(Account("rstudio", 1000, "/home/rstudio"),),
        command=True,
    ),
    Base(
        "rocker/rstudio", release="noble", accounts=(Account("rstudio", 1000, "/home/rstudio"),), command=True
    ),
    Base("nvidia/cuda", release="", command=True),
    Base("pytorch/pytorch", release="jammy", workdir="/workspace", command=True),
    Base("tensorflow/tensorflow", release="jammy", command=True),
    Base("continuumio/miniconda3", release="bookworm", command=True),
    Base("continuumio/anaconda3", release="bookworm", command=True),
    Base("condaforge/miniforge3", release="jammy", command=True),
    Base("condaforge/mambaforge", release="jammy", command=True),
    Base(
        "mambaorg/micromamba",
        release="bookworm",
        user="mambauser",
        home="/home/mambauser",
        workdir="/tmp",
        accounts=(Account("mambauser", 57439, "/home/mambauser"),),
        command=True,
        path_open=("/tmp",),
    ),
    Base("ghcr.io/astral-sh/uv", release="bookworm"),
    Base("tiangolo/uvicorn-gunicorn-fastapi", release="bookworm", workdir="/app", command=True),
    Base("tiangolo/uvicorn-gunicorn", release="bookworm", workdir="/app", command=True),
    Base("tiangolo/meinheld-gunicorn-flask", release="bookworm", workdir="/app", command=True),
    Base(
        "mcr.microsoft.com/playwright",
        release="noble",
        accounts=(*UBUNTU, Account("pwuser", 1001, "/home/pwuser")),
    ),
    Base(
        "mcr.microsoft.com/playwright/python",
        release="noble",
        accounts=(*UBUNTU, Account("pwuser", 1001, "/home/pwuser")),
    ),
    Base(
        "mcr.microsoft.com/devcontainers/python",
        release="bookworm",
        accounts=(Account("vscode", 1000, "/home/vscode"),),
    ),
    Base(
        "mcr.microsoft.com/dotnet/aspnet", release="bookworm", accounts=(Account("app", 1654, "/home/app"),)
    ),
    Base("mcr.microsoft.com/dotnet/sdk", release="bookworm", accounts=(Account("app", 1654, "/home/app"),)),
    Base(
        "ghcr.io/puppeteer/puppeteer",
        release="bookworm",
        user="pptruser",
        home="",
        workdir="/home/pptruser",
        accounts=(*NODE, Account("pptruser", 10042, "/home/pptruser")),
        command=True,
    ),
    Base("ghcr.io/huggingface/text-generation-inference", release="jammy", command=True),
    Base("ghcr.io/huggingface/text-embeddings-inference", release="bookworm", command=True),
    Base("huggingface/transformers-pytorch-gpu", release="jammy"),
    Base("ollama/ollama", release="", command=True),
    Base(
        "n8nio/n8n", family="alpine", user="node", home="", workdir="/home/node", accounts=NODE, command=True
    ),
    Base("flowiseai/flowise", family="alpine", command=True),
    Base("langflowai/langflow", release="", user="1000", home="/app/data", workdir="/app", command=True),
    Base("ghcr.io/open-webui/open-webui", release="", workdir="/app/backend", command=True),
    Base("vllm/vllm-openai", release="jammy", command=True),
    Base(
        "jupyter/base-notebook",
        release="jammy",
        user="jovyan",
        home="/home/jovyan",
        workdir="/home/jovyan",
        accounts=JOVYAN,
        command=True,
    ),
    Base(
        "jupyter/minimal-notebook",
        release="jammy",
        user="jovyan",
        home="/home/jovyan",
        workdir="/home/jovyan",
        accounts=JOVYAN,
        command=True,
    ),
    Base(
        "jupyter/scipy-notebook",
        release="jammy",
        user="jovyan",
        home="/home/jovyan",
        workdir="/home/jovyan",
        accounts=JOVYAN,
        command=True,
    ),
    Base(
        "jupyter/datascience-notebook",
        release="jammy",
        user="jovyan",
        home="/home/jovyan",
        workdir="/home/jovyan",
        accounts=JOVYAN,
        command=True,
    ),
    Base(
        "quay.io/jupyter/base-notebook",
        release="noble",
        user="jovyan",
        home="/home/jovyan",
        workdir="/home/jovyan",
        accounts=JOVYAN,
        command=True,
    ),
    Base(
        "quay.io/jupyter/minimal-notebook",
        release="noble",
        user="jovyan",
        home="/home/jovyan",
        workdir="/home/jovyan",
        accounts=JOVYAN,
        command=True,
    ),
    Base(
        "quay.io/jupyter/scipy-notebook",
        release="noble",
        user="jovyan",
        home="/home/jovyan",
        workdir="/home/jovyan",
        accounts=JOVYAN,
        command=True,
    ),
    Base(
        "cgr.dev/chainguard/wolfi-base",
        family="wolfi",
        accounts=(Account("nonroot", 65532, "/home/nonroot"),),
    ),
    Base(
        "cgr.dev/chainguard/python",
        family="wolfi",
        user="nonroot",
        home="/home/nonroot",
        accounts=(Account("nonroot", 65532, "/home/nonroot"),),
        command=True,
    ),
    Base("gcr.io/distroless/python3-debian12", release="bookworm", command=True),
    Base("public.ecr.aws/docker/library/python", release="trixie", command=True),
    Base("public.ecr.aws/lambda/python", family="redhat", workdir="/var/task"),
    Base("fedora", family="redhat", command=True),
    Base("centos", family="redhat", command=True),
    Base("rockylinux", family="redhat", command=True),
    Base("almalinux", family="redhat", command=True),
    Base("amazonlinux", family="redhat", command=True),
    Base("archlinux", family="arch", command=True),
    Base("selenium/standalone-chrome", release="noble", user="1200", command=True),
    Base("zauberzeug/nicegui", release="bookworm", workdir="/app", command=True),
    Base("metabase/metabase", family="alpine", command=True),
    Base("searxng/searxng", family="alpine", command=True),
    Base("scratch", family="", release=""),
)

RELEASES = (
    "jessie", "stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "sid",
    "trusty", "xenial", "bionic", "focal", "jammy", "noble", "oracular", "plucky", "questing",
)  # fmt: skip

UBUNTU_VERSIONS = {
    "14.04": "trusty", "16.04": "xenial", "18.04": "bionic", "20.04": "focal", "22.04": "jammy",
    "24.04": "noble",
    "24.10": "oracular", "25.04": "plucky", "25.10": "questing",
}  # fmt: skip

DEBIAN_VERSIONS = {
    "8": "jessie",
    "9": "stretch",
    "10": "buster",
    "11": "bullseye",
    "12": "bookworm",
    "13": "trixie",
}

PYTHON_FOLLOWS = (
    ((3, 8), "bookworm"), ((3, 9), "trixie"),
)  # fmt: skip
"""The newest Debian that official images of an ended Python minor version were built on: 3.8 ended in October
2024
before trixie, 3.9 in October 2025 after it. Anything older stopped on the release in `PYTHON_ENDED`."""

PYTHON_ENDED = {(2, 7): "buster", (3, 5): "buster", (3, 6): "bullseye", (3, 7): "bookworm"}

NODE_ENDED = {12: "stretch", 14: "buster", 16: "buster", 18: "bookworm"}
"""The release below the last image of an ended Node.js line, where it is known."""
