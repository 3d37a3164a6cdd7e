"""What runs of a Space, and what may be changed of it."""

from __future__ import annotations

from typing import Any

import pytest
from huggingface_hub import SpaceHardware, Volume
from huggingface_hub.errors import BadRequestError, HfHubHTTPError, RepositoryNotFoundError

from localhub.conftest import client
from localhub.serving import Served
from unstick.localhub.store import repos, spaces


def row_of(hub: Served, name: str) -> spaces.Row:
    with hub.hub.reads.begin() as connection:
        repo = repos.find(connection, "space", *name.split("/"))
        assert repo is not None
        row = spaces.get(connection, repo.id)
    assert row is not None
    return row


def observe(hub: Served, name: str, **values: Any) -> None:
    """Write what is, as the control loop does once it has seen all that is wanted."""
    row = row_of(hub, name)
    hub.observe(row.repo, **{"seen": row.generation, **values})


SHA = "a" * 40
SHAPES = [
    (
        "docker",
        {"stage": "RUNNING", "sha": SHA, "current_hardware": "cpu-basic", "message": "old"},
        {"stage": "RUNNING", "hardware": {"current": "cpu-basic", "requested": "cpu-basic"}, "storage": None,
         "gcTimeout": 172800, "replicas": {"requested": 1, "current": 1}, "devMode": False, "sha": SHA},
    ),
    (
        "docker",
        {"stage": "BUILDING", "sha": "", "current_hardware": None},
        {"stage": "BUILDING", "hardware": {"current": None, "requested": "cpu-basic"}, "storage": None,
         "gcTimeout": 172800, "replicas": {"requested": 1}, "devMode": False},
    ),
    (
        "docker",
        {"stage": "PAUSED", "sha": "", "current_hardware": None},
        {"stage": "PAUSED", "hardware": {"current": None, "requested": "cpu-basic"},
         "replicas": {"requested": 1, "current": None}},
    ),
    (
        "docker",
        {"stage": "RUNTIME_ERROR", "message": "Exit code: 1. Reason: x", "current_hardware": None},
        {"stage": "RUNTIME_ERROR", "hardware": {"current": None, "requested": "cpu-basic"}, "storage": None,
         "gcTimeout": 172800, "replicas": {"requested": 1}, "devMode": False,
         "errorMessage": "Exit code: 1. Reason: x"},
    ),
    (
        "static",
        {"stage": "RUNNING", "sha": SHA, "current_hardware": "cpu-basic"},
        {"stage": "RUNNING", "hardware": {"current": None, "requested": None}, "storage": None,
         "replicas": {"requested": 1, "current": 1}},
    ),
]  # fmt: skip
"""SDK, what is, and what is shown, beside domains."""


@pytest.mark.parametrize(("sdk", "values", "shown"), SHAPES)
def test_each_stage_has_the_fields_that_were_recorded(
    shared_hub: Served, api: Any, space: Any, sdk: str, values: dict[str, Any], shown: dict[str, Any]
) -> None:
    name = space(sdk)
    observe(shared_hub, name, **values)
    raw = api.get_space_runtime(name).raw
    domains = raw.pop("domains", None)
    assert raw == shown
    port = shared_hub.hub.settings.port
    domain = f"{name.replace('/', '-')}.hf.localhost:{port}"
    assert domains == (None if shown["stage"] == "PAUSED" else [{"domain": domain, "stage": "READY"}])


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("RUNNING", "RUNNING_BUILDING"), ("RUNNING_APP_STARTING", "RUNNING_BUILDING"), ("PAUSED", "BUILDING"),
        ("RUNTIME_ERROR", "BUILDING"), ("SLEEPING", "BUILDING"), ("BUILD_ERROR", "BUILDING"),
    ],
)  # fmt: skip
def test_a_restart_shows_at_once(shared_hub: Served, api: Any, space: Any, stage: str, answer: str) -> None:
    """Who waits for the Space after it must not see the stage from before."""
    name = space()
    observe(shared_hub, name, stage=stage, message="an error")
    before = row_of(shared_hub, name)
    told: list[int] = []
    stop = shared_hub.hub.listen(told.append)
    runtime = api.restart_space(name, factory_reboot=True)
    stop()
    after = row_of(shared_hub, name)
    assert runtime.stage == answer
    assert "errorMessage" not in runtime.raw
    assert (after.generation, after.factory, after.desired) == (
        before.generation + 1,
        after.generation,
        "running",
    )
    assert told == [after.repo]
    assert after.stage == stage
    observe(shared_hub, name, stage="CONFIG_ERROR")
    assert api.get_space_runtime(name).stage == "CONFIG_ERROR"


