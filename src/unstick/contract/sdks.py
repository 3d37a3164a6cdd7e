"""What each SDK promises and asks: port, address, user, image, start, environment."""

from __future__ import annotations

from unstick.record import NamedTuple


class Sdk(NamedTuple):
    """One SDK.

    `port` is what the platform looks at (0: nothing listens), `port_field` whether the block may change it.
    `host` is the address that the platform presets ('' : the app has to bind a public address itself).
    `start` is the start command, '{app_file}' in it. `default_file` is what runs without app_file.
    `preinstalled` are packages beside the requirements, as the platform's own pip command names them;
    '{version}' is sdk_version.
    `host_suffix` ends the public host name. `source` says where this was stated.
    """

    id: str
    port: int
    port_field: bool
    host: str
    user: int
    start: str
    default_file: str
    workdir: str
    environment: tuple[tuple[str, str], ...]
    preinstalled: tuple[str, ...]
    host_suffix: str
    deprecated: str
    source: str


PRESET = (
    ("PYTHONUNBUFFERED", "1"),
    ("GRADIO_ALLOW_FLAGGING", "never"),
    ("GRADIO_NUM_PORTS", "1"),
    ("GRADIO_SERVER_NAME", "0.0.0.0"),
    ("GRADIO_SERVER_PORT", "7860"),
    ("GRADIO_THEME", "huggingface"),
    ("SYSTEM", "spaces"),
    ("HOME", "/home/user"),
    ("PYTHONPATH", "/home/user/app"),
)
"""What the platform very likely presets for the Gradio SDK (the same block stands in most hand-written
images that imitate it)."""

RUN_TIME = (
    ("SYSTEM", "spaces"),
    ("ACCELERATOR", "none"),
    ("CPU_CORES", "2"),
    ("MEMORY", "16Gi"),
    ("SPACE_ID", "owner/name"),
    ("SPACE_AUTHOR_NAME", "owner"),
    ("SPACE_REPO_NAME", "name"),
    ("SPACE_TITLE", "name"),
    ("SPACE_HOST", "owner-name.hf.space"),
    ("SPACE_CREATOR_USER_ID", "0" * 24),
)
"""Variables of every running Space with an example value on cpu-basic (Hub docs: spaces-overview). PORT is
not among them."""

OAUTH_VARIABLES = ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")
"""Set when the block says hf_oauth: true (Hub docs: spaces-oauth)."""

SDKS = (
    Sdk(
        "gradio", 7860, False, "0.0.0.0", 1000, "python {app_file}", "app.py", "/app", PRESET,
        ("gradio[oauth,mcp]=={version}", "uvicorn>=0.14.0", "websockets>=10.4", "spaces"),
        ".hf.space", "", "Hub docs: spaces-sdks-gradio; published build logs of 2026",
    ),
    Sdk(
        "streamlit", 8501, False, "0.0.0.0", 1000, "streamlit run {app_file}", "app.py", "/app", (),
        ("streamlit=={version}", "uvicorn>=0.14.0", "websockets>=10.4", "spaces"),
        ".hf.space", "2025-04-30", "Hub docs: spaces-sdks-streamlit, spaces-changelog",
    ),
    Sdk(
        "docker", 7860, True, "", 1000, "", "", "", (), (),
        ".hf.space", "", "Hub docs: spaces-sdks-docker",
    ),
    Sdk(
        "static", 0, False, "", 0, "", "index.html", "", (), (),
        ".static.hf.space", "", "Hub docs: spaces-sdks-static",
    ),
)  # fmt: skip

FIRST_INSTALL = ("datasets", "huggingface-hub>=0.30", "hf-transfer>=0.1.4", "protobuf<4", "click<8.1")
"""Installed by a pip command of its own before the requirements: later steps may upgrade them (published
build logs of 2026)."""

SYSTEM_PACKAGES = ("git", "git-lfs", "ffmpeg", "libsm6", "libxext6", "cmake", "rsync", "libgl1")
"""Debian packages in every Gradio and Streamlit image, before packages.txt (published build logs of 2026)."""

BUILD_ORDER = (
    "python base image of python_version", "system packages", "packages.txt", "workdir /app",
    "pip upgrade", "first install", "Node.js 20", "restore cache", "pre-requirements.txt",
    "requirements.txt with the SDK in one pip command", "/home/user/app linked to /app",
    "repository copied", "pip freeze", "push image", "export cache",
)  # fmt: skip
"""The steps of a Gradio or Streamlit build, in order (published build logs of 2026)."""

DEFAULT_PYTHONS = ("3.10", "3.13")
"""Python without python_version: the documentation says 3.10, build logs of 2026 show 3.13. Never assume
one of them."""

LOGGED_PYTHON = DEFAULT_PYTHONS[-1]
"""The one that the logs show: what a rehearsal takes."""


def sdk(name: str) -> Sdk | None:
    """The SDK of this name, or None when the platform has no such SDK."""
    return next((s for s in SDKS if s.id == name), None)


def pip_packages(sdk: str, version: str) -> tuple[str, ...]:
    """What the platform's own pip command names for an SDK, at this sdk_version ('': the newest)."""
    names = next(item.preinstalled for item in SDKS if item.id == sdk)
    if not version:
        return tuple(name.partition("==")[0] for name in names)
    return tuple(name.format(version=version) for name in names)
