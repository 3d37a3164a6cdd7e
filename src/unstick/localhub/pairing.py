"""A database and a data folder belong together: each has only half of every repository.

Both carry the same number. Without it, a hub that is started with the wrong one of them would take every
repository for a leftover, and tidy it away.
"""

from __future__ import annotations

import os
import secrets

from unstick.errors import UsageError
from unstick.localhub import credentials
from unstick.localhub.store import meta, repos
from unstick.localhub.store.database import shown
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.hub import Hub

FILE = "pair"
"""The file in the data folder, and the row of `meta`, with the number."""

FOLDER = "folder"
"""The row of `meta` with the path of the data folder at the last start."""


def pair(hub: Hub) -> None:
    """See that database and data folder belong together, and note it when they are new. Raises UsageError when they
    do not."""
    folder = os.path.abspath(hub.settings.data)
    there = {name.removesuffix(".git") for name in os.listdir(hub.settings.folder("repositories"))}
    mine = credentials.read(folder, FILE)
    with hub.engine.begin() as connection:
        theirs, before = meta.get(connection, FILE), meta.get(connection, FOLDER)
        known = set(repos.storages(connection))
        if not mine or mine != theirs:
            # New ones, or from before there was a number, or a start that was killed between two lines here.
            new = not known and not there
            if not new and (not known & there or (mine and theirs)):
                raise _mismatch(hub, bool(known), before)
            mine = secrets.token_hex(8)
            credentials.write(os.path.join(folder, FILE), mine)
            meta.put(connection, FILE, mine)
        if before != folder:
            meta.put(connection, FOLDER, folder)


def _mismatch(hub: Hub, known: bool, before: str) -> UsageError:
    folder, database = hub.settings.data, shown(hub.settings.database_url)
    if known:
        last = f" (the last was {before})" if before else ""
        return UsageError(
            f"the repositories of {database} are in another data folder{last}, not in {folder}", where="--data",
            todo="Name that folder, or an empty database with --database.",
        )  # fmt: skip
    return UsageError(
        f"the repositories in {folder} belong to another database, {database} knows none of them",
        where="--database", todo="Name the database that the folder was used with, or another folder with --data.",
    )  # fmt: skip
