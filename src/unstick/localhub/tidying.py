"""What a crash can leave on disk, swept up at start-up."""

from __future__ import annotations

import os
import shutil

from unstick.localhub.store import repos
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.hub import Hub


def tidy(hub: Hub) -> int:
    """Remove repositories and logs that no row of the database names; gives how many there were.

    Only before the hub takes calls: a repository that is being made has no row yet.
    """
    with hub.reads.begin() as connection:
        known = repos.storages(connection)
    ids = {str(repo) for repo in known.values()}
    count = 0
    for name in os.listdir(hub.settings.folder("repositories")):
        if name.removesuffix(".git") not in known:
            count += _remove(os.path.join(hub.settings.folder("repositories"), name))
    for name in os.listdir(hub.settings.folder("logs")):
        if name.partition("-")[0] not in ids:
            count += _remove(os.path.join(hub.settings.folder("logs"), name))
    return count


def _remove(path: str) -> int:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        os.unlink(path)
    return 1
