"""`unstick watch` as a service: the systemd unit and the container image of examples/watch, and its policy."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT, run_unstick
from e2e.postgres import free_port
from e2e.watched import environment, simulated_hub, wait_for
from unstick.watch.policy import Policy, load

EXAMPLE = ROOT / "examples" / "watch"
DOCKER = "/usr/bin/docker"


@pytest.mark.needs("systemd-analyze")
def test_systemd_accepts_the_unit() -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", str(EXAMPLE / "unstick-watch.service")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_units_command_is_one_that_unstick_takes(tmp_path: Path) -> None:
    unit = (EXAMPLE / "unstick-watch.service").read_text()
    found = re.search(r"^ExecStart=/usr/bin/env unstick (.*)$", unit, re.MULTILINE)
    assert found is not None
    command = found.group(1)
    (tmp_path / "spaces.txt").write_text("owner0/*\n")
    with simulated_hub("--spaces", "4", "--owners", "1") as hub:
        command = command.replace("/etc/unstick/spaces.txt", str(tmp_path / "spaces.txt"))
        command = command.replace("/etc/unstick/policy.toml", str(EXAMPLE / "policy.toml"))
        command = command.replace("/var/lib/unstick/history.db", str(tmp_path / "h.db"))
        ran = run_unstick(*command.split(), "--once", env=environment(hub, tmp_path))
    assert ran.code == 0, ran.err
    assert "4 Spaces: 4 RUNNING" in ran.out


def test_systemd_is_told_when_it_is_ready_and_that_it_lives(tmp_path: Path) -> None:
    from e2e.watched import watching

    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener,
        simulated_hub("--spaces", "4", "--owners", "1") as hub,
    ):
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(20)
        with watching(
            hub, tmp_path, "owner0/*", "--every", "1s", NOTIFY_SOCKET=str(tmp_path / "notify")
        ) as watcher:
            assert [listener.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
            begun = time.monotonic()
            assert watcher.end() == 0
            assert time.monotonic() - begun < 15


def test_the_example_policy_says_what_holds_without_it() -> None:
    example = load(str(EXAMPLE / "policy.toml"))
    plain = Policy()
    for part in ("poll", "deadlines", "incident", "alerts", "limits", "retention", "timezone"):
        assert getattr(example, part) == getattr(plain, part)
    assert example.act and example.maintenance


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("image")
    name = f"unstick-watch-test:{time.time_ns()}"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--wheel-dir",
        str(folder / "wheels"),
        f"{ROOT}[watch,postgres]",
    ]
    subprocess.run(pip, check=True, timeout=600, capture_output=True)
    (folder / "Dockerfile").write_text((EXAMPLE / "Dockerfile").read_text())
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    build = [DOCKER, "build", "-q", "--build-arg", f"PYTHON={version}", "--tag", name, str(folder)]
    subprocess.run(
        build, check=True, timeout=600, capture_output=True, env=os.environ | {"DOCKER_BUILDKIT": "1"}
    )
    yield name
    subprocess.run([DOCKER, "rmi", "--force", name], check=False, capture_output=True)


@pytest.mark.needs(DOCKER)
def test_the_image_watches_and_keeps_its_history(image: str) -> None:
    with simulated_hub("--spaces", "4", "--owners", "1") as hub:
        name = f"unstick-watch-{time.time_ns()}"
        volume = f"{name}-data"
        run = [
            DOCKER, "run", "--detach", "--name", name, "--network", "host", "--volume", f"{volume}:/data",
            "--env", f"HF_ENDPOINT={hub.endpoint}", "--env", "HF_TOKEN=hf_simulated", image,
            "owner0/*", "--every", "1s", "--listen", f"127.0.0.1:{(port := free_port())}",
        ]  # fmt: skip
        try:
            subprocess.run(run, check=True, timeout=120, capture_output=True)
            state = wait_for(lambda: _health(port), 60)
            assert state["ok"] and state["spaces"] == 4
            whoami = subprocess.run(
                [DOCKER, "exec", name, "id", "-u"], capture_output=True, text=True, check=True
            )
            assert whoami.stdout.strip() == "1000"
            begun = time.monotonic()
            subprocess.run([DOCKER, "stop", name], check=True, timeout=60, capture_output=True)
            assert time.monotonic() - begun < 8, "it ends when it is asked to"
            shown = subprocess.run(
                [DOCKER, "run", "--rm", "--volume", f"{volume}:/data", "--entrypoint", "unstick", image,
                 "history", "owner0/space-0", "--json"],
                capture_output=True, text=True, check=True, timeout=120,
            )  # fmt: skip
            assert json.loads(shown.stdout)["stays"][0]["stage"] == "RUNNING"
        finally:
            subprocess.run([DOCKER, "rm", "--force", name], check=False, capture_output=True)
            subprocess.run([DOCKER, "volume", "rm", "--force", volume], check=False, capture_output=True)


def _health(port: int) -> dict[str, object] | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            state = dict(json.load(answer))
    except OSError:
        return None
    return state if state["spaces"] else None
