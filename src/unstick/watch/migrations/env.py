"""Run by Alembic: migrates the connection that `unstick.watch.database` hands over."""

from __future__ import annotations

from alembic import context

from unstick.watch.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
