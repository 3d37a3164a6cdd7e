"""What a database knows of itself: named texts in the table `meta`."""

from __future__ import annotations

import sqlalchemy as sa

from unstick.localhub.store.schema import meta


def get(connection: sa.Connection, name: str, *, hold: bool = False) -> str:
    """A text, or ''. With `hold` nobody else changes it before the transaction ends."""
    asked = sa.select(meta.c.value).where(meta.c.name == name)
    return str(connection.execute(asked.with_for_update(read=True) if hold else asked).scalar() or "")


def put(connection: sa.Connection, name: str, value: str) -> None:
    """Set a text."""
    connection.execute(meta.delete().where(meta.c.name == name))
    connection.execute(meta.insert().values(name=name, value=value))
