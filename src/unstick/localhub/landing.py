"""What follows a change of a repository's files, however it came in."""

from __future__ import annotations

import time

from unstick.localhub import metadata
from unstick.localhub.store import repos
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.hub import Hub
    from unstick.localhub.repository import Repository
    from unstick.localhub.store.repos import Repo


def landed(hub: Hub, repo: Repo) -> None:
    """Note that commits came in: the time, the SDK that the README declares now; and wake the control loop.

    The commits themselves are safe before this: what is wanted of a Space is main's commit, read from git.
    """
    sdk = declared_sdk(hub.repository(repo.storage)) if repo.kind == "space" else ""
    with hub.engine.begin() as connection:
        repos.update(connection, repo.id, modified=time.time(), **({"sdk": sdk} if sdk else {}))
    hub.changed(repo.id)
    hub.repository(repo.storage).compact()


def declared_sdk(repository: Repository) -> str:
    """The SDK that the README of main declares, '' for none."""
    head = repository.head()
    entry = repository.entry(head, "README.md") if head else None
    if entry is None or entry.kind != "file":
        return ""
    return metadata.verdict(repository.read(entry.oid, metadata.MOST_README), "space").sdk
