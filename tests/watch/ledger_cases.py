"""What must hold of the history database, whichever it is: called with SQLite here, with PostgreSQL in e2e."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine

from unstick.watch import outbox, store
from unstick.watch.ledger import Ledger
from unstick.watch.merging import Found
from unstick.watch.planning import EVERY
from unstick.watch.policy import Policy, decode
from unstick.watch.probe import Probed
from unstick.watch.schema import ACTIONS, ALERTS, CHANGES, METADATA, TROUBLES
from unstick.watch.summary import history
from unstick.watch.types import Change, Said, Seen

T = 1_700_000_000.0
HUB = "https://huggingface.co"
POLICY = decode("[poll]\nprobe = 'all'\n[deadlines]\nsettle = '10s'\n", "p.toml")
ACTING = decode("[[act]]\nrung = 'restart'\nafter = '0s'\n[deadlines]\nsettle = '10s'\n", "p.toml")


def clear(engine: Engine) -> None:
    """Empty every table."""
    with engine.begin() as connection:
        for table in METADATA.tables.values():
            connection.execute(sa.delete(table))


def ledger(engine: Engine, policy: Policy = POLICY, now: float = T) -> Ledger:
    made = Ledger(engine, policy, HUB, frozenset({"restart"}), False)
    made.start(now)
    return made


def seen(second: float, stage: str, space: str = "a/b", **more: object) -> Found:
    return Found((Seen(space, T + second, stage, url="https://a-b.hf.space/", **more),))  # type: ignore[arg-type]


def alerts(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        return [
            tuple(row)
            for row in connection.execute(sa.select(ALERTS.c.event, ALERTS.c.state).order_by(ALERTS.c.id))
        ]


def the_migrations_give_the_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def what_is_kept_comes_back(engine: Engine) -> None:
    first = ledger(engine)
    for second, stage, sha in ((0, "BUILDING", "1"), (60, "APP_STARTING", "1"), (90, "RUNNING", "1")):
        first.settle(seen(second, stage, sha=sha, timeout=600, sleeps=False), T + second)
    first.settle(Found(probed=(("a/b", T + 95, Probed("app", "")),)), T + 95)
    first.settle(Found(probed=(("a/b", T + 100, Probed("edge", "503")),)), T + 100)
    again = ledger(engine, now=T + 101)
    known, kept = again.records["a/b"], first.records["a/b"]
    assert [stay[:4] for stay in known.stays] == [stay[:4] for stay in kept.stays]
    assert [stay.sha for stay in known.stays] == ["1", "1", "1"]
    assert known.seen._replace(at=0) == kept.seen._replace(at=0)
    assert (known.url.answer, known.url.since, known.url.falls) == ("edge", T + 100, (T + 100,))


def a_trouble_is_opened_said_and_closed_once(engine: Engine) -> None:
    made = ledger(engine)
    made.settle(seen(0, "RUNNING"), T)
    (opened,) = made.settle(seen(10, "RUNTIME_ERROR", error="Exit code: 1"), T + 10).opened
    assert alerts(engine) == [("opened", "diagnosing")]
    made.say(opened, Said("It is broken.", "app-crash", "app"))
    assert alerts(engine) == [("opened", "pending")]
    with engine.begin() as connection:
        alert = outbox.take(connection, T + 11)
        assert alert is not None and "It is broken." in alert.body
        assert outbox.take(connection, T + 11) is None
        assert outbox.done(connection, alert, True, T + 12) == "sent"
    assert made.settle(seen(20, "BUILDING"), T + 20).closed == ()
    assert made.settle(seen(30, "RUNNING"), T + 30).closed == ()
    ((closed, why),) = made.settle(seen(41, "RUNNING"), T + 41).closed
    assert (closed.id, why) == (opened.id, "the Space serves again")
    assert alerts(engine) == [("opened", "sent"), ("cleared", "pending")]
    assert made.settle(seen(50, "RUNNING"), T + 50).opened == ()


def a_failing_transaction_changes_nothing(engine: Engine) -> None:
    made = ledger(engine)
    made.settle(seen(0, "RUNNING"), T)
    broken = Ledger(sa.create_engine("sqlite:////nowhere/at/all.db"), POLICY, HUB, frozenset(), False)
    broken.records, before = dict(made.records), dict(made.records)
    try:
        broken.settle(seen(10, "RUNTIME_ERROR"), T + 10)
    except sa.exc.SQLAlchemyError:
        pass
    else:
        raise AssertionError("a database that is not there took it")
    assert broken.records == before
    assert broken.opens == {}


def a_killed_watcher_repeats_nothing(engine: Engine) -> None:
    made = ledger(engine, ACTING)
    made.settle(seen(0, "RUNNING"), T)
    outcome = made.settle(seen(10, "RUNTIME_ERROR"), T + 10)
    assert [act.rung for act in outcome.acts] == ["restart"]
    made.say(outcome.opened[0], None)
    with engine.begin() as connection:
        assert outbox.take(connection, T + 11) is not None
    again = ledger(engine, ACTING, T + 12)
    assert [alert.event for alert in again.interrupted] == ["opened"]
    assert alerts(engine) == [("opened", "unknown")]
    assert again.settle(seen(20, "RUNTIME_ERROR"), T + 20).acts == ()
    with engine.connect() as connection:
        row = connection.execute(sa.select(ACTIONS)).one()
    assert (row.outcome, row.space) == ("unknown", "a/b")
    assert [one.id for one in again.opens.values()] == [outcome.opened[0].id]
    again.settle(seen(30, "RUNNING"), T + 30)
    again.settle(seen(41, "RUNNING"), T + 41)
    assert alerts(engine)[-1] == ("cleared", "pending")


def many_are_one_incident_and_what_is_left_is_told(engine: Engine) -> None:
    made = ledger(engine)
    names = [f"a/{number}" for number in range(30)]
    everything = Found(tuple(Seen(name, T, "RUNNING") for name in names))
    made.settle(everything, T)
    (first,) = made.settle(seen(5, "RUNTIME_ERROR", "a/0"), T + 5).opened
    failed = Found(tuple(Seen(name, T + 10, "RUNTIME_ERROR") for name in names[1:20]))
    (incident,) = made.settle(failed, T + 10).opened
    assert (incident.space, incident.kind) == (EVERY, "many")
    assert alerts(engine) == [("opened", "dropped"), ("opened", "diagnosing")]
    assert first.space == "a/0"
    made.say(incident, None)
    up = [Found(tuple(Seen(name, T + second, "RUNNING") for name in names[:19])) for second in (400, 420)]
    made.settle(up[0], T + 400)
    outcome = made.settle(up[1]._replace(seen=(*up[1].seen, Seen("a/19", T + 420, "RUNTIME_ERROR"))), T + 420)
    assert outcome.closed[-1][0].kind == "many"
    assert "1 still down" in outcome.closed[-1][1]
    assert alerts(engine)[2:] == [("cleared", "pending"), ("opened", "diagnosing")]
    assert [one.space for one in made.opens.values()] == ["a/19"]


def held_alerts_wait_for_the_end_of_maintenance(engine: Engine) -> None:
    policy = decode("[[maintenance]]\nbegins = 2023-11-14T22:00:00Z\nends = 2023-11-14T22:15:00Z\n", "p.toml")
    made = ledger(engine, policy)  # T is 22:13:20
    made.settle(Found((Seen("a/b", T, "RUNNING"), Seen("a/c", T, "RUNNING"))), T)
    made.settle(Found((Seen("a/b", T + 10, "RUNTIME_ERROR"), Seen("a/c", T + 10, "RUNTIME_ERROR"))), T + 10)
    assert alerts(engine) == [("opened", "held"), ("opened", "held")]
    again = ledger(engine, policy, T + 15)
    again.settle(Found((Seen("a/c", T + 20, "PAUSED"),)), T + 20)
    assert alerts(engine) == [("opened", "held"), ("opened", "dropped")]
    again.settle(Found((Seen("a/b", T + 110, "RUNTIME_ERROR"),)), T + 110)
    assert alerts(engine) == [("opened", "diagnosing"), ("opened", "dropped")]


def an_undelivered_alert_is_tried_again_later_and_given_up_at_last(engine: Engine) -> None:
    with engine.begin() as connection:
        outbox.put(connection, 1, "opened", "pending", "t", "b", T)
        outbox.put(connection, 1, "cleared", "pending", "t", "b", T)
        now, waits = T, []
        while (alert := outbox.take(connection, now)) is not None and alert.event == "opened":
            if outbox.done(connection, alert, False, now) == "failed":
                break
            due = outbox.next_at(connection)
            waits.append(10_000)
            assert due is not None
            now += 10_000
        assert len(waits) == outbox.ATTEMPTS - 1
        assert outbox.states(connection) == {"failed": 1, "pending": 1}
        cleared = outbox.take(connection, now + 1)
        assert cleared is not None and cleared.event == "cleared"


def secrets_and_nul_do_not_get_in(engine: Engine) -> None:
    token = "hf_" + "AbCdEfGh1234567890abcdefghIJKLMN12"
    made = ledger(engine)
    made.settle(seen(0, "RUNNING"), T)
    (opened,) = made.settle(seen(1, "RUNTIME_ERROR", error=f"token={token}\x00"), T + 1).opened
    made.say(opened, Said(f"because of {token}"))
    with engine.begin() as connection:
        number = store.begin_action(connection, "a/b", opened.id, "restart", T, "begun")
        store.end_action(connection, number, T, "failed", f"Bearer {token}")
        store.keep(connection, [Change("a/b", T, "error", token, token)], [])
        rows = [row for table in METADATA.tables.values() for row in connection.execute(sa.select(table))]
    assert token not in repr(rows)
    assert "\\x00" not in repr(rows)


def old_history_goes_but_not_what_is_still_so(engine: Engine) -> None:
    made = ledger(engine)
    for second, stage in ((0, "BUILDING"), (60, "APP_STARTING"), (90, "RUNNING")):
        made.settle(seen(second, stage), T + second)
    made.settle(seen(100, "RUNTIME_ERROR", "a/c"), T + 100)
    with engine.begin() as connection:
        assert store.prune(connection, T + 1e6) > 0
        left = connection.execute(sa.select(CHANGES.c.space, CHANGES.c.new).order_by(CHANGES.c.id)).all()
        assert [tuple(row) for row in left] == [("a/b", "RUNNING"), ("a/c", "RUNTIME_ERROR")]
        assert connection.execute(sa.select(sa.func.count()).select_from(TROUBLES)).scalar() == 1


def the_history_of_a_space(engine: Engine) -> None:
    made = ledger(engine)
    for second, stage in (
        (0, "BUILDING"),
        (60, "APP_STARTING"),
        (90, "RUNNING"),
        (200, "RUNTIME_ERROR"),
        (300, "RUNNING"),
    ):
        made.settle(seen(second, stage, error="Exit code: 1" if "ERROR" in stage else ""), T + second)
    made.settle(seen(400, "RUNNING"), T + 400)
    with engine.connect() as connection:
        assert history(connection, "nobody/knows", T, T + 400) is None
        found = history(connection, "A/B", T - 1, T + 400)
    assert found is not None
    assert found.in_stage == {"BUILDING": 60, "APP_STARTING": 30, "RUNNING": 210, "RUNTIME_ERROR": 100}
    assert (found.watched, found.unwatched, found.starts) == (400, 0, (30.0,))
    assert [(one.kind, one.closed_at is not None) for one in found.incidents] == [("failed", True)]
    assert found.stays[3].error == "Exit code: 1"
    later = ledger(engine, now=T + 2000)
    later.settle(Found((Seen("a/b", T + 2100, "RUNNING"),)), T + 2100)
    with engine.connect() as connection:
        found = history(connection, "a/b", T - 1, T + 2100)
    assert found is not None
    assert (found.watched, found.unwatched) == (500, 1600)


def a_start_that_nobody_watched_is_not_called_stuck(engine: Engine) -> None:
    made = ledger(engine)
    made.settle(seen(0, "RUNNING"), T)
    made.settle(seen(10, "APP_STARTING"), T + 10)
    soon = ledger(engine, now=T + 100)
    soon.settle(seen(101, "APP_STARTING"), T + 101)
    assert soon.records["a/b"].now_in.since == T + 10
    late = ledger(engine, now=T + 9000)
    assert late.settle(seen(9001, "APP_STARTING"), T + 9001).opened == ()
    for second in range(9600, 10_800, 600):
        assert late.settle(seen(second, "APP_STARTING"), T + second).opened == ()
    assert [one.kind for one in late.settle(seen(10_900, "APP_STARTING"), T + 10_900).opened] == ["stuck"]


def a_gap_outlives_a_kill(engine: Engine) -> None:
    """The Hub was not to be asked for a while, then the watcher was killed: neither makes a start older."""
    made = ledger(engine)
    made.gap = 180.0
    made.settle(seen(0, "RUNNING"), T)
    for second in range(60, 600, 60):
        made.settle(seen(second, "APP_STARTING"), T + second)
    made.settle(Found(), T + 1500)  # nothing was seen, but the database was written to
    blind = ledger(engine, now=T + 1510)
    assert blind.records["a/b"].seen.at == T + 540
    blind.gap = 180.0
    assert blind.settle(seen(1520, "APP_STARTING"), T + 1520).opened == ()
    again = ledger(engine, now=T + 1550)
    assert again.records["a/b"].now_in[:4] == ("APP_STARTING", T + 1520, None, False)
    again.gap = 180.0
    for second in range(1580, 3320, 60):
        assert again.settle(seen(second, "APP_STARTING"), T + second).opened == ()
    assert [one.kind for one in again.settle(seen(3320, "APP_STARTING"), T + 3320).opened] == ["stuck"]


def a_fall_of_url_and_stage_comes_back_as_one(engine: Engine) -> None:
    made = ledger(engine)
    made.settle(seen(0, "RUNNING", sleeps=False), T)
    for second, answer in ((5, "app"), (10, "edge"), (15, "app"), (20, "edge")):
        made.settle(Found(probed=(("a/b", T + second, Probed(answer, "")),)), T + second)
    made.settle(seen(25, "RUNTIME_ERROR", sleeps=False), T + 25)
    again = ledger(engine, now=T + 30)
    assert made.records["a/b"].url.falls == again.records["a/b"].url.falls == (T + 10,)


CASES = (
    a_gap_outlives_a_kill, a_fall_of_url_and_stage_comes_back_as_one,
    the_migrations_give_the_schema, what_is_kept_comes_back, a_trouble_is_opened_said_and_closed_once,
    a_failing_transaction_changes_nothing, a_killed_watcher_repeats_nothing,
    many_are_one_incident_and_what_is_left_is_told, held_alerts_wait_for_the_end_of_maintenance,
    an_undelivered_alert_is_tried_again_later_and_given_up_at_last, secrets_and_nul_do_not_get_in,
    old_history_goes_but_not_what_is_still_so, the_history_of_a_space,
    a_start_that_nobody_watched_is_not_called_stuck,
)  # fmt: skip
