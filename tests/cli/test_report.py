"""`unstick report` on the real command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import run_unstick

TOLD = """My Space https://huggingface.co/spaces/jane/er-demo says Preparing for more than 12 hours.
The build log is clean, the container log ends with the ready line. I restarted it, no change.
My token is {secret}.
"""
SECRET = "hf_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3h"
LOG = """===== Application Startup at 2026-04-07 15:13:18 =====

INFO:     Uvicorn running on http://0.0.0.0:7860 (Press CTRL+C to quit)
"""


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """A description with a secret in it."""
    path = tmp_path / "problem.txt"
    path.write_text(TOLD.format(secret=SECRET), "utf-8")
    return path


@pytest.mark.parametrize("format", ["mail", "forum", "markdown", "json"])
def test_every_format_names_the_space_and_keeps_the_secret(told: Path, format: str) -> None:
    ran = run_unstick("report", told, "--format", format)
    assert ran.code == 0
    assert "jane/er-demo" in ran.out and SECRET not in ran.out + ran.err


def test_the_mail_is_ready_but_for_what_is_missing(told: Path, tmp_path: Path) -> None:
    log = tmp_path / "container.log"
    log.write_text(LOG, "utf-8")
    ran = run_unstick("report", told, log)
    assert ran.out.startswith("To: website@huggingface.co\nSubject: Space jane/er-demo: ")
    assert (
        "INFO:     Uvicorn running on http://0.0.0.0:7860 (Press CTRL+C to quit)\n  (nothing after it)\n"
        in ran.out
    )
    assert "[MISSING: `git rev-parse HEAD`" in ran.out
    assert "are missing and marked:" in ran.err


def test_json_is_for_programs(told: Path) -> None:
    document = run_unstick("report", told, "--json").json()
    assert document["schema"] == "unstick/support-request/1"
    assert {item["key"] for item in document["items"] if not item["missing"]} >= {"url", "namespace"}


def test_a_missing_file_is_one_line() -> None:
    ran = run_unstick("report", "no-such-file.txt")
    assert ran.code == 2 and ran.out == "" and ran.err.count("\n") == 1
