"""Whose URL is asked, and who answered."""

from __future__ import annotations

import pytest

from unstick.observe.live.wire import Answer
from unstick.watch.probe import judge, wanted
from unstick.watch.types import Record, Seen, Stay


def record(
    stage: str = "RUNNING", sleeps: bool | None = False, sdk: str = "docker", url: str = "https://x/"
) -> Record:
    return Record(Seen("a/b", 0.0, stage, sleeps=sleeps, sdk=sdk, url=url), (Stay(stage, 0.0),))


@pytest.mark.parametrize(
    ("known", "policy", "asked"),
    [
        (record(), "never-sleeping", True),
        (record(sleeps=True), "never-sleeping", False),
        (record(sleeps=None), "never-sleeping", False),
        (record(sleeps=True), "all", True),
        (record(), "none", False),
        (record("APP_STARTING", True), "never-sleeping", True),
        (record("APP_STARTING"), "none", False),
        (record("RUNNING_APP_STARTING", True), "never-sleeping", False),
        (record("SLEEPING", True), "all", False),
        (record("PAUSED"), "all", False),
        (record("BUILDING"), "all", False),
        (record("RUNTIME_ERROR"), "all", False),
        (record(url=""), "all", False),
    ],
)
def test_whose_url_is_asked(known: Record, policy: str, asked: bool) -> None:
    assert wanted(known, policy) is asked


PROXIED = {"x-proxied-host": "http://10.0.0.1"}
IN_ERROR = b"Your space is in error, check its status on hf.co"


@pytest.mark.parametrize(
    ("answer", "who"),
    [
        (Answer("u", 200, PROXIED), "app"),
        (Answer("u", 404, PROXIED), "app"),
        (Answer("u", 307, PROXIED), "app"),
        (Answer("u", 500, PROXIED), "app-error"),
        (Answer("u", 503, PROXIED), "app-error"),
        (Answer("u", 503, {}, body=IN_ERROR), "edge"),
        (Answer("u", 502, {}), "edge"),
        (Answer("u", 200, {}, body=b"<h1>Preparing Space</h1>"), "edge"),
        (Answer("u", 200, {}, body=b"hello"), "unknown"),
        (Answer("u", 404, {}), "unknown"),
        (Answer("u", 404, {}, body=b"<p>Sorry, we can't find the page you are looking for.</p>"), "edge"),
        (Answer("u", 429, PROXIED), "unknown"),
        (Answer("u", failure="timeout"), "unreachable"),
        (Answer("u", failure="refused"), "unreachable"),
        (Answer("u", failure="private", error="x leads to 10.0.0.1"), "unknown"),
    ],
)
def test_who_answered(answer: Answer, who: str) -> None:
    assert judge(answer, record()).answer == who


def test_a_static_space_has_no_container() -> None:
    assert judge(Answer("u", 200, {}), record(sdk="static")).answer == "app"
