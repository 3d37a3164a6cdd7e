"""The command `hf` against the local hub."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from e2e.hub_client import DOCKER, INDEX, SKELETON, STATIC, Where, environment

pytest_plugins = ["e2e.hub_fixtures"]
Make = Callable[..., str]
HF = Path(sys.executable).with_name("hf")
pytestmark = pytest.mark.skipif(not HF.exists(), reason="this client has no `hf`")


@pytest.fixture
def hf(where: Where, tmp_path: Path) -> Callable[..., str]:
    """Runs `hf` with these words; gives what it printed. `code` 1: it has to fail."""

    def run(*words: Any, code: int = 0, cwd: Path | None = None) -> str:
        done = subprocess.run(
            [HF, *map(str, words)], env=environment(where, tmp_path / "home"), capture_output=True, text=True,
            timeout=120, stdin=subprocess.DEVNULL, cwd=cwd or tmp_path, check=False,
        )  # fmt: skip
        said = done.stdout + done.stderr
        if "No such command" in said or "invalid choice" in said or "No such option" in said:
            pytest.skip(f"this client has no `hf {' '.join(map(str, words[:2]))}`")
        assert done.returncode == code, said
        return done.stdout if code == 0 else said

    return run


def test_whoami(hf: Callable[..., str], api: Any, where: Where) -> None:
    assert api.whoami()["name"] in hf("auth", "whoami")
    hf("auth", "login", "--token", where.other)
    hf("auth", "list")


def test_repositories(hf: Callable[..., str], api: Any) -> None:
    user = api.whoami()["name"]
    name = f"{user}/t{uuid.uuid4().hex[:10]}"
    space = ("--type", "space")
    made = hf("repos", "create", name, *space, "--sdk", "docker", "--flavor", "cpu-basic", "--secrets", "A=1",
              "--env", "B=2", "--private")  # fmt: skip
    assert name in made
    assert "already created" in hf("repos", "create", name, *space, "--sdk", "docker", code=1)
    hf("repos", "create", name, *space, "--sdk", "docker", "--exist-ok")
    assert name in hf("repos", "list", "--type", "space")
    hf("repos", "settings", name, *space, "--public")
    assert api.space_info(name).private is False
    assert api.get_space_variables(name)["B"].value == "2"
    api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=name, repo_type="space")
    hf("repos", "branch", "create", name, "dev", *space)
    hf("repos", "tag", "create", name, "v1", *space, "-m", "first")
    assert "v1" in hf("repos", "tag", "list", name, *space)
    hf("repos", "tag", "create", name, "v1", *space, code=1)
    hf("repos", "tag", "delete", name, "v1", *space, "--yes")
    hf("repos", "branch", "delete", name, "dev", *space)
    hf("repos", "duplicate", name, f"{name}-copy", *space)
    hf("repos", "delete-files", name, "x.txt", *space)
    assert set(api.list_repo_files(name, repo_type="space")) == SKELETON
    assert set(api.list_repo_files(f"{name}-copy", repo_type="space")) == SKELETON | {"x.txt"}
    hf("repos", "move", name, f"{name}-moved", *space)
    for one in (f"{name}-moved", f"{name}-copy"):
        hf("repos", "delete", one, *space, "--yes")
    assert not api.repo_exists(f"{name}-moved", repo_type="space")


def test_upload_and_download(hf: Callable[..., str], api: Any, space: Make, tmp_path: Path) -> None:
    repo = space(STATIC)
    (tmp_path / "up/deep").mkdir(parents=True)
    (tmp_path / "up/deep/a.txt").write_text("a")
    (tmp_path / "up/b.log").write_text("b")
    hf("upload", repo, tmp_path / "up", ".", "--repo-type", "space", "--exclude", "*.log")
    hf("upload", repo, tmp_path / "up/b.log", "c.txt", "--repo-type", "space", "--commit-message", "By hf")
    assert api.list_repo_commits(repo, repo_type="space")[0].title == "By hf"
    hf("download", repo, "--repo-type", "space", "--local-dir", tmp_path / "down")
    assert (tmp_path / "down/deep/a.txt").read_text() == "a"
    assert (tmp_path / "down/c.txt").read_text() == "b"
    assert (tmp_path / "down/index.html").read_bytes() == INDEX
    assert "not found" in hf("download", repo, "missing", "--repo-type", "space", code=1).lower()


def test_copy(hf: Callable[..., str], space: Make, tmp_path: Path) -> None:
    one, two = space(STATIC), space(STATIC)
    hf("cp", f"hf://spaces/{one}/index.html", tmp_path / "page.html")
    assert (tmp_path / "page.html").read_bytes() == INDEX
    hf("repos", "cp", tmp_path / "page.html", f"hf://spaces/{two}/page.html")
    hf("cp", f"hf://spaces/{two}/page.html", f"hf://spaces/{one}/other.html")
    hf("cp", f"hf://spaces/{one}/other.html", tmp_path / "back.html")
    assert (tmp_path / "back.html").read_bytes() == INDEX


def test_reading_spaces(hf: Callable[..., str], api: Any, space: Make) -> None:
    repo = space(STATIC)
    assert repo in hf("spaces", "ls", "--author", api.whoami()["name"], "--format", "json")
    assert "index.html" in hf("spaces", "ls", repo, "-R")
    info = json.loads(hf("spaces", "info", repo, "--format", "json"))
    assert (info["id"], info["sdk"]) == (repo, "static")
    assert (
        json.loads(hf("spaces", "info", repo, "--expand", "sdk,runtime", "--format", "json"))["sdk"]
        == "static"
    )
    assert "not found" in hf("spaces", "info", f"{repo}-not", code=1)
    assert "A small Space" in hf("spaces", "card", repo, "--metadata")
    hf("spaces", "templates")
    assert "cpu-basic" in hf("spaces", "hardware")
    assert repo in hf("spaces", "search", repo.split("/")[1], "--include-non-running", "--format", "json")
    hf("spaces", "zero-gpu", "quota")


def test_settings(hf: Callable[..., str], api: Any, space: Make) -> None:
    repo = space(None, "docker")
    hf("spaces", "settings", repo, "--hardware", "t4-small", "--sleep-time", "600")
    runtime = api.get_space_runtime(repo)
    assert (runtime.requested_hardware, runtime.sleep_time) == ("t4-small", 600)
    hf("spaces", "secrets", "add", repo, "-s", "WORD=hidden-from-all")
    assert "WORD" in hf("spaces", "secrets", "ls", repo)
    hf("spaces", "secrets", "delete", repo, "WORD", "--yes")
    hf("spaces", "variables", "add", repo, "-e", "COLOUR=blue")
    assert "blue" in hf("spaces", "variables", "ls", repo)
    hf("spaces", "variables", "delete", repo, "COLOUR", "--yes")
    source = space(STATIC)
    hf("spaces", "volumes", "set", repo, "-v", f"hf://spaces/{source}:/data/it")
    assert source in hf("spaces", "volumes", "ls", repo)
    hf("spaces", "volumes", "delete", repo, "--yes")
    hf("spaces", "dev-mode", repo, "--stop")


@pytest.mark.needs("uv")
@pytest.mark.needs("bwrap")
def test_running(hf: Callable[..., str], api: Any, space: Make, tmp_path: Path) -> None:
    repo = space(DOCKER, "docker")
    hf("spaces", "wait", repo, "--timeout", "2m")
    assert "app is listening" in hf("spaces", "logs", repo, "-n", "20")
    assert "COPY" in hf("spaces", "logs", repo, "--build")
    hf("spaces", "restart", repo)
    hf("spaces", "wait", repo, "--timeout", "2m")
    hf("spaces", "restart", repo, "--factory-reboot")
    hf("spaces", "wait", repo, "--timeout", "2m")
    hf("spaces", "dev-mode", repo)
    assert f"{api.space_info(repo).subdomain}@" in hf("spaces", "ssh", repo, "--auto", "--dry-run")
    hf("spaces", "pause", repo)
    assert "PAUSED" in hf("spaces", "wait", repo, code=1)
    (tmp_path / "app.py").write_text("print('changed')")
    said = hf("spaces", "hot-reload", repo, "app.py", "-f", tmp_path / "app.py", "--skip-checks", code=1)
    assert "not been hot-reloaded" in said


def test_discussions_are_absent(hf: Callable[..., str], space: Make) -> None:
    assert "501" in hf("discussions", "list", space(), "--type", "space", code=1)
