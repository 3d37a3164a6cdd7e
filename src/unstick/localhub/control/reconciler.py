"""One Space: reads what is wanted and what became known, decides, acts, writes down what is."""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import shutil
import time

from sqlalchemy.exc import SQLAlchemyError

from unstick.localhub.control import lock, state, tenure
from unstick.localhub.control import machine as m
from unstick.localhub.control.handle import Handle
from unstick.localhub.control.settings import not_mounted, storage_of, task_of
from unstick.localhub.metrics import Sample
from unstick.localhub.routes import Target
from unstick.localhub.store import repos, spaces
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from unstick.localhub.control.builds import BuildQueue
    from unstick.localhub.hub import Hub

RETRY = 1.0
"""Seconds after which a database that did not answer is asked again."""

FAULTS = (
    "stage-frozen", "probe-blind", "queue-stalled", "logs-empty", "no-capacity", "unschedulable", "push-refused",
    "restart-ignored", "stage-flapping", "moderation-lock", "evicted",
)  # fmt: skip
"""The faults that act here."""

REFUSED = "ERROR: failed to push localhub/{id}: unexpected status from HEAD request: 401 Unauthorized"


class Known(NamedTuple):
    """The newest that the records said."""

    row: spaces.Row
    repo: repos.Repo
    head: str
    faults: frozenset[str]


