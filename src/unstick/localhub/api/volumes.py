"""Volumes of Spaces: repositories and buckets mounted into the app; and the storage that came before them."""

from __future__ import annotations

import json

import msgspec

from unstick.localhub import names
from unstick.localhub.api import bodies, errors, runtime
from unstick.localhub.api.access import visible
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.store import repos, spaces
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import sqlalchemy as sa

    from unstick.localhub.store.repos import Repo
    from unstick.localhub.store.spaces import Row


def checked(
    call: Call, connection: sa.Connection, sdk: str, volumes: Sequence[bodies.Volume]
) -> list[bodies.Volume]:
    """The volumes as they are kept: repositories read-only. Raises ApiError 400 for what cannot be mounted."""
    if volumes and sdk == "static":
        raise errors.bad_request("Static Spaces have no volumes")
    seen: set[str] = set()
    for volume in volumes:
        parts = volume.mount_path.strip("/").split("/")
        if any(part in ("", ".", "..") for part in parts) or not volume.mount_path.isprintable():
            raise errors.bad_request(f"mountPath {volume.mount_path[:200]!r} is not an absolute path")
        if parts and "/".join(parts) in seen:
            raise errors.bad_request(f"mountPath {volume.mount_path[:200]!r} is there twice")
        seen.add("/".join(parts))
        _check_source(call, connection, volume)
    return [
        volume if volume.type == "bucket" else msgspec.structs.replace(volume, read_only=True)
        for volume in volumes
    ]


def _check_source(call: Call, connection: sa.Connection, volume: bodies.Volume) -> None:
    try:
        owner, name = names.split_id(volume.source)
    except names.BadName as error:
        raise errors.bad_request(str(error)) from None
    if any(part in ("", ".", "..") for part in (volume.path or "a").strip("/").split("/")):
        raise errors.bad_request(f"path {(volume.path or '')[:200]!r} leads out of the volume")
    if volume.type == "bucket":
        allowed = call.caller.reads if volume.read_only else call.caller.writes
        if not allowed(owner):
            raise errors.bad_request(f"there is no bucket {volume.source}")
        return
    repo = repos.find(connection, volume.type, owner, name)
    if repo is None or not visible(call.caller, repo):
        raise errors.bad_request(f"this hub has no {volume.type} {volume.source}")


def put(call: Call) -> dict[str, Any]:
    """Replace all volumes of a Space; it starts anew."""

    def change(connection: sa.Connection, repo: Repo, row: Row) -> None:
        kept = checked(call, connection, repo.sdk, call.body.volumes)
        spaces.want(connection, repo.id, volumes=msgspec.json.encode(kept).decode())

    return runtime.changing(call, "have no volumes", change)


def delete(call: Call) -> dict[str, Any]:
    """Remove all volumes of a Space; it starts anew."""

    def change(connection: sa.Connection, repo: Repo, row: Row) -> None:
        if not json.loads(row.volumes):
            raise errors.bad_request("This Space has no volumes")
        spaces.want(connection, repo.id, volumes="[]")

    return runtime.changing(call, "have no volumes", change)


def put_storage(call: Call) -> dict[str, Any]:
    """Set the tier of what clients before 2.0 call persistent storage. The platform has withdrawn it."""

    def change(connection: sa.Connection, repo: Repo, row: Row) -> None:
        spaces.want(connection, repo.id, again=row.storage != call.body.tier, storage=call.body.tier)

    return runtime.changing(call, "have no storage", change)


def delete_storage(call: Call) -> dict[str, Any]:
    """Remove the persistent storage; there need not be any."""

    def change(connection: sa.Connection, repo: Repo, row: Row) -> None:
        spaces.want(connection, repo.id, again=row.storage is not None, storage=None)

    return runtime.changing(call, "have no storage", change)


_SPACE = "/api/spaces/{owner}/{name}"
ENDPOINTS = (
    Endpoint(
        "PUT", f"{_SPACE}/volumes", put, "Replace the volumes of a Space", body=bodies.Volumes, login=True,
        answers=(400, 401, 403, 404),
    ),
    Endpoint(
        "DELETE", f"{_SPACE}/volumes", delete, "Remove the volumes of a Space", login=True,
        answers=(400, 401, 403, 404),
    ),
    Endpoint(
        "POST", f"{_SPACE}/storage", put_storage, "Set the persistent storage of a Space (clients before 2.0)",
        body=bodies.Storage, login=True, answers=(400, 401, 403, 404),
    ),
    Endpoint(
        "DELETE", f"{_SPACE}/storage", delete_storage, "Remove it", login=True,
        answers=(400, 401, 403, 404),
    ),
)  # fmt: skip
