"""Kills parts of a local Hub at random instants, and looks whether anything was lost or is left.

One round: something is asked for (create, push, restart, factory rebuild, pause), and at a random moment within
the next seconds the hub, a worker, a builder (with Docker: the client that builds), the app (with Docker: its
container) or the database is killed.
What has been killed is started again, and then has to hold: every acknowledged repository is there, every
acknowledged commit is in its history, every Space ends in a stage that does not pass by itself within the
deadlines, and no process, container or folder is left of anybody who is gone.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import subprocess
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
VICTIMS = ("hub", "worker", "app", "database", "builder")
DOCKER = "/usr/bin/docker"
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
    """A hub under attack. `database` kills the database and starts it again (None: SQLite, there is none);
    `docker`: the hub runs with that backend."""

    def __init__(
        self, hub: RunningHub, seed: int, database: Callable[[], None] | None = None, *, docker: bool = False
    ) -> None:
        self.hub, self.database, self.docker = hub, database, docker
        self.hit = 0
        self.random = random.Random(seed)
        self.owner = hub.api().whoami()["name"]
        self.commits: dict[str, list[str]] = {}
        self.rounds: list[Round] = []

    def round(self) -> Round:
        """One deed, one kill, one recovery."""
        without = {*(() if self.database else ("database",)), *(() if self.docker else ("builder",))}
        victims = [name for name in VICTIMS if name not in without]
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
        pid = self.hub.process.pid
        if victim == "hub":
            self.hub.kill()
            self.hub.start()
        elif victim == "database" and self.database:
            self.database()
        elif victim == "app" and self.docker:
            below = {str(worker) for worker in workers(pid)}
            found = [name for name, owner in containers() if owner.partition("-")[0] in below]
            if not found:
                return
            docker("kill", self.random.choice(found))
        else:
            living = {"worker": workers, "app": apps, "builder": builders}[victim](pid)
            if not living:
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.random.choice(living), signal.SIGKILL)
        self.hit += 1

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
            left = [name for name, owner in containers() if not registry.alive(owner)] if self.docker else []
            if not folders and not orphans and not left:
                return
            assert time.monotonic() < until, (
                f"left: folders {folders}, processes {orphans}, containers {left}\n{self.told()}"
            )
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
    return _below(hub, "http.server")


def builders(hub: int) -> list[int]:
    """The clients of Docker that build for a hub."""
    return _below(hub, "--progress=plain")


def _below(hub: int, words: str) -> list[int]:
    """The processes inside the workers of a hub with these words in their command."""
    known = processes()
    below = set(workers(hub))
    for _ in range(8):
        below |= {pid for pid, (parent, _) in known.items() if parent in below}
    return [pid for pid in below if words in known.get(pid, (0, ""))[1]]


def docker(*words: str) -> str:
    """What Docker says to a command; '' when it fails: what is to be killed can be gone."""
    done = subprocess.run([DOCKER, *words], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout if done.returncode == 0 else ""


def containers() -> list[tuple[str, str]]:
    """The containers of rehearsals and hubs, with the owner of each."""
    form = f'{{{{.ID}}}} {{{{.Label "{registry.LABEL}"}}}}'
    lines = docker("ps", "--all", "--filter", f"label={registry.LABEL}", "--format", form).splitlines()
    return [(line.split()[0], line.split()[1]) for line in lines if len(line.split()) == 2]


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
