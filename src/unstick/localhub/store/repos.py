"""Repositories and what the hub knows of each, without their files."""

from __future__ import annotations

import secrets
import time

import sqlalchemy as sa

from unstick.contract.network import subdomain
from unstick.localhub.store import schema
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any


class Repo(NamedTuple):
    """One repository. `kind` is space, model or dataset; `subdomain` '' for others than Spaces; `storage` the
    name of its folder; times in seconds since 1970."""

    id: int
    kind: str
    owner: str
    name: str
    subdomain: str | None
    storage: str
    visibility: str
    sdk: str
    created: float
    modified: float
    disabled: bool

    @property
    def full_name(self) -> str:
        """owner/name."""
        return f"{self.owner}/{self.name}"


def find(connection: sa.Connection, kind: str, owner: str, name: str) -> Repo | None:
    """The repository of this name (the Hub does not tell capitals apart), or None."""
    table = schema.repos
    wanted = (
        table.c.kind == kind,
        sa.func.lower(table.c.owner) == owner.lower(),
        sa.func.lower(table.c.name) == name.lower(),
    )
    row = connection.execute(sa.select(table).where(*wanted)).first()
    return None if row is None else Repo(*row)


def find_moved(connection: sa.Connection, kind: str, owner: str, name: str) -> Repo | None:
    """The repository that once had this name, or None."""
    row = connection.execute(sa.select(schema.moved.c.repo).where(*_once(kind, owner, name))).first()
    return None if row is None else get(connection, row.repo)


def _once(kind: str, owner: str, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    table = schema.moved
    return (
        table.c.kind == kind,
        sa.func.lower(table.c.owner) == owner.lower(),
        sa.func.lower(table.c.name) == name.lower(),
    )


def get(connection: sa.Connection, repo: int) -> Repo | None:
    """The repository with this id, or None."""
    row = connection.execute(sa.select(schema.repos).where(schema.repos.c.id == repo)).first()
    return None if row is None else Repo(*row)


def lock(connection: sa.Connection, repo: int) -> bool:
    """Hold a repository's row until the transaction ends; whether it is still there. SQLite holds all of them."""
    table = schema.repos
    return (
        connection.execute(
            sa.select(table.c.id).where(table.c.id == repo).with_for_update(key_share=True)
        ).first()
        is not None
    )


def by_subdomain(connection: sa.Connection, label: str) -> Repo | None:
    """The Space of a host label, or None."""
    row = connection.execute(sa.select(schema.repos).where(schema.repos.c.subdomain == label)).first()
    return None if row is None else Repo(*row)


def add(
    connection: sa.Connection,
    kind: str,
    owner: str,
    name: str,
    visibility: str,
    sdk: str = "",
    storage: str = "",
) -> Repo:
    """Enter a new repository. Its files are made by the caller, before: a folder without a row is swept up, a
    row without a folder would be a loss. A redirect from its name ends."""
    now = time.time()
    values: dict[str, Any] = {
        "kind": kind, "owner": owner, "name": name, "visibility": visibility, "sdk": sdk, "created": now,
        "modified": now, "storage": storage or secrets.token_hex(16),
        "subdomain": free_subdomain(connection, owner, name) if kind == "space" else None,
    }  # fmt: skip
    connection.execute(schema.moved.delete().where(*_once(kind, owner, name)))
    connection.execute(schema.repos.insert().values(**values))
    made = find(connection, kind, owner, name)
    assert made is not None
    return made


def free_subdomain(connection: sa.Connection, owner: str, name: str) -> str:
    """The host label of a Space. What the platform does when two Spaces ask for the same one, or one is longer
    than a label may be (63), is not known: here the later one gets a number, the longer one is cut."""
    wanted = subdomain(owner, name)[:63].strip("-")
    label, number = wanted, 2
    while by_subdomain(connection, label) is not None:
        label = f"{wanted[: 62 - len(str(number))]}-{number}"
        number += 1
    return label


def update(connection: sa.Connection, repo: int, **values: Any) -> None:
    """Change columns of a repository."""
    connection.execute(schema.repos.update().where(schema.repos.c.id == repo).values(**values))


def move(connection: sa.Connection, repo: Repo, owner: str, name: str) -> Repo:
    """Give a repository another name, and a Space the host label of that; the name before leads here from now on."""
    now: dict[str, Any] = {"owner": owner, "name": name, "modified": time.time()}
    if repo.kind == "space":
        update(connection, repo.id, subdomain=None)
        now["subdomain"] = free_subdomain(connection, owner, name)
    connection.execute(schema.moved.delete().where(*_once(repo.kind, owner, name)))
    connection.execute(schema.moved.delete().where(*_once(repo.kind, repo.owner, repo.name)))
    if (owner.lower(), name.lower()) != (repo.owner.lower(), repo.name.lower()):
        connection.execute(
            schema.moved.insert().values(kind=repo.kind, owner=repo.owner, name=repo.name, repo=repo.id)
        )
    update(connection, repo.id, **now)
    return repo._replace(**now)


def delete(connection: sa.Connection, repo: int) -> None:
    """Remove the row of a repository, and with it all that is kept of it in the database."""
    connection.execute(schema.repos.delete().where(schema.repos.c.id == repo))


def storages(connection: sa.Connection) -> dict[str, int]:
    """The storage folders that belong to a repository, with its id."""
    return {
        row.storage: row.id
        for row in connection.execute(sa.select(schema.repos.c.storage, schema.repos.c.id))
    }
