"""What a watcher shows of itself and tells: badges, alerts, notices to systemd, sentences."""

from __future__ import annotations

import asyncio
import socket
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from unstick.case import Case, Evidence
from unstick.errors import UsageError
from unstick.watch import badges, wording
from unstick.watch.diagnosing import Situation, from_facts, with_age
from unstick.watch.notify import Notifier
from unstick.watch.systemd import Notices
from unstick.watch.types import Open, Record, Said, Seen, Stay, Trouble, Url

TROUBLE = Open(4, "a/b", "down", "stuck", 0.0, 0.0, "APP_STARTING for 31 min; the start-up timeout is 30 min")


def record(stage: str, answer: str = "", error: str = "", since: float = 0.0, at: float = 0.0) -> Record:
    return Record(Seen("a/b", at, stage, error=error), (Stay(stage, since),), Url(answer))


@pytest.mark.parametrize(
    ("known", "trouble", "word", "color"),
    [
        (record("RUNNING"), None, "up", "up"),
        (record("RUNNING", "edge"), None, "down", "down"),
        (record("RUNNING"), TROUBLE._replace(kind="flapping"), "unstable", "down"),
        (record("APP_STARTING"), None, "starting", "moving"),
        (record("APP_STARTING"), TROUBLE, "stuck: starting", "down"),
        (record("RUNTIME_ERROR"), TROUBLE, "runtime error", "down"),
        (record("SLEEPING"), None, "sleeping", "resting"),
        (record("SOMETHING_NEW"), None, "something new", "resting"),
    ],
)
def test_badges(known: Record, trouble: Open | None, word: str, color: str) -> None:
    assert badges.state_of(known, trouble) == (word, badges.COLORS[color])


def test_a_badge_is_an_image_whatever_its_label() -> None:
    root = ElementTree.fromstring(badges.svg('<script>"&', "up", "#000"))
    assert root.attrib["aria-label"] == '<script>"&: up'
    assert not [element for element in root.iter() if element.tag.endswith("script")]


def test_an_alert_says_what_why_and_where() -> None:
    message = wording.opened(TROUBLE, Said("It is the platform's turn."), "https://hub")
    assert message.title == "a/b is stuck"
    assert message.body == (
        "APP_STARTING for 31 min; the start-up timeout is 30 min. It is the platform's turn.\n"
        "https://hub/spaces/a/b [4]"
    )
    over = wording.cleared(TROUBLE, "the Space serves again", 600.0, "https://hub")
    assert over.title == "over: a/b is stuck"
    assert "over after 10 min; the Space serves again" in over.body


def test_the_facts_give_a_sentence() -> None:
    known = record("RUNTIME_ERROR", error="Scheduling failure: unable to schedule")
    said = asyncio.run(from_facts(Situation("a/b", known, Trouble("a/b", "down", "failed", 0.0, ""))))
    assert (said.cause, said.domain) == ("scheduling-capacity", "platform")
    assert "no machine" in said.sentence


def test_the_age_that_was_watched_outweighs_a_look_that_saw_no_delay() -> None:
    known = record("APP_STARTING", since=0.0, at=7200.0)
    situation = Situation("a/b", known, Trouble("a/b", "down", "stuck", 0.0, "APP_STARTING for 2 h"))
    case = Case(
        facts=(("health", "in-time"), ("stage", "APP_STARTING")),
        evidence=(Evidence("stage-starting", True, "hub"),),
    )
    aged = with_age(case, situation)
    assert aged.fact("health") == ""
    assert aged.fact("waited_hours") == "2"
    assert {"live-stage-overdue", "stuck-hours"} <= {item.sign for item in aged.evidence if item.present}
    moved_on = case._replace(facts=(("health", "serves"), ("stage", "RUNNING")))
    assert with_age(moved_on, situation) == moved_on


def test_an_address_that_is_none_is_refused_without_showing_it() -> None:
    with pytest.raises(UsageError) as caught:
        Notifier(["nonsense://geheim@host"])
    assert "geheim" not in str(caught.value)
    assert not Notifier([])


def test_systemd_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        notices = Notices({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        notices.ready()
        notices.alive()
        assert [listener.recv(100), listener.recv(100)] == [b"READY=1", b"WATCHDOG=1"]
    Notices({}).ready()
    Notices({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()
