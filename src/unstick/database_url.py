"""The addresses of databases that unstick can use: SQLite, and PostgreSQL through pg8000."""

from __future__ import annotations

from unstick.errors import UsageError
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import URL


def url_of(given: str) -> URL:
    """The address of a database: an SQLAlchemy URL for SQLite or PostgreSQL, or a path of an SQLite file.

    `postgresql://` means the driver that unstick brings, pg8000. Raises UsageError for other databases.
    """
    from sqlalchemy.engine import URL, make_url
    from sqlalchemy.exc import ArgumentError

    if "://" not in given:
        return URL.create("sqlite", database=given)
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise UsageError("is no address of a database", where="--database",
                         todo="Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.") from None  # fmt: skip
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+pg8000")
    if url.drivername not in ("sqlite", "postgresql+pg8000"):
        raise UsageError(
            f"{url.drivername} is not a database that unstick can use",
            where="--database", todo="Use SQLite or PostgreSQL.",
        )  # fmt: skip
    return url


def quiet_pool() -> None:
    """Keep SQLAlchemy's pool from printing a traceback for each connection that a restart of the database broke:
    it replaces them, and what failed is its users' business."""
    import logging

    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