def test_a_plain_restart_uses_the_cache(shared_hub: Served, api: Any, space: Any) -> None:
    name = space()
    api.restart_space(name)
    assert row_of(shared_hub, name).factory == 0


def test_pause_and_restart(shared_hub: Served, api: Any, space: Any) -> None:
    name = space()
    observe(shared_hub, name, stage="RUNNING")
    assert api.pause_space(name).stage == "PAUSED"
    assert row_of(shared_hub, name).desired == "paused"
    generation = row_of(shared_hub, name).generation
    assert api.pause_space(name).stage == "PAUSED"
    assert row_of(shared_hub, name).generation == generation
    observe(shared_hub, name, stage="PAUSED")
    api.add_space_variable(name, "MODE", "fast")
    assert api.get_space_runtime(name).stage == "PAUSED"
    assert api.restart_space(name).stage == "BUILDING"


def test_sleep_time(shared_hub: Served, api: Any, space: Any) -> None:
    name = space()
    with pytest.raises(BadRequestError, match="Cannot change the sleep time for cpu-basic Spaces"):
        api.set_space_sleep_time(name, 300)
    with pytest.warns(UserWarning), pytest.raises(BadRequestError, match="Cannot change the sleep time"):
        api.request_space_hardware(name, "cpu-basic", sleep_time=300)
    runtime = api.request_space_hardware(name, SpaceHardware.T4_SMALL, sleep_time=300)
    assert (runtime.requested_hardware, runtime.sleep_time) == ("t4-small", 300)
    generation = row_of(shared_hub, name).generation
    assert api.set_space_sleep_time(name, -1).sleep_time == -1
    assert row_of(shared_hub, name).generation == generation
    for seconds in (0, -2, 10**12, "soon", None):
        answer = shared_hub.ask(
            "POST", f"/api/spaces/{name}/sleeptime", shared_hub.token, json={"seconds": seconds}
        )
        assert answer.status_code == 400
    assert api.request_space_hardware(name, "cpu-basic").sleep_time == 172800


def test_hardware(shared_hub: Served, api: Any, space: Any) -> None:
    name = space()
    observe(shared_hub, name, stage="RUNNING", current_hardware="cpu-basic")
    offered = api.list_spaces_hardware()
    assert all(item.unit_cost_usd > 0 for item in offered if item.name not in ("cpu-basic", "zero-a10g"))
    for flavour in {item.value for item in SpaceHardware} | {item.name for item in offered}:
        assert api.request_space_hardware(name, flavour).requested_hardware == flavour
    api.request_space_hardware(name, offered[-1].name)
    runtime = api.get_space_runtime(name)
    assert (runtime.stage, runtime.hardware) == ("RUNNING_BUILDING", "cpu-basic")
    with pytest.raises(BadRequestError):
        api.request_space_hardware(name, "quantum")
    generation = row_of(shared_hub, name).generation
    api.request_space_hardware(name, offered[-1].name)
    assert row_of(shared_hub, name).generation == generation
    four = next(item for item in offered if item.name == "a100x4")
    assert (four.accelerator.model, four.accelerator.quantity, four.accelerator.vram) == (
        "A100",
        "4",
        "80 GB",
    )
    assert next(item for item in offered if item.name == "cpu-basic").accelerator is None


def test_dev_mode_and_replicas(shared_hub: Served, api: Any, space: Any) -> None:
    name = space()
    assert api.enable_space_dev_mode(name).dev_mode is True
    assert api.disable_space_dev_mode(name).dev_mode is False
    path = f"/api/spaces/{name}/replicas"
    assert shared_hub.ask("POST", path, shared_hub.token, json={"replicas": 2}).status_code == 400
    api.request_space_hardware(name, "t4-small")
    answer = shared_hub.ask("POST", path, shared_hub.token, json={"replicas": 2})
    assert answer.json()["replicas"]["requested"] == 2


