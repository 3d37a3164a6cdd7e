"""Lists of repositories, page by page."""

from __future__ import annotations

import sqlalchemy as sa

from unstick.localhub.store import schema
from unstick.localhub.store.repos import Repo
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH = 200
ORDERS = {"createdAt": "created", "lastModified": "modified"}
"""What a list can be sorted by; the newest come first. The Hub also sorts by likes, downloads and trend, which
are all 0 here."""


class Wanted(NamedTuple):
    """Which repositories: of a kind, by an author, with a text in their name, of an SDK ('' for any). `readable`
    are the accounts whose private ones may be seen. `order` is a key of ORDERS, or ''."""

    kind: str
    readable: tuple[str, ...]
    author: str = ""
    search: str = ""
    sdk: str = ""
    order: str = ""


Place = tuple[float, int]
"""Where a page ends: the value that is sorted by, and the repository's id."""


def walk(connection: sa.Connection, wanted: Wanted, after: Place | None) -> Iterator[tuple[Repo, Place]]:
    """The repositories behind a place, each with its own place, fetched in batches."""
    table = schema.repos
    column = table.c[ORDERS[wanted.order]] if wanted.order in ORDERS else sa.literal(0.0)
    query = sa.select(table).where(*_conditions(wanted)).order_by(column.desc(), table.c.id.desc())
    while True:
        page = query
        if after is not None:
            value, number = after
            page = query.where(sa.or_(column < value, sa.and_(column == value, table.c.id < number)))
        rows = [Repo(*row) for row in connection.execute(page.limit(BATCH))]
        for repo in rows:
            after = (float(getattr(repo, ORDERS[wanted.order])) if wanted.order in ORDERS else 0.0, repo.id)
            yield repo, after
        if len(rows) < BATCH:
            return


def of_owner(connection: sa.Connection, owner: str) -> list[Repo]:
    """All repositories of an account, of every kind."""
    table = schema.repos
    rows = connection.execute(
        sa.select(table).where(table.c.owner == owner).order_by(table.c.kind, table.c.name)
    )
    return [Repo(*row) for row in rows]


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    table = schema.repos
    out: list[sa.ColumnElement[bool]] = [
        table.c.kind == wanted.kind,
        sa.or_(table.c.visibility == "public", table.c.owner.in_(wanted.readable)),
    ]
    if wanted.author:
        out.append(sa.func.lower(table.c.owner) == wanted.author.lower())
    if wanted.sdk:
        out.append(table.c.sdk == wanted.sdk)
    name = sa.func.lower(table.c.owner + "/" + table.c.name)
    return [*out, *(name.contains(word, autoescape=True) for word in wanted.search.lower().split()[:20])]