class Reconciler:
    """The only one that writes what is of a Space. `run` is never called twice at once for it; `wake` is to be
    called when there is something to do; `swept` when a worker may have left something behind."""

    def __init__(
        self, hub: Hub, repo: int, builds: BuildQueue, wake: Callable[[int], None], swept: Callable[[], None]
    ) -> None:
        self.hub, self.repo, self.builds, self.wake, self.swept = hub, repo, builds, wake, swept
        self.machine: m.Machine | None = None
        self.handles: dict[int, Handle] = {}
        self.known: Known | None = None
        self.gone = False
        self._events: queue.SimpleQueue[m.Event] = queue.SimpleQueue()
        self._built_log = 0
        self._run_log = (0, 0)
        self._later = False
        self._timing = m.Timing(
            hub.settings.queue_timeout, hub.settings.build_timeout, hub.settings.start_timeout,
            hub.settings.sleep_after,
        )  # fmt: skip

    def run(self) -> float | None:
        """Bring what is closer to what is wanted; gives the time of the next look, None for when there is news."""
        self._later = False
        away = not self._read()
        if self.gone:
            self.close()
            self.hub.logs.remove(self.repo)
            shutil.rmtree(storage_of(self.hub, self.repo), ignore_errors=True)
            return None
        if self.known is None:
            return time.time() + RETRY
        if self.machine is None:
            self.machine = m.remembered(self.known.row)
        given = self._step()
        # Whoever reads RUNNING finds the route: it is there before, and gone after.
        served = self.machine.route is not None
        if served:
            self._act(self.known)
        written = self._write(self.known)
        if not served:
            self._act(self.known)
        following = state.next_look(self.machine, given)
        retry = time.time() + RETRY if away or self._later or not written else None
        return min((at for at in (following, retry) if at is not None), default=None)

    def close(self) -> None:
        """End all versions of the Space."""
        self.hub.routes.remove(self.repo)
        self.hub.metrics.forget(self.repo)
        self.builds.release(self.repo)
        for handle in self.handles.values():
            handle.end()
        self.handles.clear()

    def _read(self) -> bool:
        """Take in the records; False when they cannot be read now: then those of before count."""
        try:
            with self.hub.reads.begin() as connection:
                row, repo = spaces.get(connection, self.repo), repos.get(connection, self.repo)
            if row is None or repo is None:
                self.gone = True
                return True
            head = self.hub.repository(repo.storage).head()
            faults = (kind for kind in FAULTS if self.hub.faults.on(kind, self.repo))
            self.known = Known(row, repo, head, frozenset(faults))
        except (SQLAlchemyError, OSError):
            return False
        return True

    def _step(self) -> m.Inputs:
        """Decide until nothing moves by itself any more."""
        assert self.known is not None and self.machine is not None
        row, repo, head, faults = self.known
        events = tuple(self._drained())
        while True:
            queued = self.machine.coming is not None and self.machine.coming.phase == m.QUEUED
            slot = queued and self.builds.ask(self.repo, stalled="queue-stalled" in faults)
            given = m.Inputs(row, head, repo.disabled, faults, slot, events, time.time(), self._timing)
            after = state.step(self.machine, given)
            same, self.machine, events = after == self.machine, after, ()
            if same:
                return given

    def _drained(self) -> list[m.Event]:
        out = []
        while not self._events.empty():
            out.append(self._events.get())
        return out

    def _act(self, known: Known) -> None:
        """Make routes, workers and logs what the machine says. Each of these is what it has to be already, or is
        made so: nothing is lost when one of them fails."""
        assert self.machine is not None
        now = self.machine
        wanted = {version.number: version for version in now.versions}
        self._route(known, now)
        for number in [number for number in self.handles if number not in wanted]:
            self.handles.pop(number).end()
        if now.coming is None or now.coming.phase not in (m.QUEUED, m.BUILDING):
            self.builds.release(self.repo)
        for version in wanted.values():
            self._announce(known, version)
            self._serve(known, version)

    def _route(self, known: Known, now: m.Machine) -> None:
        handle = self.handles.get(now.route) if now.route is not None else None
        label = known.repo.subdomain or ""
        target = Target(self.repo, handle.door, handle.replica) if handle is not None else None
        if target is None:
            self.hub.routes.remove(self.repo)
            self.hub.metrics.forget(self.repo)
        elif self.hub.routes.find(label) != target:
            self.hub.routes.remove(self.repo)
            self.hub.routes.put(label, target)
        else:
            self.hub.routes.check(self.repo)

    def _announce(self, known: Known, version: m.Version) -> None:
        """Begin the logs of a new version and of a new start; those before it are not listened to any more."""
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(version.since))
        if version.number > self._built_log:
            self._built_log = version.number
            self.hub.logs.clear(self.repo, "build")
            self._line("build", f"===== Build Queued at {at} / Commit SHA: {version.commit[:7]} =====")
            self._line("build", "")
            for place in not_mounted(known.row):
                self._line("build", f"not as on the platform: nothing is mounted on {place}")
        if version.phase == m.STARTING and (version.number, version.starts) > self._run_log:
            if version.number > self._run_log[0]:  # what is said before a crash stays in the log
                self.hub.logs.clear(self.repo, "run")
            self._run_log = (version.number, version.starts)
            self._line("run", f"===== Application Startup at {at} =====")
            self._line("run", "")

    def _serve(self, known: Known, version: m.Version) -> None:
        """Let the worker of a version do what its phase asks for."""
        handle = self.handles.get(version.number)
        if handle is None:
            if version.phase == m.BUILDING:
                self._spawn(known, version)
            elif version.phase != m.QUEUED:
                self._event(m.Event(version.number, "lost"))
        elif version.phase == m.STARTING and handle.starts < version.starts:
            handle.start(version.starts)
        elif version.phase in (m.RESTING, m.WAITING) and not handle.resting:
            handle.rest()

    def _spawn(self, known: Known, version: m.Version) -> None:
        # Not the name that a worker of the hub before uses, and may be about to remove.
        name = f"{self.repo}-{version.number}-{secrets.token_hex(4)}"
        door = os.path.join(self.hub.settings.folder("versions"), name)
        try:
            task = task_of(self.hub, known.repo, known.row, version, door)
            self.handles[version.number] = Handle(version.number, task, self._told, self._ended)
        except SQLAlchemyError:
            self._later = True
        except OSError:
            self._event(m.Event(version.number, "lost"))

    def _told(self, handle: Handle, message: dict[str, Any]) -> None:
        """A message of a worker, in that worker's thread."""
        kind = message.pop("event", "")
        if kind == "lines":
            for log, at, text in message["lines"]:
                if handle.number == (self._built_log if log == "build" else self._run_log[0]):
                    self._line(log, text, at)
            return
        if kind == "built":
            self._push()
        if kind == "used":
            self._measured(handle, message)
            return
        broken = kind == "broken"
        final = {"final": True, "start": handle.starts} if broken else {}
        if broken:
            kind = "ended" if handle.starts else "failed"
            message["message"] = f"unstick itself failed: {message.get('message', '')}"
        names = {"start", "final", "stage", "message", "timeout", "still"} & message.keys()
        self._event(m.Event(handle.number, kind, **{name: message[name] for name in names} | final))

    def _push(self) -> None:
        """The step after a build: its image goes to the registry, which may refuse it."""
        assert self.known is not None
        self._line("build", "--> Pushing image")
        refused = "push-refused" in self.known.faults
        self._line("build", REFUSED.format(id=self.known.repo.full_name) if refused else "DONE")

    def _measured(self, handle: Handle, message: dict[str, Any]) -> None:
        """What a version uses, while visitors are sent to it."""
        target = self.hub.routes.of(self.repo)
        if target is not None and target.replica == handle.replica:
            self.hub.metrics.put(self.repo, Sample(message["at"], message["cpu"], message["memory"]))

    def _ended(self, handle: Handle, code: int) -> None:
        """A worker is gone, in that worker's thread."""
        if code:
            self.swept()
        if not handle.ending:
            self._event(m.Event(handle.number, "lost"))

    def _event(self, event: m.Event) -> None:
        self._events.put(event)
        self.wake(self.repo)

    def _line(self, log: str, text: str, at: float | None = None) -> None:
        """The log collector: takes what was redacted by the worker."""
        if not self.gone and self.known is not None and "logs-empty" not in self.known.faults:
            with contextlib.suppress(OSError):  # a full disk does not stop the Space
                self.hub.logs.append(self.repo, log, text, at)

    def _write(self, known: Known) -> bool:
        """Write down what is, as far as it is not there yet; False when the database does not take it now."""
        assert self.machine is not None
        now, row = self.machine, known.row
        frozen = m.STAGE_COLUMNS if "stage-frozen" in known.faults else ()
        values: dict[str, Any] = {
            name: getattr(now, name)
            for name in m.OBSERVED
            if name not in frozen and getattr(now, name) != getattr(row, name)
        }
        if row.wake and now.stage != "SLEEPING":
            values["wake"] = False
        try:
            locked = lock.enforce(self.hub, known.repo, "moderation-lock" in known.faults)
            if values:
                with self.hub.engine.begin() as connection:
                    tenure.hold(connection, self.hub.tenure)
                    spaces.observe(connection, self.repo, note=now.note, **values)
        except (SQLAlchemyError, OSError):
            return False
        self.machine = now._replace(note="")
        if values or locked:
            self.hub.changed(self.repo)
        if locked:  # the records are others than those that were decided on
            self.wake(self.repo)
        return True