def test_settings_restart_what_runs(shared_hub: Served, api: Any, space: Any) -> None:
    name = space()
    observe(shared_hub, name, stage="RUNNING")
    for change, again in (
        (lambda: api.add_space_secret(name, "TOKEN", "s"), True),
        (lambda: api.add_space_secret(name, "TOKEN", "s", description="why"), False),
        (lambda: api.add_space_variable(name, "MODE", "fast", description="how"), True),
        (lambda: api.add_space_variable(name, "MODE", "slow"), True),
        (lambda: api.delete_space_variable(name, "MODE"), True),
        (lambda: api.delete_space_variable(name, "MODE"), False),
        (lambda: api.delete_space_secret(name, "TOKEN"), True),
        (lambda: api.delete_space_secret(name, "NOTHING"), False),
    ):
        observe(shared_hub, name)
        before = row_of(shared_hub, name).generation
        change()
        assert row_of(shared_hub, name).generation == before + again
    assert api.get_space_variables(name) == {}
    assert api.get_space_secrets(name) == {}


def test_a_variable_keeps_its_description(api: Any, space: Any) -> None:
    name = space()
    api.add_space_variable(name, "MODE", "fast", description="how")
    answer = api.add_space_variable(name, "MODE", "slow")
    assert (answer["MODE"].value, answer["MODE"].description) == ("slow", "how")
    assert answer["MODE"].updated_at is not None


@pytest.mark.parametrize("key", ["", "1A", "A B", "A=B", "A\n", "é", "A" * 129, None, 5])
def test_names_that_no_variable_has(shared_hub: Served, space: Any, key: object) -> None:
    name = space()
    for path in ("secrets", "variables"):
        answer = shared_hub.ask(
            "POST", f"/api/spaces/{name}/{path}", shared_hub.token, json={"key": key, "value": "v"}
        )
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "change", [{"value": "a\0b"}, {"description": "a\0b"}, {"value": None}, {"value": "a" * 65537}]
)
def test_values_that_no_variable_has(shared_hub: Served, space: Any, change: dict[str, Any]) -> None:
    body = {"key": "MODE", "value": "v", **change}
    path = f"/api/spaces/{space()}/variables"
    assert shared_hub.ask("POST", path, shared_hub.token, json=body).status_code == 400


def test_variables_are_public_and_secrets_are_not(api: Any, stranger: Any, nobody: Any, space: Any) -> None:
    name = space(space_secrets=[{"key": "T", "value": "s"}], space_variables=[{"key": "M", "value": "v"}])
    assert nobody.get_space_variables(name)["M"].value == "v"
    for who in (stranger, nobody):
        with pytest.raises(HfHubHTTPError):
            who.get_space_secrets(name)


def test_volumes(shared_hub: Served, api: Any, space: Any) -> None:
    api.create_repo("alice/files", repo_type="dataset", exist_ok=True)
    name = space()
    with pytest.raises(BadRequestError):
        api.delete_space_volumes(name)
    bucket = Volume(type="bucket", source="alice/store", mount_path="/data")
    data = Volume(type="dataset", source="alice/files", mount_path="/files", read_only=False, path="a/b")
    api.set_space_volumes(name, [bucket, data])
    found = api.get_space_runtime(name).volumes
    assert [(v.type, v.source, v.mount_path, v.read_only, v.path) for v in found] == [
        ("bucket", "alice/store", "/data", None, None), ("dataset", "alice/files", "/files", True, "a/b"),
    ]  # fmt: skip
    api.set_space_volumes(name, [bucket])
    assert len(api.get_space_runtime(name).volumes) == 1
    api.delete_space_volumes(name)
    assert api.get_space_runtime(name).volumes is None


