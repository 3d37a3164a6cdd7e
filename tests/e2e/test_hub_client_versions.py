"""The suites of the official client with its previous major versions, each in an environment of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from e2e.hub_client import Where

pytest_plugins = ["e2e.hub_fixtures"]
pytestmark = [pytest.mark.heavy, *map(pytest.mark.needs, ("uv", "bwrap", "git"))]
SUITES = ("", "_sharing", "_files", "_revisions", "_running", "_settings", "_command")


def uv(*words: str | Path) -> None:
    """Run uv."""
    subprocess.run(["uv", *map(str, words)], check=True, capture_output=True, timeout=300)


@pytest.mark.parametrize(("wanted", "least"), [("huggingface_hub<2", 70), ("huggingface_hub<1", 55)])
def test_previous_major_versions(
    wanted: str, least: int, where: Where, where_lfs: Where, tmp_path: Path
) -> None:
    uv("venv", "--quiet", "--python", sys.executable, tmp_path / "env")
    python = tmp_path / "env/bin/python"
    uv("pip", "install", "--quiet", "--python", python, wanted, "pytest")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "HF_"))}
    env = {
        **kept, "PYTHONPATH": str(ROOT / "tests"), "PATH": f"{python.parent}:{os.environ['PATH']}",
        "HF_HOME": str(tmp_path / "home"), "HF_ENDPOINT": where.endpoint, "HF_SUITE": json.dumps(where._asdict()),
        "HF_SUITE_LFS": json.dumps(where_lfs._asdict()),
    }  # fmt: skip
    done = subprocess.run(
        [
            python, "-m", "pytest", "--noconftest", "-c", "/dev/null", "--rootdir", ROOT / "tests", "-q", "-ra",
            "--tb=short", "--import-mode=importlib", "-p", "no:cacheprovider", "-W",
            "ignore::pytest.PytestUnknownMarkWarning",
            *(ROOT / f"tests/e2e/test_hub_client{suite}.py" for suite in SUITES),
        ],
        env=env, cwd=tmp_path, capture_output=True, text=True, timeout=1200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= least, done.stdout[-5000:]
    for line in done.stdout.splitlines():
        assert not line.startswith("SKIPPED") or re.search(r"client\b.* has no ", line), line
