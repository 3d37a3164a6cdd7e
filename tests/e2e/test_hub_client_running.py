"""The official client against the local hub: runtime, logs, secrets, variables, volumes, event streams."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from e2e.hub_client import (
    DOCKER,
    INDEX,
    SERVER,
    STATIC,
    Where,
    ask,
    commit,
    errors,
    events,
    needs,
    readme,
    visit,
    wait,
)

pytest_plugins = ["e2e.hub_fixtures"]
Make = Callable[..., str]
pytestmark = [pytest.mark.needs("uv"), pytest.mark.needs("bwrap")]
SECRET = "a-value-that-nobody-may-see"


def test_a_static_space(api: Any, where: Where, space: Make) -> None:
    repo = space(STATIC)
    wait(api, repo)
    assert visit(where, api, repo).body == INDEX
    changed = commit(api, repo, {"index.html": b"changed"})
    assert api.space_info(repo).sha == changed
    deadline = time.monotonic() + 30
    while visit(where, api, repo).body != b"changed" and time.monotonic() < deadline:
        time.sleep(0.2)
    assert visit(where, api, repo).body == b"changed"


def test_a_space_without_files(api: Any, space: Make) -> None:
    runtime = wait(api, space(None, "docker"), stage="NO_APP_FILE")
    assert (runtime.hardware, runtime.requested_hardware) == (None, "cpu-basic")


def test_a_docker_space_from_create_to_delete(api: Any, where: Where, space: Make) -> None:
    repo = space(None, "docker")
    api.add_space_variable(repo, "GREETING", "Good day")
    api.add_space_secret(repo, "SECRET_WORD", SECRET)
    sha = commit(api, repo, DOCKER)
    seen = api.get_space_runtime(repo).stage
    assert seen in ("BUILDING", "APP_STARTING", "RUNNING", "NO_APP_FILE")
    runtime = wait(api, repo, sha=sha)
    assert (runtime.hardware, runtime.requested_hardware) == ("cpu-basic", "cpu-basic")
    assert runtime.sleep_time == 172800
    assert runtime.raw["domains"][0]["stage"] == "READY"
    assert visit(where, api, repo).body == f"Good day from {repo}".encode()

    (metric,) = events(where, f"/api/spaces/{repo}/metrics", 1)
    assert {"cpu_usage_pct", "memory_used_bytes", "memory_total_bytes"} <= set(json.loads(metric))

    api.add_space_variable(repo, "GREETING", "Good night")
    deadline = time.monotonic() + 60
    while visit(where, api, repo).body != f"Good night from {repo}".encode() and time.monotonic() < deadline:
        time.sleep(0.3)
    assert visit(where, api, repo).body == f"Good night from {repo}".encode()
    wait(api, repo, sha=sha)

    assert api.restart_space(repo).stage in (
        "BUILDING",
        "APP_STARTING",
        "RUNNING_BUILDING",
        "RUNNING_APP_STARTING",
    )
    wait(api, repo, sha=sha)
    assert api.restart_space(repo, factory_reboot=True).stage != "RUNNING"
    wait(api, repo, sha=sha)

    api.pause_space(repo)
    wait(api, repo, stage="PAUSED")
    assert visit(where, api, repo).status == 503
    api.restart_space(repo)
    wait(api, repo, sha=sha)

    host = api.space_info(repo).host
    api.delete_repo(repo, repo_type="space")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if ask(where, "GET", "/", host=urlsplit(host).netloc, token="-").status == 404:
            break
        time.sleep(0.2)
    assert ask(where, "GET", "/", host=urlsplit(host).netloc, token="-").status == 404
    with pytest.raises(errors().RepositoryNotFoundError):
        api.get_space_runtime(repo)


def test_the_old_version_serves_until_the_new_one_is_ready(api: Any, where: Where, space: Make) -> None:
    repo = space({**DOCKER, "app.py": SERVER}, "docker")
    wait(api, repo, sha=api.space_info(repo).sha)
    late = b"import time\nprint('slow', flush=True)\ntime.sleep(4)\n" + SERVER.replace(
        b" from ", b" now from "
    )
    sha = commit(api, repo, {"app.py": late})
    stages, bodies = set(), set()
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        runtime = api.get_space_runtime(repo)
        stages.add(runtime.stage)
        answer = visit(where, api, repo)
        assert answer.status == 200, answer
        bodies.add(answer.body)
        if runtime.stage == "RUNNING" and runtime.raw.get("sha") == sha:
            break
        time.sleep(0.1)
    assert stages & {"RUNNING_BUILDING", "RUNNING_APP_STARTING"}
    assert bodies == {f"none from {repo}".encode(), f"none now from {repo}".encode()}


def test_waiting_ends_by_its_timeout(api: Any, space: Make) -> None:
    needs("wait_for_space")
    repo = space({**DOCKER, "app.py": b"import time\ntime.sleep(600)\n"}, "docker")
    with pytest.raises(TimeoutError, match=repo):
        api.wait_for_space(repo, timeout=1)


def test_failures_end_in_their_stages(api: Any, where: Where, space: Make) -> None:
    failing = DOCKER["Dockerfile"].replace(b"COPY . .", b"COPY . .\nRUN false")
    build = space({**DOCKER, "Dockerfile": failing}, "docker")
    crash = space({**DOCKER, "app.py": b"raise SystemExit('the reason is here')"}, "docker")
    config = space(None, "docker")
    assert wait(api, build, stage="BUILD_ERROR").raw["errorMessage"]
    assert "Exit code: 1" in wait(api, crash, stage="RUNTIME_ERROR").raw["errorMessage"]
    answer = visit(where, api, crash)
    assert (answer.status, answer.body) == (503, b"Your space is in error, check its status on hf.co")
    sha = commit(api, crash, DOCKER)
    wait(api, crash, sha=sha)
    wait(api, config, stage="NO_APP_FILE")


def test_logs(api: Any, space: Make) -> None:
    needs("fetch_space_logs")
    repo = space(None, "docker")
    api.add_space_secret(repo, "SECRET_WORD", SECRET)
    commit(
        api, repo, {**DOCKER, "app.py": b"import os\nprint(os.environ['SECRET_WORD'], flush=True)\n" + SERVER}
    )
    wait(api, repo)
    build = list(api.fetch_space_logs(repo, build=True))
    assert any("COPY" in line for line in build)
    run = "".join(api.fetch_space_logs(repo))
    assert f"secret has {len(SECRET)} letters" in run
    assert SECRET not in run
    assert all(line.endswith("\n") for line in build)


def test_logs_are_followed(api: Any, space: Make) -> None:
    needs("fetch_space_logs")
    ticking = b"import threading, time\ndef tick():\n    n = 0\n    while True:\n        n += 1\n"
    ticking += b"        print('tick', n, flush=True)\n        time.sleep(0.3)\n"
    ticking += b"threading.Thread(target=tick, daemon=True).start()\n"
    repo = space({**DOCKER, "app.py": ticking + SERVER}, "docker")
    wait(api, repo)
    found: list[str] = []
    done = threading.Event()

    def follow() -> None:
        for line in api.fetch_space_logs(repo, follow=True):
            found.append(line)
            if len([one for one in found if "tick" in one]) > 20:
                done.set()
                return

    threading.Thread(target=follow, daemon=True).start()
    assert done.wait(60), found
    ticks = [int(line.split()[1]) for line in found if line.startswith("tick")]
    assert ticks == list(range(ticks[0], ticks[0] + len(ticks)))


def test_event_streams(api: Any, where: Where, space: Make) -> None:
    repo = space(STATIC)
    wait(api, repo)
    found: list[str] = []
    path = f"/api/spaces/{repo}/events"
    reader = threading.Thread(target=lambda: found.extend(events(where, path, 2)), daemon=True)
    reader.start()
    deadline = time.monotonic() + 30
    while reader.is_alive() and time.monotonic() < deadline:
        commit(api, repo, {"n": os.urandom(4).hex().encode()})
        reader.join(1)
    assert len(found) == 2
    assert all(isinstance(json.loads(event), dict) for event in found)
    for kind in ("metrics", "logs/run", "logs/build"):
        path = f"/api/spaces/{repo}/{kind}"
        assert ask(where, "GET", path, token="-").status == 401, kind
        assert ask(where, "GET", path, token=where.other).status == 403, kind
    assert ask(where, "GET", f"/api/spaces/{repo}/events", token="hf_wrong").status == 401
    assert ask(where, "GET", f"/api/spaces/{repo}/logs/other").status in (400, 404)


def test_a_private_space_needs_a_token(api: Any, where: Where, space: Make) -> None:
    repo = space({**STATIC, "README.md": readme()}, private=True)
    wait(api, repo)
    assert visit(where, api, repo).status == 404
    assert visit(where, api, repo, token=where.other).status == 404
    assert visit(where, api, repo, token=where.token).body == INDEX
