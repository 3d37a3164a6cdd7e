"""What runs of a Space, and the calls that change it.

The API writes what is wanted, and the control loop what is. Until the loop has seen a wish (`seen` reaches
`generation`) its first consequence is shown: the answer to a restart already says BUILDING on the platform, and
one who then waits for the Space must not see the stage from before.
"""

from __future__ import annotations

import json

from unstick.localhub import hosts
from unstick.localhub.api import access, bodies, errors, plans
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.store import repos, spaces
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import sqlalchemy as sa

    from unstick.localhub.hub import Hub
    from unstick.localhub.store.repos import Repo
    from unstick.localhub.store.spaces import Row

SERVING = ("RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING")
FAILED = ("NO_APP_FILE", "CONFIG_ERROR", "BUILD_ERROR", "RUNTIME_ERROR", "PAUSED")
"""The stages that can have an error message."""


def stage_of(row: Row) -> str:
    """The stage that is shown."""
    if not row.generation > max(row.seen, 0):
        return row.stage
    if row.desired == "paused":
        return "PAUSED"
    return "RUNNING_BUILDING" if row.stage in SERVING else "BUILDING"


def runtime_of(hub: Hub, repo: Repo, row: Row) -> dict[str, Any]:
    """The runtime of a Space as the platform writes it: the fields that a stage has, and no others (recorded
    answers of RUNNING, BUILDING, PAUSED and static Spaces, 2026)."""
    stage = stage_of(row)
    up = stage in SERVING
    if repo.sdk == "static":
        shown: dict[str, Any] = {
            "stage": stage, "hardware": {"current": None, "requested": None}, "storage": row.storage,
            "replicas": {"requested": 1, **({"current": 1} if up else {})},
        }  # fmt: skip
    else:
        shown = {
            "stage": stage,
            "hardware": {"current": row.current_hardware if up else None, "requested": row.hardware},
            "storage": row.storage,
            "gcTimeout": int(hub.settings.sleep_after) if row.hardware == plans.FREE else row.sleep,
            "replicas": {"requested": row.replicas, **({"current": row.replicas} if up else {})},
            "devMode": row.dev_mode,
        }
    if stage == "PAUSED":
        shown["replicas"]["current"] = None
        shown = {name: value for name, value in shown.items() if value or name in ("stage", "hardware")}
        if row.hardware == plans.FREE:
            shown.pop("gcTimeout", None)
    else:
        domain = hosts.domain_of(hub.settings, repo.subdomain)
        shown["domains"] = [{"domain": domain, "stage": "READY"}]
    if row.message and stage == row.stage and stage in FAILED:
        shown["errorMessage"] = row.message
    if up and row.sha and repo.sdk != "static":
        shown["sha"] = row.sha
    volumes = json.loads(row.volumes)
    return {**shown, "volumes": volumes} if volumes else shown


def shown(call: Call, connection: sa.Connection, repo: Repo) -> dict[str, Any]:
    """The runtime of a Space as the database now has it."""
    row = spaces.get(connection, repo.id)
    if row is None:
        raise errors.repo_not_found()
    return runtime_of(call.hub, repo, row)


def acting(call: Call, connection: sa.Connection, static: str = "") -> Repo:
    """The Space of a call that changes it. `static` says what static Spaces do not have or cannot do ('' when
    they can). Raises ApiError 400, 401, 403, 404."""
    repo = access.repo_of(call, connection, "write")
    if not repos.lock(connection, repo.id):
        raise errors.repo_not_found()
    access.not_disabled(call.hub, repo)
    if static and repo.sdk == "static":
        raise errors.bad_request(f"Static Spaces {static}")
    return repo


def changing(call: Call, static: str, change: Callable[[sa.Connection, Repo, Row], None]) -> dict[str, Any]:
    """Change something of a Space, tell the control loop, and give the runtime."""
    with call.hub.engine.begin() as connection:
        repo = acting(call, connection, static)
        row = spaces.get(connection, repo.id)
        if row is None:
            raise errors.repo_not_found()
        change(connection, repo, row)
        result = shown(call, connection, repo)
    call.hub.changed(repo.id)
    return result


def runtime(call: Call) -> dict[str, Any]:
    """The stage of a Space, its hardware, its error."""
    with call.hub.reads.begin() as connection:
        return shown(call, connection, access.repo_of(call, connection))


