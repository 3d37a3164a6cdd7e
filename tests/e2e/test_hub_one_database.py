"""Two hubs on one PostgreSQL database, a kill -9, a restart of the database: one at a time, and it is said."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from conftest import COMMAND
from e2e.controlled import eventually
from e2e.hubs import RunningHub, hub
from e2e.postgres import PROGRAMS, Server, create_database, postgres_server
from unstick.localhub.control.tenure import KEY, LOOK
from unstick.localhub.store import schema

pytestmark = [pytest.mark.needs(str(PROGRAMS / "initdb")), pytest.mark.needs("git")]
FILES = {"README.md": b"---\ntitle: A\nsdk: static\n---\n", "index.html": b"<h1>here</h1>"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres_server() as found:
        yield found


@pytest.fixture
def database(server: Server, request: pytest.FixtureRequest) -> str:
    return create_database(server.url, f"of_{request.node.name}"[:60])


def refused(data: Path, database: str) -> tuple[int, str]:
    """Start one more hub, which is not to start: its exit code and what it said."""
    command = [str(COMMAND), "hub", "--data", str(data), "--port", "0", "--backend", "process"]
    done = subprocess.run(
        [*command, *(("--database", database) if database else ())], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert not done.stdout
    return done.returncode, done.stderr


def push(running: RunningHub, name: str) -> None:
    from huggingface_hub import CommitOperationAdd

    api = running.api()
    name = f"{api.whoami()['name']}/{name}"
    api.create_repo(name, repo_type="space", space_sdk="static")
    api.create_commit(
        name, [CommitOperationAdd(path, data) for path, data in FILES.items()], commit_message="a commit",
        repo_type="space",
    )  # fmt: skip


def serves(running: RunningHub, name: str) -> Callable[[], bool]:
    def asked() -> bool:
        api = running.api()
        try:
            return bool(api.get_space_runtime(f"{api.whoami()['name']}/{name}").stage == "RUNNING")
        except Exception:  # the database is away
            return False

    return asked


def test_the_second_hub_is_refused_until_the_first_is_gone(database: str, tmp_path: Path) -> None:
    with hub(database=database, data=tmp_path / "one") as first:
        code, said = refused(tmp_path / "two", database)
        assert code == 2
        assert f"another hub uses this database: process {first.process.pid} on " in said
        assert str(tmp_path / "one") in said
        assert "Stop it, or name another database." in said
        push(first, "a")
        eventually(serves(first, "a"))
        first.kill()
        first.start()
        eventually(serves(first, "a"))
        first.kill()
        # Nobody holds it now; the folder is still another one.
        code, said = refused(tmp_path / "two", database)
        assert code == 2
        assert f"are in another data folder (the last was {tmp_path / 'one'})" in said
        assert not any((tmp_path / "two" / "repositories").iterdir())
        first.start()
        eventually(serves(first, "a"))


def test_a_folder_is_not_tidied_for_a_database_that_knows_nothing_of_it(
    database: str, tmp_path: Path
) -> None:
    data = tmp_path / "one"
    with hub(database=database, data=data) as first:
        push(first, "a")
    kept = sorted((data / "repositories").iterdir())
    assert kept
    code, said = refused(data, "")
    assert code == 2
    assert "belong to another database" in said
    assert sorted((data / "repositories").iterdir()) == kept
    moved = data.rename(tmp_path / "moved")
    with hub(database=database, data=moved) as again:
        eventually(serves(again, "a"))


def test_after_a_restart_of_the_database_the_lock_is_taken_again(
    server: Server, database: str, tmp_path: Path
) -> None:
    with hub(database=database, data=tmp_path / "one") as first:
        push(first, "a")
        eventually(serves(first, "a"))
        for end in (server.stop, server.kill):
            end()
            server.start()
            eventually(lambda: locked(database))
            assert refused(tmp_path / "two", database)[0] == 2
        push(first, "b")
        eventually(serves(first, "b"))
        assert first.stop() == 0


def test_a_hub_ends_when_another_has_come_meanwhile(server: Server, database: str, tmp_path: Path) -> None:
    with hub(database=database, data=tmp_path / "one") as first:
        push(first, "a")
        eventually(serves(first, "a"))
        rows = rows_of(database)
        server.stop()
        server.start()
        # The other hub, in a copy of the folder, as it was quicker: its lock and its name.
        with Other(database, "0123 process 7 on elsewhere, with /srv/copy"):
            assert first.process.wait(60) == 3
            said = first.said()
            assert "another hub has taken this database: process 7 on elsewhere, with /srv/copy" in said
            assert "Traceback" not in said
            assert rows_of(database) == rows


def test_a_lock_without_a_name_is_waited_for(server: Server, database: str, tmp_path: Path) -> None:
    with hub(database=database, data=tmp_path / "one") as first:
        push(first, "a")
        eventually(serves(first, "a"))
        server.stop()
        server.start()
        with Other(database, None):
            time.sleep(3 * LOOK)  # until it has noticed
            push(first, "b")
            time.sleep(4)
            assert not serves(first, "b")()  # the loop waits
            assert first.process.poll() is None
        eventually(serves(first, "b"))


class Other:
    """Somebody else with the lock, who wins it from a hub, and writes a name (None: has not done so yet)."""

    def __init__(self, database: str, name: str | None) -> None:
        self.engine = sa.create_engine(database, isolation_level="AUTOCOMMIT")
        self.name = name

    def __enter__(self) -> None:
        self.connection = self.engine.connect()
        holder = sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND pid <> pg_backend_pid()"
        )
        for _ in range(2000):
            self.connection.execute(holder)
            if self.connection.execute(sa.select(sa.func.pg_try_advisory_lock(KEY))).scalar():
                break
        else:
            raise AssertionError("the lock was never free")
        if self.name is not None:
            self.connection.execute(
                schema.meta.update().where(schema.meta.c.name == "hub").values(value=self.name)
            )

    def __exit__(self, *_: object) -> None:
        self.connection.invalidate()
        self.connection.close()
        self.engine.dispose()


def locked(database: str) -> bool:
    """Whether somebody has the lock."""
    engine = sa.create_engine(database)
    asked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    try:
        with engine.connect() as connection:
            return bool(connection.execute(sa.text(asked)).scalar())
    finally:
        engine.dispose()


def rows_of(database: str) -> list[Any]:
    """What stands of all Spaces."""
    engine = sa.create_engine(database)
    try:
        with engine.connect() as connection:
            return list(connection.execute(sa.select(schema.spaces)).all())
    finally:
        engine.dispose()