@pytest.mark.parametrize(
    "change",
    [
        {"type": "disk"}, {"source": "nobody/nothing"}, {"source": "../x"}, {"source": "x"}, {"mountPath": "data"},
        {"mountPath": "/"}, {"mountPath": "/a/../b"}, {"mountPath": "/a//b"}, {"mountPath": "/a\0"},
        {"path": "../x"}, {"path": "a//b"}, {"type": "model", "source": "alice/nothing"},
    ],
)  # fmt: skip
def test_volumes_that_cannot_be(shared_hub: Served, space: Any, change: dict[str, str]) -> None:
    name = space()
    volume = {"type": "bucket", "source": "alice/store", "mountPath": "/data", **change}
    answer = shared_hub.ask(
        "PUT", f"/api/spaces/{name}/volumes", shared_hub.token, json={"volumes": [volume]}
    )
    assert answer.status_code == 400
    assert row_of(shared_hub, name).volumes == "[]"


def test_another_ones_private_model_cannot_be_mounted(shared_hub: Served, stranger: Any, api: Any) -> None:
    api.create_repo("alice/hidden", repo_type="model", private=True)
    stranger.create_repo("bob/app", repo_type="space", space_sdk="docker")
    for kind, source in (("model", "alice/hidden"), ("bucket", "alice/store")):
        with pytest.raises(BadRequestError):
            stranger.set_space_volumes("bob/app", [Volume(type=kind, source=source, mount_path="/m")])


def test_storage_of_older_clients(shared_hub: Served, api: Any, space: Any) -> None:
    name = space()
    path = f"/api/spaces/{name}/storage"
    assert shared_hub.ask("POST", path, shared_hub.token, json={"tier": "small"}).json()["storage"] == "small"
    assert api.get_space_runtime(name).storage == "small"
    assert shared_hub.ask("DELETE", path, shared_hub.token).json()["storage"] is None


CHANGES = {
    "restart": {}, "pause": {}, "sleeptime": {"seconds": 300}, "hardware": {"flavor": "t4-small"},
    "dev-mode": {"enabled": True}, "replicas": {"replicas": 1}, "storage": {"tier": "small"},
}  # fmt: skip


@pytest.mark.parametrize(("path", "body"), CHANGES.items())
def test_who_may_change_what(shared_hub: Served, space: Any, path: str, body: dict[str, Any]) -> None:
    static, other = space("static"), space()
    for name, token, code in (
        (static, shared_hub.token, 400), (other, shared_hub.other, 403), (other, shared_hub.reader, 403),
        (other, None, 401), ("alice/nothing", shared_hub.token, 404), ("alice/nothing", None, 401),
        (other, "hf_wrong", 401),
    ):  # fmt: skip
        answer = shared_hub.ask("POST", f"/api/spaces/{name}/{path}", token, json=body)
        assert (name, token, answer.status_code) == (name, token, code)
        assert answer.json()["error"]
        assert answer.headers["x-error-message"] == answer.json()["error"]
        assert answer.headers["x-request-id"].startswith("Root=1-")
    assert row_of(shared_hub, other).generation == 0


def test_exceptions_of_the_client(
    api: Any, nobody: Any, stranger: Any, space: Any, shared_hub: Served
) -> None:
    with pytest.raises(RepositoryNotFoundError):
        api.restart_space("alice/nothing")
    with pytest.raises(RepositoryNotFoundError):
        api.get_space_runtime("alice/nothing")
    with pytest.raises(BadRequestError):
        api.pause_space(space("static"))
    with pytest.raises(HfHubHTTPError, match="403 Forbidden"):
        stranger.pause_space(space())
    with pytest.raises(HfHubHTTPError, match="Invalid credentials"):
        client(shared_hub, "hf_wrong").pause_space(space())


def test_waiting_ends_with_the_loop(shared_hub: Served, api: Any, space: Any) -> None:
    name = space()
    observe(shared_hub, name, stage="RUNNING", sha=SHA)
    api.restart_space(name)
    with pytest.raises(TimeoutError):
        api.wait_for_space(name, timeout=0.05, poll_interval=0.01)
    observe(shared_hub, name, stage="RUNNING", sha=SHA)
    assert api.wait_for_space(name, timeout=5).stage == "RUNNING"
