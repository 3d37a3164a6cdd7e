"""A PostgreSQL server of our own for tests: Debian's programs, a temporary folder, a free port of loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
DATABASE = "unstick"
SETTINGS = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "60", "max_wal_size": "64MB"}
"""A server that lives for one test: small, and not made to survive a loss of power (a kill it survives)."""


def available() -> bool:
    """Whether the server's programs are installed."""
    return (PROGRAMS / "initdb").exists()


class Server:
    """One server: its address for SQLAlchemy, and the ways in which it can go away and come back."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.url = f"postgresql+pg8000://unstick@127.0.0.1:{port}/{DATABASE}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        self._call("pg_ctl", "start", "-w", "-l", str(self.folder / "log"), "-o",
                   f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} {options}")  # fmt: skip

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` ends sessions and writes everything, `immediate` is as good as a crash."""
        self._call("pg_ctl", "stop", "-w", "-m", mode)

    def restart(self) -> None:
        """Stop and start it, as an upgrade does: every connection breaks, no committed row is lost."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """Let it crash; `start` then recovers from its log."""
        self.stop("immediate")

    def _call(self, program: str, *arguments: str) -> None:
        command = [str(PROGRAMS / program), "-D", str(self.folder / "data"), *arguments]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            cwd=self.folder, check=False, timeout=120, **as_postgres(),
        )  # fmt: skip
        if done.returncode:
            log = self.folder / "log"
            said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')}{said}")


def as_postgres() -> dict[str, int | list[int]]:
    """How a child becomes the user `postgres`: the server refuses to run as root. Nothing for other users."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def postgres_server() -> Iterator[Server]:
    """A running server with one empty database, gone afterwards with everything in it."""
    folder = Path(tempfile.mkdtemp(prefix="unstick-postgres-"))
    user = as_postgres()
    if user:
        shutil.chown(folder, "postgres", "postgres")
    server = Server(folder, free_port())
    try:
        server._call("initdb", "-U", "unstick", "-A", "trust", "-E", "UTF8", "--no-sync")
        server.start()
        create_database(server.url, DATABASE)
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """The address (`postgresql+pg8000://…`) of an empty database on a server that ends with the block."""
    with postgres_server() as server:
        yield server.url


def create_database(url: str, name: str) -> str:
    """Create one more empty database on the server of this address, and give its address."""
    server, _, _ = url.rpartition("/")
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    finally:
        engine.dispose()
    return f"{server}/{name}"


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
