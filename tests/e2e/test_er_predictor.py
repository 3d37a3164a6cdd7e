"""The example app for real: its pins install, it serves, and its button changes what it predicts."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT

SPACE = ROOT / "examples/er-predictor/docker"
CLICK = """
from streamlit.testing.v1 import AppTest

app = AppTest.from_file("app.py", default_timeout=120).run()
before = app.metric[0].value
app.button[0].click().run()
assert not app.exception, app.exception
print(before, app.metric[0].value, app.button[0].label, sep="|")
"""

pytestmark = pytest.mark.skipif(
    sys.version_info >= (3, 14), reason="NOT TESTED: the example's pins are for Python 3.11 to 3.13"
)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the example's requirements, as pip installs them."""
    folder = tmp_path_factory.mktemp("er-predictor")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    found = folder / "bin/python" if sys.platform != "win32" else folder / "Scripts/python.exe"
    install = [found, "-m", "pip", "install", "--only-binary", ":all:", "-r", SPACE / "requirements.txt"]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return found


@pytest.fixture
def address(python: Path) -> Iterator[str]:
    """Where the app serves, started by the words of its Dockerfile but on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command = [python, "-m", "streamlit", "run", "app.py", *options, "--browser.gatherUsageStats=false"]
    process = subprocess.Popen(command, cwd=SPACE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(timeout=30)


def wait_for(url: str, seconds: float = 60) -> str:
    """What the URL answers, once it does."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def test_it_serves(address: str) -> None:
    assert wait_for(f"{address}/_stcore/health") == "ok"
    assert "streamlit" in wait_for(address).lower()


def test_the_button_changes_the_prediction(python: Path) -> None:
    done = subprocess.run([python, "-c", CLICK], cwd=SPACE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    before, after, label = done.stdout.strip().split("|")
    assert int(after) == pytest.approx(1.3 * int(before), abs=1)
    assert label == "End the flu wave"
