"""Users, organisations, tokens."""

from __future__ import annotations

import hashlib
import secrets
import time

import sqlalchemy as sa

from unstick.localhub.store import schema
from unstick.record import NamedTuple

ROLES = ("read", "write", "admin")
"""What a token may do; admin is the hub's own (faults)."""


class Caller(NamedTuple):
    """Who asks: `name` '' for nobody; `orgs` the organisations with the role there; `role` of the token."""

    name: str = ""
    role: str = ""
    token_name: str = ""
    plan: str = ""
    orgs: tuple[tuple[str, str], ...] = ()

    def reads(self, owner: str) -> bool:
        """Whether the private repositories of an account may be seen."""
        return bool(self.name) and (self.name == owner or owner in dict(self.orgs))

    def writes(self, owner: str) -> bool:
        """Whether the repositories of an account may be changed."""
        if self.role not in ("write", "admin"):
            return False
        return self.name == owner or dict(self.orgs).get(owner) in ("write", "admin")


NOBODY = Caller()


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def create_account(connection: sa.Connection, name: str, kind: str = "user", plan: str = "pro") -> bool:
    """Add a user or an organisation ('org'); False when the name is taken."""
    table = schema.accounts
    if connection.execute(sa.select(table.c.name).where(sa.func.lower(table.c.name) == name.lower())).first():
        return False
    connection.execute(
        table.insert().values(
            name=name, kind=kind, plan=plan, creator_id=secrets.token_hex(12), created=time.time()
        )
    )
    return True


def join(connection: sa.Connection, org: str, member: str, role: str) -> None:
    """Make a user a member of an organisation."""
    connection.execute(
        schema.members.delete().where(schema.members.c.org == org, schema.members.c.member == member)
    )
    connection.execute(schema.members.insert().values(org=org, member=member, role=role))


def create_token(
    connection: sa.Connection, account: str, name: str, role: str, seconds: float | None = None
) -> str:
    """A new token; it is shown once and kept as a digest. `seconds` until it expires (None: never)."""
    token = "hf_" + "".join(secrets.choice(_LETTERS) for _ in range(34))
    now = time.time()
    connection.execute(
        schema.tokens.insert().values(
            digest=digest(token), account=account, name=name, role=role, created=now,
            expires=None if seconds is None else now + seconds,
        )
    )  # fmt: skip
    return token


def caller(connection: sa.Connection, token: str) -> Caller | None:
    """Whom a token belongs to, or None: unknown or expired."""
    joined = schema.tokens.join(schema.accounts, schema.tokens.c.account == schema.accounts.c.name)
    row = connection.execute(
        sa.select(schema.tokens, schema.accounts.c.plan)
        .select_from(joined)
        .where(schema.tokens.c.digest == digest(token))
    ).first()
    if row is None or (row.expires is not None and row.expires <= time.time()):
        return None
    return Caller(row.account, row.role, row.name, row.plan, _orgs(connection, row.account))


def reader(connection: sa.Connection, name: str) -> Caller | None:
    """A user by name, with the right to see what is theirs and nothing more; None when there is none."""
    table = schema.accounts
    row = connection.execute(sa.select(table).where(table.c.name == name, table.c.kind == "user")).first()
    return None if row is None else Caller(row.name, "read", "", row.plan, _orgs(connection, row.name))


def _orgs(connection: sa.Connection, name: str) -> tuple[tuple[str, str], ...]:
    table = schema.members
    rows = connection.execute(sa.select(table.c.org, table.c.role).where(table.c.member == name)).all()
    return tuple((row.org, row.role) for row in rows)


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
