"""The tables of the history database. A change here needs a migration; a test compares the two."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()
MOMENT = sa.Float(53)
"""Seconds since 1970 (UTC)."""

SPACES = sa.Table(
    "spaces",
    METADATA,
    sa.Column("space", sa.Text, primary_key=True),
    sa.Column("first_seen", MOMENT, nullable=False),
    sa.Column("last_seen", MOMENT, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("sha", sa.Text, nullable=False, default=""),
    sa.Column("served", sa.Text, nullable=False, default=""),
    sa.Column("hardware", sa.Text, nullable=False, default=""),
    sa.Column("error", sa.Text, nullable=False, default=""),
    sa.Column("sdk", sa.Text, nullable=False, default=""),
    sa.Column("timeout", sa.Integer),
    sa.Column("sleeps", sa.Boolean),
    sa.Column("url", sa.Text, nullable=False, default=""),
    sa.Column("private", sa.Boolean, nullable=False, default=False),
    sa.Column("answer", sa.Text, nullable=False, default=""),
    sa.Column("answer_since", MOMENT, nullable=False, default=0.0),
)
"""The last known state of each Space; its history is in `changes`."""

CHANGES = sa.Table(
    "changes",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("space", sa.Text, nullable=False),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("old", sa.Text, nullable=False),
    sa.Column("new", sa.Text, nullable=False),
    sa.Index("changes_of_space", "space", "field", "at"),
    sa.Index("changes_at", "at"),
)

TROUBLES = sa.Table(
    "troubles",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("space", sa.Text, nullable=False),
    sa.Column("family", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("since", MOMENT, nullable=False),
    sa.Column("opened_at", MOMENT, nullable=False),
    sa.Column("closed_at", MOMENT),
    sa.Column("detail", sa.Text, nullable=False, default=""),
    sa.Column("cause", sa.Text, nullable=False, default=""),
    sa.Column("domain", sa.Text, nullable=False, default=""),
    sa.Column("sentence", sa.Text, nullable=False, default=""),
    sa.Column("ended_by", sa.Text, nullable=False, default=""),
    sa.Column("incident", sa.Integer, nullable=False, default=0),
    sa.Index("troubles_of_space", "space", "opened_at"),
    sa.Index(
        "troubles_open_once",
        "space",
        "family",
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    ),
)

ALERTS = sa.Table(
    "alerts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("trouble", sa.Integer, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("next_at", MOMENT, nullable=False, default=0.0),
    sa.Column("done_at", MOMENT),
    sa.UniqueConstraint("trouble", "event", name="alerts_once"),
    sa.Index("alerts_by_state", "state", "id"),
)
"""The outbox: written in the transaction that opens or closes the trouble, sent afterwards."""

ACTIONS = sa.Table(
    "actions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("space", sa.Text, nullable=False),
    sa.Column("trouble", sa.Integer, nullable=False),
    sa.Column("rung", sa.Text, nullable=False),
    sa.Column("begun_at", MOMENT, nullable=False),
    sa.Column("ended_at", MOMENT),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False, default=""),
    sa.Index("actions_of_space", "space", "begun_at"),
    sa.Index("actions_begun", "begun_at"),
)
"""The audit log: a row is committed before the action is taken."""

RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("started_at", MOMENT, nullable=False),
    sa.Column("beat_at", MOMENT, nullable=False),
)
"""When somebody watched: what lies between two runs was not observed."""
