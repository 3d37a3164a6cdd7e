"""What a crash can leave on disk, swept up at start-up."""

from __future__ import annotations

import os
import shutil
import time

from unstick.localhub import large
from unstick.localhub.store import objects, repos
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.hub import Hub


def tidy(hub: Hub) -> int:
    """Remove repositories, logs, storage of Spaces and large files that no row of the database names, rows of large
    files that no repository has, and uploads that were not finished; gives how many there were, without the uploads.

    Only before the hub takes calls: what is being made has no row yet.
    """
    with hub.reads.begin() as connection:
        known = repos.storages(connection)
        left = objects.unheld(connection, time.time())
    large.release(hub, left)
    with hub.reads.begin() as connection:
        oids = objects.everything(connection)
    ids = {str(repo) for repo in known.values()}
    count = len(left)
    for name in os.listdir(hub.settings.folder("repositories")):
        if name.removesuffix(".git") not in known:
            count += _remove(os.path.join(hub.settings.folder("repositories"), name))
    for name in os.listdir(hub.settings.folder("logs")):
        if name.partition("-")[0] not in ids:
            count += _remove(os.path.join(hub.settings.folder("logs"), name))
    for name in os.listdir(hub.settings.folder("volumes")):
        if name.startswith("space-") and name.removeprefix("space-") not in ids:
            count += _remove(os.path.join(hub.settings.folder("volumes"), name))
    large.clear_uploads(hub.settings.folder("uploads"))
    for folder, _, files in os.walk(hub.settings.folder("objects")):
        for item in files:
            count += 0 if item in oids else _remove(os.path.join(folder, item))
    return count


def _remove(path: str) -> int:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        os.unlink(path)
    return 1
