"""Logs that are too large for one piece."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstick.errors import UnreadableError
from unstick.signs import logs
from unstick.signs.log_pieces import PIECE
from unstick.signs.logs import scan, scan_file, shown

FILLER = "2026-06-01 12:00:07.123 INFO request served in 12 ms, batch of 4, queue empty\n"
MUCH = FILLER * (3 * PIECE // len(FILLER))


def test_a_large_log_gives_what_a_small_one_gives(tmp_path: Path) -> None:
    parts = (
        "* Running on local URL:  http://0.0.0.0:7860\n",
        "No module named 'audioop'\n",
        "CUDA out of memory\n",
    )
    small = scan(FILLER.join(parts), "run")
    path = tmp_path / "large.log"
    path.write_text(MUCH.join(parts))
    for large in (scan(MUCH.join(parts), "run"), scan_file(path, "run")):
        assert [hit.sign for hit in large.hits] == [hit.sign for hit in small.hits]
        assert [item.sign for item in shown(large)] == [item.sign for item in shown(small)]
        assert (large.state, large.decisive, large.last_line) == (
            small.state,
            small.decisive,
            small.last_line,
        )
        lines = MUCH.count("\n")
        assert [hit.line for hit in large.hits] == [1, 2 + lines, 3 + 2 * lines]
        assert large.banner is not None and large.banner.port == 7860


def test_the_last_occurrence_counts_for_the_end() -> None:
    banner = "* Running on local URL:  http://0.0.0.0:7860\n"
    assert scan("CUDA out of memory\n" + MUCH + banner + MUCH, "run").state == "ends-after-banner"
    assert (
        scan("CUDA out of memory\n" + MUCH + banner + MUCH + "CUDA out of memory\n" + MUCH, "run").state
        == "error-after-banner"
    )


def test_a_line_without_end_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "bars.log"
    with path.open("wb") as file:
        for _ in range(64):
            file.write(b"model: 45%|####     | 1.2G/2.7G [00:30<00:36, 40MB/s]\r" * 10_000)
    scan_file(path, "run")  # tables and automata are made once
    tracemalloc.start()
    try:
        assert scan_file(path, "run").state == "stops-mid-load"
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


def test_many_doubtful_signatures_are_tried_together() -> None:
    nearly = "smtp. nginx 404 upstream worker has no attribute error: exec secret npm huggingface.co COPY \n"
    reading = scan(MUCH + nearly + MUCH + "No module named 'foo'\n", "run")
    assert reading.decisive == "log-module-not-found"


@settings(max_examples=10)
@given(st.integers(1, 400), st.binary(max_size=40))
def test_where_pieces_end_makes_no_difference(shift: int, odd: bytes) -> None:
    text = (
        "x" * shift
        + "\n"
        + MUCH[: PIECE - shift - 20]
        + odd.decode("latin-1")
        + "\nfatal: CUDA out of memory\n"
        + MUCH
    )
    assert "log-cuda-oom" in {hit.sign for hit in scan(text, "run").hits}


def test_an_empty_file_is_an_empty_log(tmp_path: Path) -> None:
    path = tmp_path / "empty.log"
    path.touch()
    assert scan_file(path).state == "empty"


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "log"
    target.write_text("hello")
    link = tmp_path / "link"
    link.symlink_to(target)
    refused = [tmp_path, tmp_path / "missing", link]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        refused.append(tmp_path / "pipe")
    for path in refused:
        with pytest.raises(UnreadableError):
            scan_file(path)


def test_the_limit_between_small_and_large_is_one_piece() -> None:
    assert logs.SMALL == PIECE
