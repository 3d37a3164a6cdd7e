"""What a local Hub is started with, and the limits that it keeps."""

from __future__ import annotations

import os

from unstick.database_url import url_of
from unstick.record import NamedTuple


class Settings(NamedTuple):
    """One hub: `data` is its folder, `database` SQLAlchemy's URL ('' : SQLite in that folder), `port` 0 for any.

    `backend` is how Spaces are built and run (see `unstick.rehearse.choose`), `builds` how many builds run at
    once; `build_timeout` and `queue_timeout` are the deadlines of these steps in seconds, `start_timeout`
    replaces the start-up timeout of every README block when it is not None; `sleep_after` is the idle time in
    seconds of cpu-basic. The router answers 504 when an app has not begun its answer after `answer_timeout`
    seconds (0: it waits for ever); the platform was seen to cut such requests after about 60. `memory` and
    `disk` (bytes) are what a Space gets, instead of its hardware's, when they are not 0. `rate_limits` and
    `plan_checks` switch what the platform enforces.
    """

    data: str
    port: int = 0
    host: str = "127.0.0.1"
    database: str = ""
    backend: str = "auto"
    builds: int = 2
    build_timeout: float = 3600.0
    queue_timeout: float = 1800.0
    start_timeout: float | None = None
    sleep_after: float = 172_800.0
    answer_timeout: float = 60.0
    memory: int = 0
    disk: int = 0
    rate_limits: bool = False
    plan_checks: bool = False
    faults: bool = False
    large_files: str = "regular"

    @property
    def endpoint(self) -> str:
        """What HF_ENDPOINT has to be."""
        return f"http://{self.host}:{self.port}"

    @property
    def database_url(self) -> str:
        """The database, the one in the data folder where none was named. Raises UsageError for one that cannot be
        used."""
        named = self.database or os.path.join(os.path.abspath(self.data), "hub.db")
        return url_of(named).render_as_string(hide_password=False)

    def folder(self, name: str) -> str:
        """A folder of the hub: repositories, objects, logs, uploads, versions, volumes."""
        return os.path.join(os.path.abspath(self.data), name)
