"""The control loop of a hub: wakes the reconcilers of all Spaces, and cleans up after what was lost."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
import threading
import time
import traceback

from sqlalchemy.exc import SQLAlchemyError

from unstick.errors import UnreadableError, UsageError
from unstick.localhub import pairing
from unstick.localhub.control.builds import BuildQueue
from unstick.localhub.control.reconciler import Reconciler
from unstick.localhub.control.tenure import LOOK, Tenure
from unstick.localhub.store import spaces
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from unstick.localhub.hub import Hub

THREADS = 4
"""Reconcilers that work at once; what takes long is done by workers."""

TICK = 0.5
"""Seconds between two looks at the faults."""

RESYNC = 5.0
"""Seconds between two looks at all rows: a change that was told to nobody is found then."""

BROKEN = 5.0
"""Seconds until a reconciler that failed is tried again."""

SWEEP = 15.0
"""Seconds between two looks for what killed workers left: one that outlived a killed hub ends after the look at
the start. A look costs the listing of one folder."""

LEAVE = 20.0
"""Seconds that workers have to end in when the hub does."""


class Control:
    """The loop. Raises UsageError when another hub uses the data folder or the database, or the two do not belong
    together. When another takes the database later, the work ends, `replaced` says it and `end` is called."""

    def __init__(self, hub: Hub, end: Callable[[], None] = lambda: None) -> None:
        self.hub = hub
        self.replaced: UnreadableError | None = None
        self._end = end
        self._held = True
        self._lock_file = _locked(hub.settings.data)
        self._tenure = self._entered()
        self.builds = BuildQueue(hub.settings.builds, self.wake)
        self._reconcilers: dict[int, Reconciler] = {}
        self._dirty: dict[int, None] = {}
        self._busy: set[int] = set()
        self._timers: dict[int, float] = {}
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._sweep = threading.Event()
        self._mine = threading.local()
        self._threads: list[threading.Thread] = []
        self._stop_listening = hub.listen(self._heard)
        self._rows: dict[int, tuple[str, int, bool]] = {}

    def __enter__(self) -> Control:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Take up the work: everything that a stop or a kill of the hub left is looked at."""
        _clear(self.hub.settings.folder("versions"))
        self._sweep.set()
        for number in range(THREADS):
            self._thread(self._reconcile, f"reconciler {number}")
        self._thread(self._look, "tenure")
        self._thread(self._watch, "control")
        self._thread(self._clean, "sweeper")

    def stop(self) -> None:
        """End all versions and the loop. What is wanted stays as it is, for the next start."""
        self._stop_listening()
        self._stopping.set()
        self._sweep.set()
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            if thread.name != "sweeper":
                thread.join()
        handles = [handle for known in self._reconcilers.values() for handle in known.handles.values()]
        for reconciler in self._reconcilers.values():
            reconciler.close()
        until = time.monotonic() + LEAVE
        for handle in handles:
            with contextlib.suppress(Exception):
                handle.process.wait(max(0.1, until - time.monotonic()))
            handle.kill()
        self._tenure.close()
        self._lock_file.close()

    def wake(self, repo: int) -> None:
        """Look at a Space soon. From any thread."""
        with self._changed:
            self._dirty.setdefault(repo)
            self._changed.notify()

    def workers(self, repo: int) -> list[int]:
        """The process ids of a Space's workers."""
        known = self._reconcilers.get(repo)
        return [] if known is None else [handle.process.pid for handle in list(known.handles.values())]

    def _entered(self) -> Tenure:
        """Take the database; nothing stays taken when that fails."""
        with contextlib.ExitStack() as undo:
            undo.callback(self._lock_file.close)
            tenure = Tenure(self.hub)
            undo.callback(tenure.close)
            pairing.pair(self.hub)
            undo.pop_all()
        self.hub.tenure = tenure.name
        return tenure

    def _look(self) -> None:
        """See now and then that this hub is still the one of its database; the reconcilers wait while it is not."""
        while not self._stopping.wait(LOOK):
            try:
                held = self._tenure.holds()
            except UnreadableError as error:
                self._held, self.replaced = False, error
                self._end()
                return
            with self._changed:
                if held != self._held:
                    self._held = held
                    self._changed.notify_all()

    def _thread(self, target: object, name: str) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def _heard(self, repo: int) -> None:
        if not getattr(self._mine, "writing", False):
            self.wake(repo)

    def _reconcile(self) -> None:
        self._mine.writing = True  # what this thread changes it knows already
        while not self._stopping.is_set():
            repo = self._next()
            if repo is None:
                continue
            again: float | None = time.time() + BROKEN
            try:
                again = self._of(repo).run()
            except Exception:  # one Space's trouble is not that of the others
                print(f"unstick hub: the reconciler of Space {repo}", file=sys.stderr)
                traceback.print_exc()
            with self._changed:
                self._busy.discard(repo)
                if self._reconcilers[repo].gone:
                    del self._reconcilers[repo]
                elif again is not None:
                    self._timers[repo] = again
                self._changed.notify()

    def _of(self, repo: int) -> Reconciler:
        with self._changed:
            if repo not in self._reconcilers:
                self._reconcilers[repo] = Reconciler(self.hub, repo, self.builds, self.wake, self._sweep.set)
            return self._reconcilers[repo]

    def _next(self) -> int | None:
        """A Space that is to be looked at, and that nobody looks at now; None after a while without any."""
        with self._changed:
            now = time.time()
            for repo in [repo for repo, at in self._timers.items() if at <= now]:
                self._dirty.setdefault(repo)
                del self._timers[repo]
            free = (repo for repo in self._dirty if self._held and repo not in self._busy)
            found = next(free, None)
            if found is None:
                first = min(self._timers.values(), default=now + RESYNC)
                self._changed.wait(min(max(0.005, first - now), RESYNC))
                return None
            del self._dirty[found]
            self._timers.pop(found, None)
            self._busy.add(found)
            return found

    def _watch(self) -> None:
        """Notice what nobody told: faults that came and went, rows that changed, Spaces that are new or gone."""
        faults: object = None
        looked = 0.0
        while not self._stopping.is_set():
            with contextlib.suppress(SQLAlchemyError):
                active = self.hub.faults.active()
                if active != faults or time.monotonic() - looked > RESYNC:
                    changed, faults, looked = active != faults, active, time.monotonic()
                    self._resync(everything=changed)
            self._stopping.wait(TICK)

    def _resync(self, *, everything: bool) -> None:
        with self.hub.reads.begin() as connection:
            rows = {
                row.repo: (row.desired, row.generation, row.wake) for row in spaces.everything(connection)
            }
        for repo in {*rows, *self._reconcilers}:
            if everything or rows.get(repo) != self._rows.get(repo) or repo not in rows:
                self.wake(repo)
        self._rows = rows

    def _clean(self) -> None:
        """Remove what killed workers left: now, after each that was lost, and now and then."""
        from unstick.rehearse import sweeping

        while True:
            self._sweep.wait(SWEEP)
            self._sweep.clear()
            if self._stopping.is_set():
                return
            try:
                sweeping.sweep()
            except Exception:
                print("unstick hub: the sweeper", file=sys.stderr)
                traceback.print_exc()


def _locked(folder: str) -> IO[str]:
    """The data folder's lock, held until the file is closed."""
    path = os.path.join(folder, "lock")
    file = open(path, "w", encoding="ascii")  # noqa: SIM115
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise UsageError(
            f"another hub uses {folder}", where="--data", todo="Stop it, or name another folder."
        ) from None
    return file


def _clear(folder: str) -> None:
    """Remove the sockets of versions that are gone."""
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(folder, name))
