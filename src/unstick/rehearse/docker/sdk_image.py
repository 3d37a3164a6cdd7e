"""The image of a Space without a Dockerfile, put together as the platform's build logs show it."""

from __future__ import annotations

import json

from unstick.contract.sdks import FIRST_INSTALL, SYSTEM_PACKAGES, pip_packages
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unstick.rehearse.types import Plan

STATIC_PYTHON = "3.11"


NO_NODE = "Node.js, which the platform's image brings, is not in this one"
NO_SYSTEM = (
    "the platform's own Debian packages (ffmpeg, git, libgl1, …) are left out: they cannot be fetched here"
)
STATIC = "the files are served by Python's http.server, not by the platform's file server"


def base(python: str, *, system: bool = True) -> str:
    """The Dockerfile of the platform's own layers, equal for all Spaces of a Python version."""
    lines = [f"FROM python:{python}"]
    if system:
        lines.append(
            "RUN apt-get update && apt-get install -y --no-install-recommends "
            + " ".join(SYSTEM_PACKAGES)
            + " && rm -rf /var/lib/apt/lists/*"
        )
    lines += (
        "WORKDIR /app",
        "RUN pip install --no-cache-dir " + " ".join(json.dumps(item) for item in FIRST_INSTALL),
        "RUN (id -u 1000 >/dev/null 2>&1 || useradd -m -u 1000 user) && mkdir -p /home/user"
        " && ln -sfn /app /home/user/app && chown 1000:1000 /app /home/user",
    )
    return "\n".join(lines) + "\n"


def space(plan: Plan, image: str) -> str:
    """The Dockerfile of the Space itself, on such a base (published build logs of 2026)."""
    lines = _static(plan) if plan.sdk == "static" else _space(plan)
    return "\n".join([f"FROM {image}", *lines]) + "\n"


def _space(plan: Plan) -> Sequence[str]:
    packages = pip_packages(plan.sdk, plan.sdk_version)
    lines = ["WORKDIR /app"]
    if "packages.txt" in plan.files:
        lines.append(
            "RUN --mount=target=/tmp/packages.txt,source=packages.txt apt-get update"
            " && xargs -r -a /tmp/packages.txt apt-get install -y && rm -rf /var/lib/apt/lists/*"
        )
    if "pre-requirements.txt" in plan.files:
        lines.append(
            "RUN --mount=target=/tmp/pre-requirements.txt,source=pre-requirements.txt"
            " pip install --no-cache-dir -r /tmp/pre-requirements.txt"
        )
    words = " ".join(json.dumps(item) for item in packages)
    if "requirements.txt" in plan.files:
        lines.append(
            "RUN --mount=target=/tmp/requirements.txt,source=requirements.txt"
            f" pip install --no-cache-dir -r /tmp/requirements.txt {words}"
        )
    else:
        lines.append(f"RUN pip install --no-cache-dir {words}")
    lines += [
        "COPY --chown=1000:1000 . /app",
        "ENV HOME=/home/user",
        "USER 1000",
        f"CMD {json.dumps(plan.command)}",
    ]
    return lines


def _static(plan: Plan) -> Sequence[str]:
    serve = ["python", "-m", "http.server", str(plan.port), "--bind", "0.0.0.0", "--directory", "/app"]
    return ("COPY --chown=1000:1000 . /app", "USER 1000", f"CMD {json.dumps(serve)}")
