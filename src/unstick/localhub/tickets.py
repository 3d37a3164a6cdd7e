"""Addresses that carry their own permission: large files are sent without a token."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time

import msgspec
import sqlalchemy as sa

from unstick.localhub.store import schema
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.hub import Hub

LASTS = 6 * 3600.0
"""Seconds for which a ticket is good."""


class Ticket(msgspec.Struct, array_like=True, frozen=True):
    """One permission: `use` is upload or download, `chunk` the bytes of a part (0: the file comes whole)."""

    use: str
    repo: int
    oid: str
    size: int
    chunk: int
    until: float


def issue(hub: Hub, use: str, repo: int, oid: str, size: int, chunk: int = 0) -> str:
    """The text of a new ticket, fit for an address."""
    data = msgspec.json.encode(Ticket(use, repo, oid, size, chunk, time.time() + LASTS))
    return _text(data) + "." + _text(_sign(hub, data))


def read(hub: Hub, text: str, use: str) -> Ticket | None:
    """The ticket, if this hub gave it for this use and it still is good."""
    body, _, sign = text.partition(".")
    try:
        data, signed = _bytes(body), _bytes(sign)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(signed, _sign(hub, data)):
        return None
    ticket = msgspec.json.decode(data, type=Ticket)
    return ticket if ticket.use == use and ticket.until > time.time() else None


def _sign(hub: Hub, data: bytes) -> bytes:
    return hmac.new(_secret(hub), data, hashlib.sha256).digest()


def _secret(hub: Hub) -> bytes:
    """The hub's own, made at its first use and kept in the database."""
    table = schema.meta
    asked = sa.select(table.c.value).where(table.c.name == "tickets")
    with hub.reads.begin() as connection:
        found = connection.execute(asked).scalar()
    if found is None:
        try:
            with hub.engine.begin() as connection:
                connection.execute(table.insert().values(name="tickets", value=secrets.token_hex(32)))
        except sa.exc.IntegrityError:
            pass  # another thread was first
        with hub.reads.begin() as connection:
            found = connection.execute(asked).scalar_one()
    return bytes.fromhex(found)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
