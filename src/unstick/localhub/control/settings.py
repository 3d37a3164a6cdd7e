"""What a version of a Space is built and started with, from the hub's records."""

from __future__ import annotations

import json
import os

import sqlalchemy as sa

from unstick.localhub import hosts, names
from unstick.localhub.control.task import Task
from unstick.localhub.store import schema
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.localhub.control.machine import Version
    from unstick.localhub.hub import Hub
    from unstick.localhub.store.repos import Repo
    from unstick.localhub.store.spaces import Row

DATA = "/data"
"""The one place where a volume can be mounted here."""


def task_of(hub: Hub, repo: Repo, row: Row, version: Version, door: str) -> Task:
    """The task of a version. Raises SQLAlchemyError."""
    with hub.reads.begin() as connection:
        found = connection.execute(
            sa.select(schema.settings)
            .where(schema.settings.c.repo == repo.id)
            .order_by(schema.settings.c.name)
        ).all()
        creator = connection.execute(
            sa.select(schema.accounts.c.creator_id).where(schema.accounts.c.name == repo.owner)
        ).scalar()
    return Task(
        repository=hub.repository(repo.storage).path,
        objects=hub.settings.folder("objects"),
        commit=version.commit,
        door=door,
        backend=hub.settings.backend,
        hardware=version.hardware,
        memory=hub.settings.memory,
        disk=hub.settings.disk,
        factory=version.factory,
        data=_data(hub, row),
        start_timeout=hub.settings.start_timeout,
        identity=tuple(_identity(hub, repo, creator or "")),
        variables=tuple((one.name, one.value) for one in found if one.kind == "variable"),
        secrets=tuple((one.name, one.value) for one in found if one.kind == "secret"),
    )


def not_mounted(row: Row) -> list[str]:
    """The places of volumes that cannot be mounted here."""
    return [str(one.get("mountPath")) for one in _volumes(row) if not _mountable(one)]


def _identity(hub: Hub, repo: Repo, creator: str) -> Iterator[tuple[str, str]]:
    yield "SPACE_ID", repo.full_name
    yield "SPACE_AUTHOR_NAME", repo.owner
    yield "SPACE_REPO_NAME", repo.name
    yield "SPACE_HOST", hosts.domain_of(hub.settings, repo.subdomain)
    yield "SPACE_CREATOR_USER_ID", creator


def _volumes(row: Row) -> list[dict[str, object]]:
    found = json.loads(row.volumes or "[]")
    return [one for one in found if isinstance(one, dict)]


def _mountable(volume: dict[str, object]) -> bool:
    """Whole buckets, read and written, on /data: the backends mount nothing else.

    A folder within a bucket is not mounted: an app could have put a link in its place that leads out.
    """
    on_data = str(volume.get("mountPath", "")).rstrip("/") == DATA
    whole = not volume.get("path") and not volume.get("readOnly")
    return volume.get("type") == "bucket" and on_data and whole


def storage_of(hub: Hub, repo: int) -> str:
    """The folder of a Space's own storage, which goes with it."""
    return os.path.join(hub.settings.folder("volumes"), f"space-{repo}")


def _data(hub: Hub, row: Row) -> str:
    """The folder for /data, '' for none. A bucket's name gives the folder, so that Spaces can share it."""
    path = storage_of(hub, row.repo) if row.storage is not None else ""
    for volume in _volumes(row):
        if _mountable(volume):
            owner, name = names.split_id(str(volume["source"]))
            path = os.path.join(hub.settings.folder("volumes"), "buckets", owner.lower(), name.lower())
    if path:
        os.makedirs(path, exist_ok=True)
        os.chmod(path, 0o777)  # the app is uid 1000; nobody else gets through the hub's own folder
    return path
