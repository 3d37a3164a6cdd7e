"""How much a repository may still take."""

from __future__ import annotations

from unstick.contract.limits import limit
from unstick.localhub.store import objects
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

    from unstick.localhub.hub import Hub
    from unstick.localhub.store.repos import Repo

ANY = 2**50


def room(hub: Hub, connection: sa.Connection, repo: Repo) -> int:
    """The bytes that still fit, 0 when it is full. Only Spaces have a limit that is known."""
    if hub.faults.on("storage-full", repo.id):
        return 0
    if repo.kind != "space":
        return ANY
    used = hub.repository(repo.storage).size() + objects.total(connection, repo.id)
    return max(0, limit("repository-bytes") - used)
