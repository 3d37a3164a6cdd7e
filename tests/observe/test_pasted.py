"""Words and logs pasted together are told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.observe.pasted import split

STORY = "My Space does not start any more since yesterday."
MORE = "I restarted it twice and nothing changed at all."
BUILD = """===== Build Queued at 2026-01-02 10:00:00 / Commit SHA: abc1234 =====
--> FROM docker.io/library/python
DONE 0.1s"""
RUN = "===== Application Startup at 2026-01-02 10:05:00 =====\n\nINFO:     Uvicorn running on http://0.0.0.0:7860"


def test_words_alone() -> None:
    assert split(f"{STORY}\n{MORE}") == (f"{STORY}\n{MORE}", "", "")


def test_one_quoted_line_stays_with_the_words() -> None:
    text = f"{STORY}\nModuleNotFoundError: No module named 'x'\n{MORE}"
    assert split(text) == (text, "", "")


def test_a_container_log_after_words() -> None:
    found = split(f"{STORY}\n\n{RUN}")
    assert (found.description, found.build_log) == (STORY, "")
    assert "Uvicorn running" in found.run_log


def test_a_build_log_after_words() -> None:
    found = split(f"{STORY}\n\n{BUILD}")
    assert (found.description, found.run_log) == (STORY, "")
    assert "--> FROM" in found.build_log


def test_words_and_both_logs_in_either_order() -> None:
    for first, second in ((BUILD, RUN), (RUN, BUILD)):
        found = split(f"{STORY}\n\n{first}\n{second}")
        assert STORY in found.description
        assert "--> FROM" in found.build_log and "Uvicorn" not in found.build_log
        assert "Uvicorn" in found.run_log and "--> FROM" not in found.run_log


def test_words_after_both_logs() -> None:
    found = split(f"{BUILD}\n{RUN}\n{MORE}")
    assert MORE in found.description and MORE not in found.run_log


def test_an_unmarked_build_log_is_known_by_its_lines() -> None:
    log = "Collecting torch==9.9\nERROR: Could not find a version that satisfies the requirement torch==9.9"
    assert split(log).build_log == log


def test_an_unmarked_traceback_is_a_container_log() -> None:
    log = 'Traceback (most recent call last):\n  File "app.py", line 1, in <module>\nKeyError: 1'
    assert split(log).run_log == log


line = st.sampled_from(
    [STORY, MORE, *BUILD.splitlines(), *RUN.splitlines(), "", "  indented", "你好，我的空间卡住了"]
)


@given(st.lists(line, max_size=12))
def test_nothing_is_lost(lines: list[str]) -> None:
    parts = "\n".join(split("\n".join(lines)))
    assert all(text.strip() in parts for text in lines)


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    split(text)


@pytest.mark.parametrize(
    "words", ["hf space 503", "Space not loading", "Preparing 12 hours, port 8501", "stuck\nbuilding again"]
)
def test_a_few_words_are_a_description_and_no_log_that_stopped(words: str) -> None:
    assert split(words) == (words, "", "")


@pytest.mark.parametrize("line", ["Killed", "Error: listen EADDRINUSE", "Loading model: 3%", "INFO:     ok"])
def test_one_line_of_a_log_is_a_log(line: str) -> None:
    assert split(line) == ("", "", line)
