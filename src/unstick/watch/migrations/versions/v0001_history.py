"""The first tables: Spaces, their changes, troubles, alerts, actions, and when somebody watched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.Float(53)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _moment(name: str) -> sa.Column[float]:
    return sa.Column(name, MOMENT, nullable=False)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "spaces",
        sa.Column("space", sa.Text, primary_key=True),
        *map(_moment, ("first_seen", "last_seen")),
        *map(_text, ("stage", "sha", "served", "hardware", "error", "sdk")),
        sa.Column("timeout", sa.Integer),
        sa.Column("sleeps", sa.Boolean),
        _text("url"),
        sa.Column("private", sa.Boolean, nullable=False),
        _text("answer"),
        _moment("answer_since"),
    )
    op.create_table("changes", _id(), _text("space"), _moment("at"), *map(_text, ("field", "old", "new")))
    op.create_index("changes_of_space", "changes", ["space", "field", "at"])
    op.create_index("changes_at", "changes", ["at"])
    op.create_table(
        "troubles",
        _id(),
        *map(_text, ("space", "family", "kind")),
        *map(_moment, ("since", "opened_at")),
        sa.Column("closed_at", MOMENT),
        *map(_text, ("detail", "cause", "domain", "sentence", "ended_by")),
        sa.Column("incident", sa.Integer, nullable=False),
    )
    op.create_index("troubles_of_space", "troubles", ["space", "opened_at"])
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "troubles_open_once",
        "troubles",
        ["space", "family"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    _outbox_and_audit()


def _outbox_and_audit() -> None:
    op.create_table(
        "alerts",
        _id(),
        sa.Column("trouble", sa.Integer, nullable=False),
        *map(_text, ("event", "state")),
        _moment("created_at"),
        *map(_text, ("title", "body")),
        sa.Column("attempts", sa.Integer, nullable=False),
        _moment("next_at"),
        sa.Column("done_at", MOMENT),
        sa.UniqueConstraint("trouble", "event", name="alerts_once"),
    )
    op.create_index("alerts_by_state", "alerts", ["state", "id"])
    op.create_table(
        "actions",
        _id(),
        _text("space"),
        sa.Column("trouble", sa.Integer, nullable=False),
        _text("rung"),
        _moment("begun_at"),
        sa.Column("ended_at", MOMENT),
        *map(_text, ("outcome", "detail")),
    )
    op.create_index("actions_of_space", "actions", ["space", "begun_at"])
    op.create_index("actions_begun", "actions", ["begun_at"])
    op.create_table("runs", _id(), *map(_moment, ("started_at", "beat_at")))


def downgrade() -> None:
    """Drop everything."""
    for table in ("runs", "actions", "alerts", "troubles", "changes", "spaces"):
        op.drop_table(table)