def restart(call: Call) -> dict[str, Any]:
    """Build and start a Space anew, with `factory` without anything kept of earlier builds."""
    factory = call.flag("factory")

    def change(connection: sa.Connection, repo: Repo, row: Row) -> None:
        plans.check_hosting(call, connection, repo.owner, repo.sdk, row.hardware)
        spaces.want(connection, repo.id, factory=factory, desired="running", wake=False)

    return changing(call, "cannot be restarted: they are always running", change)


def pause(call: Call) -> dict[str, Any]:
    """Stop a Space until somebody who may write restarts it."""

    def change(connection: sa.Connection, repo: Repo, row: Row) -> None:
        spaces.want(connection, repo.id, again=row.desired != "paused", desired="paused", wake=False)

    return changing(call, "cannot be paused: they are always running", change)


def sleep_time(call: Call) -> dict[str, Any]:
    """Set after how many idle seconds a Space on paid hardware sleeps."""
    seconds = call.body.seconds

    def change(connection: sa.Connection, repo: Repo, row: Row) -> None:
        plans.check_sleep(row.hardware, seconds)
        spaces.want(connection, repo.id, again=False, sleep=seconds)

    return changing(call, "do not sleep", change)


def hardware(call: Call) -> dict[str, Any]:
    """Ask for other hardware; the Space starts anew on it."""
    body: bodies.Hardware = call.body
    flavour = plans.flavour(body.flavor).id
    plans.check_sleep(flavour, body.sleep_time_seconds)

    def change(connection: sa.Connection, repo: Repo, row: Row) -> None:
        plans.check_hardware(call, connection, repo.owner, flavour)
        plans.check_hosting(call, connection, repo.owner, repo.sdk, flavour)
        kept = row.sleep if body.sleep_time_seconds is None else body.sleep_time_seconds
        sleep, replicas = (None, 1) if flavour == plans.FREE else (kept, row.replicas)
        again = flavour != row.hardware
        spaces.want(connection, repo.id, again=again, hardware=flavour, sleep=sleep, replicas=replicas)

    return changing(call, "have no hardware", change)


def dev_mode(call: Call) -> dict[str, Any]:
    """Switch dev mode on or off. Here it is kept and shown; there is no ssh into a Space."""
    enabled = call.body.enabled

    def change(connection: sa.Connection, repo: Repo, row: Row) -> None:
        if enabled:
            plans.check_dev_mode(call, connection, repo.owner)
        spaces.want(connection, repo.id, again=enabled != row.dev_mode, dev_mode=enabled)

    return changing(call, "have no dev mode", change)


def replicas(call: Call) -> dict[str, Any]:
    """Set how many replicas a Space on paid hardware has. Here it is kept and shown, and one runs."""

    def change(connection: sa.Connection, repo: Repo, row: Row) -> None:
        if row.hardware == plans.FREE and call.body.replicas > 1:
            raise errors.bad_request("Replicas are only for Spaces on paid hardware")
        spaces.want(connection, repo.id, again=False, replicas=call.body.replicas)

    return changing(call, "have no replicas", change)


def _post(name: str, handler: Callable[[Call], Any], summary: str, body: Any = None) -> Endpoint:
    query = (("factory", "whether nothing of earlier builds is used"),) if name == "restart" else ()
    return Endpoint(
        "POST", f"/api/spaces/{{owner}}/{{name}}/{name}", handler, summary, body=body, query=query, login=True,
        answers=(400, 401, 402, 403, 404),
    )  # fmt: skip


ENDPOINTS = (
    Endpoint(
        "GET", "/api/spaces/{owner}/{name}/runtime", runtime, "The runtime of a Space", answers=(401, 404)
    ),
    _post("restart", restart, "Restart a Space"),
    _post("pause", pause, "Pause a Space"),
    _post("sleeptime", sleep_time, "Set the sleep time of a Space", bodies.Sleep),
    _post("hardware", hardware, "Ask for hardware for a Space", bodies.Hardware),
    _post("dev-mode", dev_mode, "Switch dev mode of a Space", bodies.DevMode),
    _post("replicas", replicas, "Set the number of replicas of a Space", bodies.Replicas),
)
