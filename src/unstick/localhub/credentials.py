"""The first user of a hub and the tokens that stand in its data folder, for its owner's eyes only."""

from __future__ import annotations

import contextlib
import os

from unstick.errors import UnreadableError, UsageError
from unstick.localhub import names
from unstick.localhub.store import accounts
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from unstick.localhub.hub import Hub
    from unstick.localhub.settings import Settings

TOKEN = "token"
ADMIN_TOKEN = "admin-token"
ENDPOINT = "endpoint"
LONGEST = 4096


class Credentials(NamedTuple):
    """What a person exports: `admin_token` is '' for a hub without faults."""

    token: str
    admin_token: str = ""


def first_of(hub: Hub, user: str) -> Credentials:
    """The user (made if new) with a token that may write, and with faults one that may switch them.

    Both are kept in the data folder with mode 0600, so that the next start gives the same; a token that the
    database does not know any more is made anew.
    """
    token = _kept(hub, TOKEN, user, "write")
    return Credentials(token, _kept(hub, ADMIN_TOKEN, user, "admin") if hub.settings.faults else "")


def _kept(hub: Hub, name: str, user: str, role: str) -> str:
    path = os.path.join(hub.settings.data, name)
    token = read(hub.settings.data, name)
    with hub.engine.begin() as connection:
        known = accounts.caller(connection, token) if token else None
        if known is not None and known.name == user and known.role == role:
            return token
        accounts.create_account(connection, user)
        token = accounts.create_token(connection, user, f"unstick hub {role}", role)
        write(path, token)
    return token


def checked_user(name: str, where: str = "--user") -> str:
    """A name that an account of the Hub can have. Raises UsageError."""
    try:
        return names.checked_name(name)
    except names.BadName as error:
        raise UsageError(f"cannot be the name of an account: {error}", where=where) from None


def read(folder: str, name: str) -> str:
    """One line kept in a data folder, '' where there is none. Links are not followed."""
    try:
        descriptor = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
        return file.read(LONGEST).strip()


def write(path: str, text: str) -> None:
    """Keep one line, readable for its owner only, whole or not at all."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{path}.new")
    descriptor = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)


def prepare(settings: Settings) -> None:
    """Make the data folder where it is not there, and its database a file for its owner only: the values of secrets
    are in it. Raises UnreadableError."""
    try:
        os.makedirs(settings.data, mode=0o700, exist_ok=True)
        if not settings.database:
            path = os.path.join(settings.data, "hub.db")
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
            os.fchmod(descriptor, 0o600)
            os.close(descriptor)
    except OSError as error:
        raise UnreadableError(f"cannot be used: {error.strerror}", where=settings.data) from None


def forget_endpoint(folder: str) -> None:
    """The hub ends: its address is nobody's any more."""
    with contextlib.suppress(OSError):
        os.unlink(os.path.join(folder, ENDPOINT))
