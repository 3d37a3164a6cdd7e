"""What is recognised as wrong: a table of histories, and properties that hold for all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.contract.stages import STAGES
from unstick.watch import change
from unstick.watch.recognise import deadline, durations, falls, many, over, recognise, span, threshold
from unstick.watch.settings import Settings
from unstick.watch.types import GONE, Open, Record, Seen, Stay, Url

SETTINGS = Settings()
T = 1_000_000.0
MINUTE = 60.0


def record(*steps: tuple[float, str], now: float, url: Url | None = None, **seen: object) -> Record:
    """A Space that entered these stages at these minutes, last seen at minute `now`."""
    known: Record | None = None
    for minute, stage in (*steps, (now, steps[-1][1])):
        at = T + minute * MINUTE
        if known is not None:
            known = known._replace(seen=known.seen._replace(at=at))  # it was in sight all the time
        known, _ = change.merge(known, Seen("a/b", at, stage, **seen))  # type: ignore[arg-type]
    assert known is not None
    return known._replace(url=url) if url else known


def starts(*taken: float, then: str = "APP_STARTING") -> list[tuple[float, str]]:
    """Starts that took so many minutes each, a day apart, and one more stage."""
    steps: list[tuple[float, str]] = []
    for day, minutes in enumerate(taken):
        begin = day * 1440
        steps += [(begin, "BUILDING"), (begin + 1, "APP_STARTING"), (begin + 1 + minutes, "RUNNING")]
    end = len(taken) * 1440.0
    return [*steps, (end, "BUILDING"), (end + 1, then)]


def bad(answer: str, since: float, probes: int = 2) -> Url:
    return Url(answer, T + since * MINUTE, probes)


def flaps(times: int, apart: float) -> list[tuple[float, str]]:
    steps = [(0.0, "RUNNING")]
    for turn in range(times):
        steps += [((2 * turn + 1) * apart, "RUNTIME_ERROR"), ((2 * turn + 2) * apart, "RUNNING")]
    return steps


TABLE = [
    ("new", record((0, "APP_STARTING"), now=29), ()),
    ("at the deadline", record((0, "RUNNING"), (1, "APP_STARTING"), now=31), ("stuck",)),
    ("just before", record((0, "RUNNING"), (1, "APP_STARTING"), now=30.9), ()),
    ("declared longer", record((0, "APP_STARTING"), now=59, timeout=3600), ()),
    ("declared longer, over", record((0, "APP_STARTING"), now=60, timeout=3600), ("stuck",)),
    ("old version serves", record((0, "RUNNING_APP_STARTING"), now=31), ("stuck",)),
    ("long build", record((0, "BUILDING"), now=44), ()),
    ("endless build", record((0, "BUILDING"), now=45), ("stuck",)),
    ("running", record((0, "RUNNING"), now=10_000), ()),
    ("asleep", record((0, "SLEEPING"), now=10_000), ()),
    ("an unknown stage", record((0, "SOMETHING_NEW"), now=10_000), ()),
    ("failed", record((0, "RUNNING"), (1, "RUNTIME_ERROR"), now=1), ("failed",)),
    ("bad block", record((0, "CONFIG_ERROR"), now=0), ("failed",)),
    ("paused by its owner", record((0, "RUNNING"), (1, "PAUSED"), now=5), ()),
    ("paused with an error", record((0, "PAUSED"), now=5, error="flagged as abusive"), ("failed",)),
    ("down", record((0, "RUNNING"), now=5, url=bad("edge", 3)), ("down",)),
    ("one bad probe", record((0, "RUNNING"), now=5, url=bad("edge", 3, probes=1)), ()),
    ("no word of the URL", record((0, "RUNNING"), now=5, url=bad("unknown", 3)), ()),
    ("bad while starting", record((0, "APP_STARTING"), now=5, url=bad("edge", 1)), ()),
    ("answers early", record((0, "APP_STARTING"), now=4, url=bad("app", 1)), ()),
    ("answers, stage lags", record((0, "APP_STARTING"), now=8, url=bad("app", 1)), ("stage-lags",)),
    ("two falls", record(*flaps(2, 5), now=25), ()),
    ("three falls", record(*flaps(3, 5), now=35), ("flapping",)),
    ("three slow falls", record(*flaps(3, 60), now=400), ()),
    ("quick so far, slow now", record(*starts(1, 1, 2, 1, 1), now=5 * 1440 + 7.1), ("stuck",)),
    ("within three times", record(*starts(1, 1, 2, 1, 1), now=5 * 1440 + 6.9), ()),
    ("too little history", record(*starts(1, 1, 1, 1), now=4 * 1440 + 20), ()),
    (
        "slower and slower",
        record(*starts(1, 1, 1, 4, 5, 6, then="RUNNING"), now=6 * 1440 + 9),
        ("slower-starts",),
    ),
    ("as ever", record(*starts(1, 2, 1, 2, 1, 2, then="RUNNING"), now=6 * 1440 + 9), ()),
]


@pytest.mark.parametrize(("known", "kinds"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_recognises(known: Record, kinds: tuple[str, ...]) -> None:
    assert tuple(trouble.kind for trouble in recognise(known, known.seen.at, SETTINGS)) == kinds


def test_nothing_becomes_stuck_while_the_hub_cannot_be_asked() -> None:
    known = record((0, "RUNNING"), (1, "APP_STARTING"), now=10)
    assert recognise(known, T + 10_000 * MINUTE, SETTINGS) == ()


def test_a_push_begins_a_new_stay() -> None:
    known = record((0, "RUNNING"), (1, "APP_STARTING"), now=20, sha="1")
    pushed, changes = change.merge(known, known.seen._replace(at=T + 21 * MINUTE, sha="2"))
    assert pushed.now_in.since == T + 21 * MINUTE
    assert [item.field for item in changes] == ["stage", "sha"]


def test_a_deployment_is_no_fall() -> None:
    known: Record | None = None
    for minute in range(0, 60, 4):
        stage = "BUILDING" if minute % 8 else "RUNNING"
        known, _ = change.merge(
            known, Seen("a/b", T + minute * MINUTE, stage, sha=str(minute // 8 + (minute % 8 > 0)))
        )
    assert known is not None
    assert "flapping" not in [trouble.kind for trouble in recognise(known, known.seen.at, SETTINGS)]


def test_silence_of_a_build_is_counted_from_the_look_that_saw_the_last_line() -> None:
    known = record((0, "RUNNING"), (1, "BUILDING"), now=5)
    known = change.log_looked(known, T + 5 * MINUTE, "a")
    known = change.log_looked(known, T + 19 * MINUTE, "a")
    assert (
        recognise(known._replace(seen=known.seen._replace(at=T + 19 * MINUTE)), T + 19 * MINUTE, SETTINGS)
        == ()
    )
    known = change.log_looked(known, T + 20 * MINUTE, "a")
    (trouble,) = recognise(known, T + 20 * MINUTE, SETTINGS)
    assert trouble.kind == "silent-build"
    assert recognise(change.log_looked(known, T + 21 * MINUTE, "b"), T + 21 * MINUTE, SETTINGS) == ()


OPEN = Open(1, "a/b", "down", "stuck", T, T, "")


@pytest.mark.parametrize(
    ("known", "ended"),
    [
        (record((0, "RUNTIME_ERROR"), (1, "BUILDING"), now=2), False),
        (record((0, "RUNTIME_ERROR"), (1, "RUNNING"), now=2.9), False),
        (record((0, "RUNTIME_ERROR"), (1, "RUNNING"), now=3), True),
        (record((0, "RUNTIME_ERROR"), (1, "RUNNING"), now=9, url=bad("edge", 2)), False),
        (record((0, "RUNTIME_ERROR"), (1, "RUNNING"), now=9, url=Url("app", T + 8 * MINUTE, 1)), False),
        (record((0, "APP_STARTING"), (1, "PAUSED"), now=1), True),
        (record((0, "APP_STARTING"), (1, GONE), now=1), True),
    ],
)
def test_over(known: Record, ended: bool) -> None:
    assert bool(over(known, OPEN, known.seen.at, SETTINGS)) is ended


def test_many_is_a_matter_of_number_and_time() -> None:
    opened = [(f"a/{n}", T + n) for n in range(5)]
    assert len(many(opened, 60, T + 10, SETTINGS)) == 5
    assert many(opened, 1000, T + 10, SETTINGS) == set()
    assert many(opened[:4], 60, T + 10, SETTINGS) == set()
    assert many(opened, 60, T + 400, SETTINGS) == set()
    assert threshold(100_000, SETTINGS) == 20


stages = st.sampled_from([*(stage.id for stage in STAGES), GONE, "NEW"])
histories = st.lists(st.tuples(st.floats(0, 5000), stages), min_size=1, max_size=30)


@given(histories, st.floats(0, 10_000))
def test_any_history_gives_at_most_one_trouble_of_a_family(
    steps: list[tuple[float, str]], after: float
) -> None:
    minute = 0.0
    placed = []
    for wait, stage in steps:
        minute += wait
        placed.append((minute, stage))
    known = record(*placed, now=minute + after)
    found = recognise(known, known.seen.at, SETTINGS)
    assert len({trouble.family for trouble in found}) == len(found)
    assert all(trouble.since <= known.seen.at for trouble in found)
    limit = deadline(known, SETTINGS)
    if limit and known.seen.at - known.now_in.since >= limit.seconds:
        assert "down" in {trouble.family for trouble in found}


def test_spans() -> None:
    assert [span(value) for value in (5, 119, 120, 7199, 7200, 7260, 200_000)] == [
        "5 s", "119 s", "2 min", "119 min", "2 h", "2 h 1 min", "2 d",
    ]  # fmt: skip


def test_a_stay_seen_from_its_middle_counts_as_no_start() -> None:
    from unstick.watch.recognise import durations

    stays = (
        Stay("APP_STARTING", 0, 9, False),
        Stay("RUNNING", 9, 20),
        Stay("APP_STARTING", 20, 22),
        Stay("RUNNING", 22),
    )
    assert durations(stays) == [2]


def test_a_probe_of_an_earlier_stage_does_not_count() -> None:
    known = record((0, "APP_STARTING"), (1, "RUNNING"), now=2)
    asked_before, _ = change.probed(known, T + 0.9 * MINUTE, "edge", "")
    assert asked_before.url.answer == ""
    asked_after, changes = change.probed(known, T + 1.5 * MINUTE, "edge", "")
    assert asked_after.url.answer == "edge"
    assert [item.field for item in changes] == ["url"]


def test_what_was_out_of_sight_has_not_settled() -> None:
    known = record((0, "RUNTIME_ERROR"), (1, "RUNNING"), now=1)
    again, _ = change.merge(known, known.seen._replace(at=T + 11 * MINUTE), gap=3 * MINUTE)
    assert over(again, OPEN, again.seen.at, SETTINGS) == ""
    later, _ = change.merge(again, again.seen._replace(at=T + 13 * MINUTE), gap=3 * MINUTE)
    assert over(later, OPEN, later.seen.at, SETTINGS)


def test_a_start_that_was_long_out_of_sight_counts_anew() -> None:
    known = record((0, "RUNNING"), (1, "APP_STARTING"), now=5)
    again, _ = change.merge(known, known.seen._replace(at=T + 40 * MINUTE))
    assert recognise(again, again.seen.at, SETTINGS) == ()
    soon, _ = change.merge(known, known.seen._replace(at=T + 10 * MINUTE))
    assert soon.now_in.since == T + MINUTE


def test_a_bad_answer_counts_again_only_when_the_stage_was_seen_meanwhile() -> None:
    known = record((0, "RUNNING"), now=2)
    first, _ = change.probed(known, T + 3 * MINUTE, "edge", "", T + 2 * MINUTE)
    blind, _ = change.probed(first, T + 4 * MINUTE, "edge", "", T + 2 * MINUTE)
    seen = blind._replace(seen=blind.seen._replace(at=T + 5 * MINUTE))
    assert recognise(seen, T + 5 * MINUTE, SETTINGS) == ()
    again, _ = change.probed(seen, T + 6 * MINUTE, "edge", "", T + 5 * MINUTE)
    again = again._replace(seen=again.seen._replace(at=T + 6 * MINUTE))
    assert [trouble.kind for trouble in recognise(again, T + 6 * MINUTE, SETTINGS)] == ["down"]


GAP = 3 * MINUTE


def looks(known: Record, *minutes: float, **seen: object) -> Record:
    """The same answer again at these minutes, by a watcher that looks without pause."""
    for minute in minutes:
        known, _ = change.merge(known, known.seen._replace(at=T + minute * MINUTE, heard=0.0, **seen), GAP)
    return known


def test_a_start_seen_all_the_time_is_stuck_at_its_deadline() -> None:
    known = record((0, "RUNNING"), (1, "APP_STARTING"), now=2)
    almost = looks(known, *range(3, 31))
    assert recognise(almost, almost.seen.at, SETTINGS) == ()
    there = looks(almost, 31)
    assert [trouble.kind for trouble in recognise(there, there.seen.at, SETTINGS)] == ["stuck"]


@pytest.mark.parametrize("stage", ["APP_STARTING", "RUNNING_APP_STARTING", "BUILDING"])
def test_the_time_out_of_sight_is_no_age(stage: str) -> None:
    """Between the looks it may have run, and this be another start: nothing proves that it is the same."""
    known = record((0, "RUNNING"), (1, stage), now=2)
    limit = deadline(known, SETTINGS)
    assert limit is not None
    last = int(limit.seconds / MINUTE) - 2
    known = looks(known, *range(3, last + 1))
    back = last + GAP / MINUTE + 1
    again = looks(known, back)
    assert recognise(again, again.seen.at, SETTINGS) == ()
    ends = back + limit.seconds / MINUTE
    almost = looks(again, *range(int(back) + 1, int(ends)))
    assert recognise(almost, almost.seen.at, SETTINGS) == ()
    (trouble,) = recognise(told := looks(almost, ends), told.seen.at, SETTINGS)
    assert (trouble.kind, trouble.since) == ("stuck", T + back * MINUTE)
    assert "for at least" in trouble.detail


def test_a_missed_look_is_no_gap() -> None:
    known = looks(record((0, "RUNNING"), (1, "APP_STARTING"), now=2), *range(3, 28, 3), 29, 31)
    assert [trouble.kind for trouble in recognise(known, known.seen.at, SETTINGS)] == ["stuck"]


def test_a_gap_in_a_start_is_kept_and_is_no_duration() -> None:
    known = record((0, "RUNNING"), (1, "APP_STARTING"), now=2)
    again, changes = change.merge(known, known.seen._replace(at=T + 12 * MINUTE), GAP)
    assert [(item.field, item.old, item.new) for item in changes] == [("stage", "", "APP_STARTING")]
    up, _ = change.merge(again, again.seen._replace(at=T + 13 * MINUTE, stage="RUNNING"), GAP)
    assert durations(up.stays) == []


def test_a_slow_answer_makes_no_stay_older() -> None:
    """What an answer says was so between the question and the answer: a stay begins with the answer, and has
    lasted until the question."""
    known = record((0, "RUNNING"), now=1)
    slow = Seen("a/b", T + MINUTE, "APP_STARTING", heard=T + 2 * MINUTE)
    known, _ = change.merge(known, slow, GAP)
    assert known.now_in.since == T + 2 * MINUTE
    last = slow._replace(at=T + 31.9 * MINUTE, heard=T + 33 * MINUTE)
    late, _ = change.merge(looks(known, *range(3, 31)), last, GAP)
    assert recognise(late, T + 33 * MINUTE, SETTINGS) == ()
    late = looks(late, 32)
    assert [trouble.kind for trouble in recognise(late, T + 33 * MINUTE, SETTINGS)] == ["stuck"]


def test_bad_answers_before_and_after_a_gap_are_not_in_a_row() -> None:
    known = record((0, "RUNNING"), now=2)
    known, _ = change.probed(known, T + 1.5 * MINUTE, "edge", "", T + MINUTE)
    known = looks(known, 12)
    known, _ = change.probed(known, T + 12.1 * MINUTE, "edge", "", T + 12 * MINUTE)
    known = looks(known, 13)
    assert recognise(known, known.seen.at, SETTINGS) == ()
    known, _ = change.probed(known, T + 13.1 * MINUTE, "edge", "", T + 13 * MINUTE)
    assert [trouble.kind for trouble in recognise(known, known.seen.at, SETTINGS)] == ["down"]


def test_a_fall_that_url_and_stage_show_is_one() -> None:
    known = record((0, "RUNNING"), now=1)
    for turn in range(2):
        minute = 10 * turn + 2
        for later, answer in ((0, "app"), (1, "edge")):
            known, _ = change.probed(known, T + (minute + later) * MINUTE, answer, "")
        for later, stage in ((2, "RUNTIME_ERROR"), (4, "APP_STARTING"), (5, "RUNNING")):
            known = looks(known, minute + later, stage=stage)
    assert len(falls(known, known.seen.at, 3600)) == 2
    assert recognise(known, known.seen.at, SETTINGS) == ()


def test_an_url_that_was_good_again_before_the_stage_fell_is_a_fall_of_its_own() -> None:
    known = record((0, "RUNNING"), now=1)
    for minute, answer in ((2, "app"), (3, "edge"), (4, "app")):
        known, _ = change.probed(known, T + minute * MINUTE, answer, "")
    known = looks(known, 4, 5, stage="RUNTIME_ERROR")
    assert len(falls(known, known.seen.at, 3600)) == 2
