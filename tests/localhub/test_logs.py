"""Logs: kept, followed through new beginnings and halving, without gaps and repetitions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.localhub import logs as module
from unstick.localhub.logs import Logs


def texts(logs: Logs, place: int = 0, most: int = 0) -> tuple[list[str], int]:
    entries, place = logs.read(1, "run", place, most)
    return [entry.text for entry in entries], place


def test_what_was_written_is_read_with_its_time(tmp_path: Path) -> None:
    logs = Logs(str(tmp_path))
    logs.append(1, "run", "hello \u2028 \x1b[31m ü", at=12.5)
    entries, _ = logs.read(1, "run")
    assert entries == [(12.5, "hello \u2028 \x1b[31m ü")]
    assert logs.read(1, "build") == ([], 0)


def test_one_who_follows_sees_a_new_log_from_its_start_though_it_is_longer_than_the_old(
    tmp_path: Path,
) -> None:
    logs = Logs(str(tmp_path))
    logs.append(1, "run", "old")
    _, place = texts(logs)
    logs.clear(1, "run")
    for number in range(50):
        logs.append(1, "run", f"new {number}")
    assert texts(logs, place)[0] == [f"new {number}" for number in range(50)]


def test_halving_neither_repeats_nor_loses_lines_for_one_who_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2000)
    logs = Logs(str(tmp_path))
    seen: list[str] = []
    place = 0
    for number in range(500):
        logs.append(1, "run", f"line {number}")
        if number % 7 == 0:
            new, place = texts(logs, place)
            seen += new
    seen += texts(logs, place)[0]
    assert seen == [f"line {number}" for number in range(500)]
    assert (tmp_path / "1-run.jsonl").stat().st_size <= 2000


def test_a_torn_line_of_a_killed_hub_is_passed_over(tmp_path: Path) -> None:
    logs = Logs(str(tmp_path))
    logs.append(1, "run", "before")
    with (tmp_path / "1-run.jsonl").open("a") as file:
        file.write('[12.5, "to')
    logs.append(1, "run", "on the torn line")
    logs.append(1, "run", "after")
    assert texts(logs)[0] == ["before", "after"]


@given(st.lists(st.text(max_size=30), max_size=30), st.integers(0, 40), st.integers(1, 200))
def test_the_tail_in_pieces_is_the_end_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], tail: int, most: int
) -> None:
    logs = Logs(str(tmp_path_factory.mktemp("logs")))
    for line in lines:
        logs.append(1, "run", line)
    got: list[str] = []
    place = logs.last(1, "run", tail)
    while True:
        new, place = texts(logs, place, most)
        if not new:
            break
        got += new
    assert got == (lines[-tail:] if tail else [])


def test_listeners_are_told_of_lines_and_of_a_new_beginning_until_they_stop(tmp_path: Path) -> None:
    logs = Logs(str(tmp_path))
    told: list[str] = []
    stop = logs.listen(1, "run", lambda: told.append("x"))
    logs.append(1, "run", "a")
    logs.append(1, "build", "not this one")
    logs.clear(1, "run")
    stop()
    logs.append(1, "run", "b")
    assert told == ["x", "x"]
