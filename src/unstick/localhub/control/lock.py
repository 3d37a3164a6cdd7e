"""The account gate: the moderation lock of a Space."""

from __future__ import annotations

import sqlalchemy as sa

from unstick.localhub.store import repos, schema, spaces
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.hub import Hub
    from unstick.localhub.store.repos import Repo


def enforce(hub: Hub, repo: Repo, wanted: bool) -> bool:
    """Lock a Space, or unlock one that this gate had locked; whether that changed anything. An unlocked Space
    stays paused until its owner restarts it. Raises SQLAlchemyError."""
    if wanted == repo.disabled:
        return False
    with hub.engine.begin() as connection:
        if wanted:
            spaces.want(connection, repo.id, again=False, desired="paused")
        elif not _locked_here(connection, repo.id):
            return False
        repos.update(connection, repo.id, disabled=wanted)
    return True


def _locked_here(connection: sa.Connection, repo: int) -> bool:
    """Whether the lock was this gate's: there was such a fault."""
    table = schema.faults
    of_this = sa.or_(table.c.repo.is_(None), table.c.repo == repo)
    wanted = sa.select(table.c.id).where(table.c.kind == "moderation-lock", of_this)
    return connection.execute(wanted).first() is not None
