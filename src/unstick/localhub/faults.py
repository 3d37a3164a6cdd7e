"""The faults that can be switched on, and which of them are.

A fault acts in the component it names, which asks `Faults.on`; never on an answer.
"""

from __future__ import annotations

import contextlib
import threading
import time

import sqlalchemy as sa

from unstick.localhub.store import schema
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any


class Kind(NamedTuple):
    """One kind of fault: `component` is where it acts, `does` what happens there, `pattern` the public report
    pattern that it reproduces, `seen` what people see of it. `whole` kinds hit the hub, not one Space."""

    id: str
    component: str
    does: str
    pattern: str
    seen: str
    whole: bool = False


KINDS = (
    Kind(
        "stage-frozen",
        "reconciler",
        "stops writing the stage that it observes",
        "Starting/Preparing for hours, app announced itself in the run log",
        "stage stays APP_STARTING, the app answers",
    ),
    Kind(
        "route-forgotten",
        "route table",
        "loses the Space's route",
        "RUNNING, and the URL answers 404 or 503",
        "RUNNING, logs fine, URL does not answer",
    ),
    Kind(
        "probe-blind",
        "readiness probe",
        "never sees the app's socket",
        "Starting/Preparing for hours, app announced itself in the run log",
        "APP_STARTING until 'Launch timed out'",
    ),
    Kind(
        "queue-stalled",
        "build queue",
        "never gives the build to a builder",
        "Build queued, no builder log",
        "BUILDING, the build log has only its queue line",
    ),
    Kind(
        "logs-empty",
        "log collector",
        "drops every line",
        "Failed to retrieve error logs: SSE is not enabled",
        "empty log streams",
    ),
    Kind(
        "no-capacity",
        "scheduler",
        "finds no machine of the flavour",
        "Scheduling failure: not enough hardware capacity",
        "RUNTIME_ERROR, hardware.current null",
    ),
    Kind(
        "unschedulable",
        "scheduler",
        "gives up",
        "Scheduling failure: unable to schedule",
        "RUNTIME_ERROR, hardware.current null",
    ),
    Kind(
        "push-refused",
        "image push",
        "the registry refuses the builder's login",
        "image push refused, registry 401, Unexpected job error",
        "BUILD_ERROR although each step is done",
    ),
    Kind(
        "restart-ignored",
        "intent reader",
        "passes over restarts and factory rebuilds",
        "restart changes nothing",
        "a restart is accepted, and nothing happens",
    ),
    Kind(
        "proxy-503",
        "router",
        "fails to connect to the app",
        "503 from the proxy while RUNNING",
        "RUNNING, 503 from the edge",
    ),
    Kind(
        "stage-flapping",
        "liveness probe",
        "calls the app dead every few seconds",
        "runtime flips between RUNNING and APP_STARTING",
        "a stage that flaps",
    ),
    Kind(
        "moderation-lock",
        "account gate",
        "locks the Space",
        "Flagged as abusive; Queued, then Paused",
        "PAUSED, restart refused, disabled",
    ),
    Kind(
        "storage-full",
        "repository quota",
        "counts the repository as full",
        "Repository storage limit reached (Max: 1 GB)",
        "pushes are refused",
    ),
    Kind(
        "evicted",
        "kubelet",
        "evicts the workload for its disk",
        "Workload evicted, storage limit exceeded (50G)",
        "RUNTIME_ERROR",
    ),
    Kind(
        "api-slow",
        "API front",
        "waits 5 s before each call is handled",
        "slow API",
        "calls take seconds",
        True,
    ),
    Kind(
        "api-failing",
        "API front",
        "fails every second call",
        "500s of the API",
        "500 and 503 from the API",
        True,
    ),
    Kind(
        "incident",
        "status page",
        "an incident is declared",
        "status.huggingface.co shows degraded Spaces",
        "a red component",
        True,
    ),
)
"""Patterns are those of public reports (reference: platform-side stuck patterns)."""

FRESH = 0.25
"""Seconds for which the answer of the database is kept."""


class Fault(NamedTuple):
    """A fault that is on: `repo` None hits every Space; times in seconds since 1970, `until` None for ever."""

    id: int
    kind: str
    repo: int | None
    since: float
    until: float | None


class Faults:
    """Which faults are on; asked often, from any thread."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._known: tuple[Fault, ...] = ()
        self._asked = 0.0
        self._switched = 0
        self._lock = threading.Lock()

    def on(self, kind: str, repo: int | None = None) -> bool:
        """Whether a fault of this kind is on for a Space (or, without one, for the hub). While the database does
        not answer, what was on before still is."""
        now = time.time()
        if now - self._asked > FRESH:
            self._look(now)
        return any(
            fault.kind == kind and fault.repo in (None, repo) and (fault.until is None or fault.until > now)
            for fault in self._known
        )

    def _look(self, now: float) -> None:
        before, known = self._switched, self._known
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            known = self.active()
        with self._lock:
            if before == self._switched:  # else one was switched meanwhile: the next one to ask looks again
                self._known, self._asked = known, now

    def active(self) -> tuple[Fault, ...]:
        """All that are on now."""
        now = time.time()
        table = schema.faults
        wanted = sa.or_(table.c.until.is_(None), table.c.until > now)
        with self._engine.execution_options(unstick_reads=True).begin() as connection:
            rows = connection.execute(sa.select(table).where(wanted).order_by(table.c.id)).all()
        return tuple(Fault(row.id, row.kind, row.repo, row.since, row.until) for row in rows)

    def set(self, kind: str, repo: int | None = None, seconds: float | None = None) -> Fault:
        """Switch one on, for some seconds or until it is cleared. Raises KeyError for an unknown kind."""
        if kind not in {known.id for known in KINDS}:
            raise KeyError(kind)
        now = time.time()
        values: dict[str, Any] = {
            "kind": kind,
            "repo": repo,
            "since": now,
            "until": now + seconds if seconds else None,
        }
        with self._engine.begin() as connection:
            key = connection.execute(schema.faults.insert().values(**values)).inserted_primary_key
        self._forget()
        return Fault(int(key[0]) if key else 0, kind, repo, now, values["until"])

    def clear(self, kind: str | None = None, repo: int | None = None) -> int:
        """Switch off the faults of a kind (None: all) of a Space (None: of all); gives how many were on."""
        now = time.time()
        table = schema.faults
        wanted = [sa.or_(table.c.until.is_(None), table.c.until > now)]
        wanted += [table.c.kind == kind] if kind else []
        wanted += [table.c.repo == repo] if repo is not None else []
        with self._engine.begin() as connection:
            done = connection.execute(table.update().where(*wanted).values(until=now))
        self._forget()
        return int(done.rowcount)

    def _forget(self) -> None:
        with self._lock:
            self._switched += 1
            self._asked = 0.0
