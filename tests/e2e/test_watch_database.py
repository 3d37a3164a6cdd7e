"""The history database with PostgreSQL: what holds with SQLite, and what only a server can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.engine import Engine

from e2e.postgres import PROGRAMS, Server, postgres_server
from unstick.errors import UnreadableError, UsageError
from unstick.watch.database import connect, held
from watch.ledger_cases import CASES, clear

pytestmark = pytest.mark.needs(str(PROGRAMS / "initdb"))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres_server() as made:
        yield made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_postgresql(case: Callable[[Engine], None], server: Server) -> None:
    engine = connect(server.url)
    clear(engine)
    case(engine)
    engine.dispose()


def test_one_watcher_holds_it(server: Server) -> None:
    engine = connect(server.url)
    with held(engine), pytest.raises(UsageError, match="another"), held(engine):
        raise AssertionError("held twice")
    engine.dispose()


def test_a_server_that_is_not_there_is_one_clear_message(server: Server) -> None:
    url = server.url.replace("unstick@", "unstick:geheim@").replace(str(server.port), "1")
    with pytest.raises(UnreadableError, match="cannot be used") as caught:
        connect(url)
    assert "geheim" not in str(caught.value)
