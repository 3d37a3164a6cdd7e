"""The history database with SQLite."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from unstick.errors import UnreadableError, UsageError
from unstick.watch.database import connect, held
from watch.ledger_cases import CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_sqlite(case: Callable[[Engine], None], tmp_path: Path) -> None:
    engine = connect(str(tmp_path / "deep" / "h.db"))
    case(engine)
    engine.dispose()


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    connect(str(path)).dispose()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    engine = connect(str(tmp_path / "h.db"))
    with engine.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(UnreadableError, match="newer unstick"):
        connect(str(tmp_path / "h.db"))


def test_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "odd.db").write_text("this is no database, only words " * 50)
    with pytest.raises(UnreadableError, match="cannot be used"):
        connect(str(tmp_path / "odd.db"))
    with pytest.raises(UnreadableError, match="no history yet"):
        connect(str(tmp_path / "none.db"), create=False)


def test_one_watcher_holds_it(tmp_path: Path) -> None:
    engine = connect(str(tmp_path / "h.db"))
    with held(engine), pytest.raises(UsageError, match="another"), held(engine):
        raise AssertionError("held twice")
    with held(engine):
        pass
