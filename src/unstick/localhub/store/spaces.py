"""What is wanted of each Space, and what is."""

from __future__ import annotations

import time

import sqlalchemy as sa

from unstick.localhub.store import schema
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any


class Row(NamedTuple):
    """One Space, as the columns of `schema.spaces` say."""

    repo: int
    desired: str
    generation: int
    factory: int
    visited: float
    wake: bool
    stage: str
    since: float
    deadline: float | None
    owner: str
    message: str
    seen: int
    attempted: str
    sha: str
    restarts: int
    current_hardware: str | None
    hardware: str
    sleep: int | None
    dev_mode: bool
    replicas: int
    volumes: str
    storage: str | None = None


def get(connection: sa.Connection, repo: int) -> Row | None:
    """The row of a Space, or None."""
    row = connection.execute(sa.select(schema.spaces).where(schema.spaces.c.repo == repo)).first()
    return None if row is None else Row(*row)


def several(connection: sa.Connection, ids: list[int]) -> dict[int, Row]:
    """The rows of some Spaces, by their id."""
    table = schema.spaces
    out: dict[int, Row] = {}
    for start in range(0, len(ids), 500):
        chosen = sa.select(table).where(table.c.repo.in_(ids[start : start + 500]))
        out |= {row.repo: Row(*row) for row in connection.execute(chosen)}
    return out


def everything(connection: sa.Connection) -> list[Row]:
    """All Spaces."""
    return [Row(*row) for row in connection.execute(sa.select(schema.spaces).order_by(schema.spaces.c.repo))]


def add(connection: sa.Connection, repo: int, **values: Any) -> None:
    """Enter a new Space: it is wanted to run, and has no files yet."""
    first = {"repo": repo, "desired": "running", "stage": "NO_APP_FILE", "since": time.time()}
    connection.execute(schema.spaces.insert().values(**{**first, **values}))


def want(
    connection: sa.Connection, repo: int, *, again: bool = True, factory: bool = False, **values: Any
) -> None:
    """Change what is wanted, or a setting; `again` asks for a new start, `factory` for one without any cache."""
    table = schema.spaces
    if again or factory:
        values["generation"] = table.c.generation + 1
    if factory:
        values["factory"] = table.c.generation + 1
    if values:
        connection.execute(table.update().where(table.c.repo == repo).values(**values))


def observe(connection: sa.Connection, repo: int, *, note: str = "", **values: Any) -> None:
    """Write what is; a new stage goes into the history of changes, with `note` or the message of the stage. Only
    the Space's reconciler calls this."""
    table = schema.spaces
    stage = values.get("stage")
    if stage is not None:
        before = connection.execute(sa.select(table.c.stage).where(table.c.repo == repo)).scalar()
        if before is not None and before != stage:
            connection.execute(
                schema.changes.insert().values(
                    repo=repo,
                    at=time.time(),
                    before=before,
                    after=stage,
                    message=note or values.get("message", ""),
                )
            )
    connection.execute(table.update().where(table.c.repo == repo).values(**values))


def touch(connection: sa.Connection, repo: int, **values: Any) -> None:
    """Note a visit: its time, and that a sleeping Space is to wake (`wake=True`)."""
    connection.execute(
        schema.spaces.update().where(schema.spaces.c.repo == repo).values(visited=time.time(), **values)
    )
