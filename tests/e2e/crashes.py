"""Kills parts of a local Hub at random instants, and looks whether anything was lost or is left.

One round: something is asked for (create, push, restart, factory rebuild, pause), and at a random moment within
the next seconds the hub, a worker (builder and container in one process), the app inside it, or the database is
killed. What has been killed is started again, and then has to hold: every acknowledged repository is there, every
acknowledged commit is in its history, every Space ends in a stage that does not pass by itself within the
deadlines, and no process or folder is left of anybody who is gone.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from e2e.hubs import RunningHub
from e2e.postgres import Server
from unstick.contract.stages import STAGES
from unstick.rehearse import registry

TRANSIENT = {stage.id for stage in STAGES if stage.transient}
VICTIMS = ("hub", "worker", "app", "database")
DEEDS = ("create", "push", "restart", "factory", "pause")
LATEST = 4.0
"""The kill comes within so many seconds after the deed began."""

SETTLED = 120.0
"""Seconds within which every Space has to reach a stage that lasts: builds, queue and start together have less."""

FILES = {
    "README.md": b"---\ntitle: Crash\nsdk: docker\n---\n",
    "Dockerfile": b"FROM python:3.11-slim\nRUN sleep 0.5\nUSER 1000\nWORKDIR /home\nCMD python3 -m http.server 7860\n",
}
STATIC = {"README.md": b"---\ntitle: Crash\nsdk: static\n---\n", "index.html": b"<h1>here</h1>"}


class Round(NamedTuple):
    """What one round did: `after` seconds from the deed to the kill; `answered` whether the deed was
    acknowledged."""

    number: int
    deed: str
    victim: str
    after: float
    answered: bool


class Crashes:
    """A hub under attack. `database` kills the database and starts it again (None: SQLite, there is none)."""

    def __init__(self, hub: RunningHub, seed: int, database: Callable[[], None] | None = None) -> None:
        self.hub, self.database = hub, database
        self.random = random.Random(seed)
        self.owner = hub.api().whoami()["name"]
        self.commits: dict[str, list[str]] = {}
        self.rounds: list[Round] = []

    def round(self) -> Round:
        """One deed, one kill, one recovery."""
        victims = [name for name in VICTIMS if name != "database" or self.database]
        deed = self.random.choice(DEEDS) if self.commits else "create"
        victim, after = self.random.choice(victims), self.random.uniform(0.0, LATEST)
        answered = threading.Event()
        doing = threading.Thread(target=self._do, args=(deed, answered), daemon=True)
        doing.start()
        time.sleep(after)
        self._kill(victim)
        doing.join(60)
        assert not doing.is_alive(), f"{deed} never ended after the kill of the {victim}"
        done = Round(len(self.rounds), deed, victim, after, answered.is_set())
        self.rounds.append(done)
        return done

    def _do(self, deed: str, answered: threading.Event) -> None:
        """Ask for it; what is acknowledged is remembered, what fails was not promised."""
        api = self.hub.api()
        with contextlib.suppress(Exception):
            if deed == "create":
                name = f"{self.owner}/crash-{len(self.commits)}-{self.random.randrange(10**6)}"
                files = STATIC if self.random.random() < 0.3 else FILES
                sdk = "static" if files is STATIC else "docker"
                api.create_repo(name, repo_type="space", space_sdk=sdk)
                self.commits[name] = []
                self._commit(api, name, files)
            elif deed == "push":
                name = self._any()
                self._commit(api, name, {"notes.txt": str(self.random.random()).encode()})
            else:
                call = {"restart": {}, "factory": {"factory_reboot": True}}.get(deed)
                name = self._any()
                if call is None:
                    api.pause_space(name)
                else:
                    api.restart_space(name, **call)
            answered.set()

    def _commit(self, api: Any, name: str, files: dict[str, bytes]) -> None:
        from huggingface_hub import CommitOperationAdd

        operations = [CommitOperationAdd(path, io.BytesIO(data)) for path, data in files.items()]
        done = api.create_commit(name, operations, commit_message="a commit", repo_type="space")
        self.commits[name].append(done.oid)

    def _any(self) -> str:
        return self.random.choice(sorted(self.commits))

    def _kill(self, victim: str) -> None:
        if victim == "hub":
            self.hub.kill()
            self.hub.start()
        elif victim == "database" and self.database:
            self.database()
        else:
            found = workers(self.hub.process.pid) if victim == "worker" else apps(self.hub.process.pid)
            if found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.random.choice(found), signal.SIGKILL)

    def check(self) -> None:
        """Wait until everything lasts, then look for what was lost and what is left."""
        api = self.hub.api()
        until = time.monotonic() + SETTLED
        while True:
            stages = {name: stage(api, name) for name in self.commits}
            passing = {name: found for name, found in stages.items() if found in (*TRANSIENT, "")}
            if not passing:
                break
            assert time.monotonic() < until, f"still passing after {SETTLED:.0f} s: {passing}\n{self.told()}"
            time.sleep(0.5)
        for name, wanted in self.commits.items():
            history = {row.commit_id for row in api.list_repo_commits(name, repo_type="space")}
            lost = [oid for oid in wanted if oid not in history]
            assert not lost, f"{name} lost {lost}\n{self.told()}"
        self._nothing_left()

    def _nothing_left(self) -> None:
        until = time.monotonic() + 30
        while True:
            folders = registry.dead(os.listdir(registry.top())) if os.path.isdir(registry.top()) else []
            orphans = orphaned_workers()
            if not folders and not orphans:
                return
            assert time.monotonic() < until, f"left: folders {folders}, processes {orphans}\n{self.told()}"
            time.sleep(0.5)

    def told(self) -> str:
        """The rounds so far and what the hub said, for a failure's message."""
        rows = [f"{r.number}: {r.deed}, {r.victim} killed after {r.after:.2f} s" for r in self.rounds[-12:]]
        return "\n".join(rows) + "\n" + self.hub.said()[-3000:]


def stage(api: Any, name: str) -> str:
    """The stage of a Space, '' while the hub does not answer."""
    try:
        return str(api.get_space_runtime(name).stage)
    except Exception:
        return ""


def processes() -> dict[int, tuple[int, str]]:
    """Every process: pid → its parent and its command line."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = Path(f"/proc/{entry}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                line = (
                    Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
                found[int(entry)] = (int(stat[1]), line)
    return found


def workers(hub: int) -> list[int]:
    """The workers of a hub."""
    return [pid for pid, (parent, line) in processes().items() if parent == hub and "control.worker" in line]


def apps(hub: int) -> list[int]:
    """The servers inside the workers of a hub."""
    known = processes()
    below = set(workers(hub))
    for _ in range(8):
        below |= {pid for pid, (parent, _) in known.items() if parent in below}
    return [pid for pid in below if "http.server" in known.get(pid, (0, ""))[1]]


def orphaned_workers() -> list[int]:
    """Workers whose hub is gone."""
    return [pid for pid, (parent, line) in processes().items() if parent == 1 and "control.worker" in line]


def crash_database(server: Server) -> None:
    """Kill -9 a database server with all its processes, and start it again."""
    main = int((server.folder / "data/postmaster.pid").read_text().split()[0])
    family = [main, *(pid for pid, (parent, _) in processes().items() if parent == main)]
    for pid in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in family) and time.monotonic() < until:
        time.sleep(0.05)
    server.start()
