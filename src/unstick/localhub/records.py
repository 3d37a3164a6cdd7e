"""Repositories come, go and change their names: the database and the disk, so that a crash between the two
loses nothing and leaves nothing that start-up would not sweep up."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from unstick.localhub import large
from unstick.localhub.store import objects, repos, settings, spaces
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from unstick.localhub.hub import Hub
    from unstick.localhub.repository import Repository
    from unstick.localhub.store.repos import Repo
    from unstick.localhub.store.settings import Setting

RACES = 5


class Taken(Exception):
    """There is a repository of this name: `repo`."""

    def __init__(self, repo: Repo) -> None:
        super().__init__(repo.full_name)
        self.repo = repo


class Gone(Exception):
    """The repository was deleted in the meantime."""


class New(NamedTuple):
    """A repository to make; from `hardware` on only of Spaces: `volumes` is JSON, `sleep` in seconds. `source` is
    the repository whose large files it has as well."""

    kind: str
    owner: str
    name: str
    visibility: str
    sdk: str = ""
    hardware: str = "cpu-basic"
    sleep: int | None = None
    settings: tuple[Setting, ...] = ()
    volumes: str = "[]"
    storage: str | None = None
    source: int | None = None


def create(hub: Hub, new: New, fill: Callable[[Repository], None]) -> Repo:
    """Make a repository; `fill` makes its folder with the first commits. Raises Taken.

    The folder comes first, the row last: what has a row is whole.
    """
    with hub.reads.begin() as connection:
        _check_free(connection, new.kind, new.owner, new.name)
    storage = secrets.token_hex(16)
    repository = hub.repository(storage)
    try:
        fill(repository)
        repo = _enter(hub, new, storage)
    except BaseException:
        hub.forget(storage)
        repository.remove()
        raise
    hub.changed(repo.id)
    return repo


def _enter(hub: Hub, new: New, storage: str) -> Repo:
    def enter(connection: sa.Connection) -> Repo:
        _check_free(connection, new.kind, new.owner, new.name)
        repo = repos.add(connection, new.kind, new.owner, new.name, new.visibility, new.sdk, storage)
        if new.kind == "space":
            options = {"hardware": new.hardware, "sleep": new.sleep, "volumes": new.volumes}
            spaces.add(connection, repo.id, storage=new.storage, **options)
            for setting in new.settings:
                settings.put(connection, repo.id, setting)
        if new.source is not None:
            objects.copy(connection, new.source, repo.id)
        return repo

    return _written(hub, enter)


def _written(hub: Hub, write: Callable[[sa.Connection], Repo]) -> Repo:
    """Do a transaction; again where another one took a name or a host label in between, as PostgreSQL allows."""
    for _ in range(RACES):
        try:
            with hub.engine.begin() as connection:
                return write(connection)
        except sa.exc.IntegrityError as error:
            lost = error
    raise lost


def _check_free(connection: sa.Connection, kind: str, owner: str, name: str, but: int | None = None) -> None:
    found = repos.find(connection, kind, owner, name)
    if found is not None and found.id != but:
        raise Taken(found)


def delete(hub: Hub, repo: Repo) -> None:
    """Remove a repository: its row first, then whoever runs it is told, then its files go, and the large ones that
    no other repository has."""
    with hub.engine.begin() as connection:
        held = list(objects.held(connection, repo.id))
        repos.delete(connection, repo.id)
    hub.routes.remove(repo.id)
    hub.changed(repo.id)
    hub.repository(repo.storage).remove()
    hub.forget(repo.storage)
    hub.logs.remove(repo.id)
    large.release(hub, held)


def move(hub: Hub, repo: Repo, owner: str, name: str) -> Repo:
    """Give a repository another name. A Space answers under its new host name at once, and starts anew: its
    environment names the Space. Raises Taken, Gone."""

    def rename(connection: sa.Connection) -> Repo:
        if not repos.lock(connection, repo.id):
            raise Gone(repo.full_name)
        _check_free(connection, repo.kind, owner, name, repo.id)
        if repo.kind == "space" and repo.sdk != "static":
            spaces.want(connection, repo.id)
        return repos.move(connection, repo, owner, name)

    moved = _written(hub, rename)
    target = hub.routes.of(repo.id)
    if target is not None and moved.subdomain:
        hub.routes.remove(repo.id)
        hub.routes.put(moved.subdomain, target)
    hub.changed(repo.id)
    return moved
