"""Each fault through the admin API of a real hub: people see what the table says, and it ends when it is cleared."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from e2e.hubs import RunningHub, hub
from unstick.localhub.faults import KINDS

pytestmark = [pytest.mark.needs("uv"), pytest.mark.needs("bwrap"), pytest.mark.needs("git")]

README = b"---\ntitle: Small\nsdk: docker\n---\n"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
DOCKERFILE = f'FROM python:{PYTHON}-slim\nCOPY app.py /app.py\nCMD ["python", "/app.py"]\n'.encode()
APP = b"""
import http.server, time
print("starting", flush=True)
time.sleep(%d)
print("Running on 0.0.0.0:7860", flush=True)
http.server.HTTPServer(("0.0.0.0", 7860), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
SECONDS = 60.0


class Faulty:
    """A hub with faults, and the Spaces that a test makes in it."""

    def __init__(self, running: RunningHub) -> None:
        self.running = running
        self.api = running.api()
        self.port = running.endpoint.rpartition(":")[2]

    def fault(self, kind: str, name: str = "") -> None:
        """Switch a fault on, for one Space or for the hub."""
        body = {"kind": kind, **({"space": f"user/{name}"} if name else {})}
        assert self.admin("POST", json=body).status_code == 200

    def clear(self) -> None:
        """Switch all of them off."""
        assert self.admin("DELETE").status_code == 200

    def admin(self, method: str, **more: Any) -> httpx2.Response:
        """Call the admin API."""
        headers = {"Authorization": f"Bearer {self.running.admin_token}"}
        return httpx2.request(
            method, f"{self.running.endpoint}/admin/faults", headers=headers, trust_env=False, **more
        )

    def create(self, name: str) -> str:
        """An empty Space."""
        self.api.create_repo(f"user/{name}", repo_type="space", space_sdk="docker")
        return f"user/{name}"

    def push(self, name: str, wait: int = 0) -> None:
        """Files of a Space that listens after some seconds."""
        from huggingface_hub import CommitOperationAdd

        files = {"README.md": README, "Dockerfile": DOCKERFILE, "app.py": APP % wait}
        operations = [CommitOperationAdd(path, content) for path, content in files.items()]
        self.api.create_commit(f"user/{name}", operations, commit_message="app", repo_type="space")

    def runtime(self, name: str) -> Any:
        """Its runtime as the client sees it."""
        return self.api.get_space_runtime(f"user/{name}")

    def until(self, name: str, *stages: str) -> Any:
        """Wait for one of some stages."""
        wait_for(lambda: self.runtime(name).stage in stages, lambda: f"{name}: {self.runtime(name).raw}")
        return self.runtime(name)

    def visit(self, name: str) -> httpx2.Response:
        """What a visitor gets."""
        headers = {"Host": f"user-{name}.hf.localhost:{self.port}"}
        return httpx2.get(self.running.endpoint + "/", headers=headers, trust_env=False, timeout=30)

    def log(self, name: str, kind: str) -> str:
        """What a log has now."""
        address = f"{self.running.endpoint}/api/spaces/user/{name}/logs/{kind}"
        headers = {"Authorization": f"Bearer {self.running.token}"}
        lines = []
        with (
            contextlib.suppress(httpx2.ReadTimeout),
            httpx2.stream("GET", address, headers=headers, trust_env=False, timeout=1) as response,
        ):
            for line in response.iter_lines():
                lines.append(line)  # noqa: PERF402 (the timeout would lose a list)
        return "\n".join(lines)

    def serving(self, name: str) -> None:
        """A Space that runs, its app answering."""
        self.create(name)
        self.push(name)
        self.answers(name)

    def answers(self, name: str) -> None:
        """Wait until it runs and its app answers."""
        self.until(name, "RUNNING")
        wait_for(lambda: self.visit(name).status_code == 200, lambda: self.visit(name).text)


def wait_for(true: Callable[[], bool], said: Callable[[], str]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, said()
        time.sleep(0.1)


@pytest.fixture(scope="module")
def started() -> Iterator[Faulty]:
    with hub(faults=True, start_timeout="12s") as running:
        yield Faulty(running)


@pytest.fixture
def faulty(started: Faulty) -> Iterator[Faulty]:
    yield started
    started.clear()


def test_stage_frozen(faulty: Faulty) -> None:
    faulty.create("frozen")
    faulty.push("frozen", wait=3)
    faulty.until("frozen", "APP_STARTING")
    faulty.fault("stage-frozen", "frozen")
    wait_for(lambda: faulty.visit("frozen").status_code == 200, lambda: "the app does not answer")
    assert "Running on 0.0.0.0:7860" in faulty.log("frozen", "run")
    assert faulty.runtime("frozen").stage == "APP_STARTING"
    faulty.clear()
    faulty.answers("frozen")


def test_route_forgotten_and_proxy_503(faulty: Faulty) -> None:
    faulty.serving("routed")
    assert "x-proxied-host" in faulty.visit("routed").headers
    for kind in ("route-forgotten", "proxy-503"):
        faulty.fault(kind, "routed")
        wait_for(lambda: faulty.visit("routed").status_code in (404, 503), lambda: "it still answers")
        assert faulty.runtime("routed").stage == "RUNNING"
        assert "x-proxied-host" not in faulty.visit("routed").headers
        faulty.clear()
        faulty.answers("routed")


def test_probe_blind(faulty: Faulty) -> None:
    faulty.create("blind")
    faulty.fault("probe-blind", "blind")
    faulty.push("blind")
    faulty.until("blind", "APP_STARTING")
    assert "Launch timed out" in faulty.until("blind", "RUNTIME_ERROR", "RUNNING").raw["errorMessage"]
    assert "Running on 0.0.0.0:7860" in faulty.log("blind", "run")


def test_queue_stalled(faulty: Faulty) -> None:
    faulty.create("queued")
    faulty.fault("queue-stalled", "queued")
    faulty.push("queued")
    faulty.until("queued", "BUILDING")
    time.sleep(2)
    assert faulty.runtime("queued").stage == "BUILDING"
    assert "Build Queued" in faulty.log("queued", "build") and "-->" not in faulty.log("queued", "build")
    faulty.clear()
    faulty.answers("queued")


def test_logs_empty(faulty: Faulty) -> None:
    faulty.create("silent")
    faulty.fault("logs-empty", "silent")
    faulty.push("silent")
    faulty.answers("silent")
    assert "{" not in faulty.log("silent", "build") + faulty.log("silent", "run")


@pytest.mark.parametrize(
    ("kind", "text"),
    [("no-capacity", "not enough hardware capacity"), ("unschedulable", "unable to schedule")],
)
def test_nothing_to_run_on(faulty: Faulty, kind: str, text: str) -> None:
    faulty.create(kind)
    faulty.fault(kind, kind)
    faulty.push(kind)
    runtime = faulty.until(kind, "RUNTIME_ERROR", "RUNNING")
    assert text in runtime.raw["errorMessage"] and runtime.raw["hardware"]["current"] is None
    faulty.clear()
    faulty.api.restart_space(f"user/{kind}")
    faulty.answers(kind)


def test_push_refused(faulty: Faulty) -> None:
    faulty.create("pushed")
    faulty.fault("push-refused", "pushed")
    faulty.push("pushed")
    faulty.until("pushed", "BUILD_ERROR", "RUNNING")
    log = faulty.log("pushed", "build")
    assert faulty.runtime("pushed").stage == "BUILD_ERROR"
    assert "DONE" in log and "401" in log.partition("Pushing image")[2]


def test_restart_ignored(faulty: Faulty) -> None:
    faulty.serving("deaf")
    before = faulty.visit("deaf").headers["x-proxied-replica"]
    faulty.fault("restart-ignored", "deaf")
    faulty.api.restart_space("user/deaf")
    faulty.api.restart_space("user/deaf", factory_reboot=True)
    faulty.until("deaf", "RUNNING")  # accepted: for a moment the API says that it is being built
    for _ in range(15):
        assert faulty.runtime("deaf").stage == "RUNNING"
        time.sleep(0.2)
    assert faulty.visit("deaf").headers["x-proxied-replica"] == before


def test_stage_flapping(faulty: Faulty) -> None:
    faulty.serving("flaps")
    faulty.fault("stage-flapping", "flaps")
    faulty.until("flaps", "APP_STARTING")
    faulty.until("flaps", "RUNNING")
    faulty.until("flaps", "APP_STARTING")
    faulty.clear()
    faulty.answers("flaps")


def test_moderation_lock(faulty: Faulty) -> None:
    from huggingface_hub.errors import HfHubHTTPError

    faulty.serving("locked")
    faulty.fault("moderation-lock", "locked")
    faulty.until("locked", "PAUSED")
    assert faulty.api.space_info("user/locked").disabled
    with pytest.raises(HfHubHTTPError):
        faulty.api.restart_space("user/locked")
    faulty.clear()
    wait_for(lambda: not faulty.api.space_info("user/locked").disabled, lambda: "still disabled")
    faulty.api.restart_space("user/locked")
    faulty.answers("locked")


def test_storage_full(faulty: Faulty) -> None:
    from huggingface_hub.errors import HfHubHTTPError

    faulty.create("full")
    faulty.fault("storage-full", "full")
    with pytest.raises(HfHubHTTPError, match="storage limit reached"):
        faulty.push("full")
    faulty.clear()
    faulty.push("full")


def test_evicted(faulty: Faulty) -> None:
    faulty.serving("heavy")
    faulty.fault("evicted", "heavy")
    runtime = faulty.until("heavy", "RUNTIME_ERROR")
    assert "Workload evicted, storage limit exceeded" in runtime.raw["errorMessage"]


def test_incident(faulty: Faulty) -> None:
    def status() -> str:
        page = httpx2.get(f"{faulty.running.endpoint}/index.json", trust_env=False).json()
        return str(page["data"]["attributes"]["aggregate_state"])

    assert status() == "operational"
    faulty.fault("incident")
    assert status() == "degraded"
    faulty.clear()
    assert status() == "operational"


def test_every_kind_has_its_test() -> None:
    elsewhere = {"api-slow", "api-failing"}  # tests/localhub/fronts
    text = open(__file__, encoding="utf-8").read()  # noqa: SIM115
    assert [kind.id for kind in KINDS if kind.id not in elsewhere and f'"{kind.id}"' not in text] == []
