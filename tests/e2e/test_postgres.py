"""The database server that other tests use: empty at first, keeps what was committed when it crashes."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from e2e.postgres import PROGRAMS, postgres_server

pytestmark = pytest.mark.needs(str(PROGRAMS / "initdb"))


def test_what_was_committed_survives_a_crash() -> None:
    with postgres_server() as server:
        engine = create_engine(server.url, pool_pre_ping=True)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE t (n integer)"))
            connection.execute(text("INSERT INTO t VALUES (7)"))
        server.kill()
        server.start()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT n FROM t")).scalar_one() == 7
        server.restart()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT n FROM t")).scalar_one() == 7
        folder = server.folder
        engine.dispose()
    assert not folder.exists()
