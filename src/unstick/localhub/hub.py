"""A local Hub: what its parts share."""

from __future__ import annotations

import os
import threading

from unstick.localhub.faults import Faults
from unstick.localhub.logs import Logs
from unstick.localhub.metrics import Metrics
from unstick.localhub.repository import Repository
from unstick.localhub.routes import RouteTable
from unstick.localhub.store.database import open_database, reading
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from unstick.localhub.settings import Settings

    Listener = Callable[[int], None]

FOLDERS = ("repositories", "objects", "logs", "uploads", "versions", "volumes")


class Hub:
    """The state of one hub: the database, repositories, logs, routes and faults.

    `engine` is the database for transactions that write, `reads` the same for those that only read. The API
    changes what is wanted and calls `changed(repo)`; whoever acts on changes (the control loop, the
    event streams) has subscribed with `listen`. `tenure` is the name under which the control loop holds the
    database ('' without one).
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        for name in FOLDERS:
            os.makedirs(settings.folder(name), mode=0o700, exist_ok=True)
        self.engine = open_database(settings.database_url)
        self.reads = reading(self.engine)
        self.faults = Faults(self.engine)
        self.logs = Logs(settings.folder("logs"))
        self.routes = RouteTable(self.faults)
        self.metrics = Metrics()
        self.tenure = ""
        self._repositories: dict[str, Repository] = {}
        self._listeners: list[Listener] = []
        self._enders: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def repository(self, storage: str) -> Repository:
        """The git repository in one storage folder: always the same object, so that its lock holds."""
        with self._lock:
            if storage not in self._repositories:
                path = os.path.join(self.settings.folder("repositories"), f"{storage}.git")
                self._repositories[storage] = Repository(path)
            return self._repositories[storage]

    def forget(self, storage: str) -> None:
        """Let go of a repository whose folder is removed."""
        with self._lock:
            self._repositories.pop(storage, None)

    def changed(self, repo: int) -> None:
        """Tell that something of a repository changed (wanted state, commits, stage). From any thread."""
        for listener in tuple(self._listeners):
            listener(repo)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(repo id)` after each change, in the thread that made it; gives the way to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def at_end(self, ender: Callable[[], None]) -> Callable[[], None]:
        """Call `ender` when the hub is about to end, so that what is without end does; gives the way to take that
        back."""
        self._enders.append(ender)
        return lambda: self._enders.remove(ender)

    def ending(self) -> None:
        """The hub is about to end."""
        for ender in tuple(self._enders):
            ender()

    def close(self) -> None:
        """Close the database."""
        self.engine.dispose()
