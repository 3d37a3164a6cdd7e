"""Large files on disk: taken with flat memory, checked against their SHA-256, on the disk before they count."""

from __future__ import annotations

import hashlib
import os
import shutil
import time

import sqlalchemy as sa

from unstick.localhub import pointers
from unstick.localhub.store import objects
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unstick.localhub.hub import Hub
    from unstick.localhub.tickets import Ticket

COPIED = 1024 * 1024
SPARED = 3600.0
"""Seconds for which a large file that no repository has is left alone: its commit may be on the way."""


class WrongContent(ValueError):
    """What came is not what was announced."""


class Receiver:
    """One large file, or a part of one, on its way to disk."""

    def __init__(self, path: str, most: int) -> None:
        self.path = path
        self.size = 0
        self._most = most
        self._digest = hashlib.sha256()
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        self._file = os.fdopen(os.open(path, flags, 0o600), "wb")

    def write(self, piece: bytes) -> None:
        """Take the next bytes. Raises WrongContent when they are more than announced."""
        self.size += len(piece)
        if self.size > self._most:
            raise WrongContent(f"more than the {self._most} bytes that were announced")
        self._digest.update(piece)
        self._file.write(piece)

    def close(self) -> str:
        """All is there: on the disk, with this SHA-256."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._digest.hexdigest()

    def abandon(self) -> None:
        """It does not count."""
        self._file.close()
        if os.path.exists(self.path):
            os.unlink(self.path)


def keep(hub: Hub, ticket: Ticket, path: str, digest: str, size: int) -> None:
    """Put a file that has been received among the large ones, and note that the repository has it. Raises
    WrongContent when it is not the one of the ticket."""
    if (digest, size) != (ticket.oid, ticket.size):
        os.unlink(path)
        raise WrongContent(
            "the content is not the one that was announced: its size or its SHA-256 is another"
        )
    target = pointers.place(hub.settings.folder("objects"), ticket.oid)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    os.replace(path, target)
    for folder in (
        os.path.dirname(target),
        os.path.dirname(os.path.dirname(target)),
        hub.settings.folder("objects"),
    ):
        _sync(folder)
    try:
        _note(hub, ticket, target)
    except (
        sa.exc.IntegrityError
    ):  # another upload of the same file was first, or its row went: now it is settled
        _note(hub, ticket, target)


def _note(hub: Hub, ticket: Ticket, target: str) -> None:
    with hub.engine.begin() as connection:
        objects.hold(connection, ticket.repo, ticket.oid, ticket.size)
        if not os.path.exists(target):  # the last one that had it gave it up in between
            raise WrongContent("the file was removed while it came: send it again")


def assemble(hub: Hub, ticket: Ticket, folder: str) -> None:
    """Make one file of the parts in a folder. Raises WrongContent."""
    receiver = Receiver(os.path.join(folder, "whole"), ticket.size)
    try:
        for number in range(1, -(-ticket.size // ticket.chunk) + 1):
            path = os.path.join(folder, f"part-{number}")
            if not os.path.isfile(path):
                raise WrongContent(f"part {number} is not there")
            with open(path, "rb") as part:
                while piece := part.read(COPIED):
                    receiver.write(piece)
            os.unlink(path)  # one copy on the disk is enough
        digest = receiver.close()
    except WrongContent:
        receiver.abandon()
        raise
    keep(hub, ticket, receiver.path, digest, receiver.size)
    shutil.rmtree(folder, ignore_errors=True)


def collect(hub: Hub) -> int:
    """Delete the large files that no repository has any more; gives how many."""
    with hub.reads.begin() as connection:
        gone = objects.unheld(connection, time.time() - SPARED)
    release(hub, gone)
    return len(gone)


def release(hub: Hub, oids: Iterable[str]) -> None:
    """Delete those of these large files that no repository has any more."""
    for oid in oids:
        with hub.engine.begin() as connection:
            if oid in objects.unheld(connection, time.time()):
                objects.forget(connection, oid)
                path = pointers.place(hub.settings.folder("objects"), oid)
                if os.path.exists(path):
                    os.unlink(path)


def clear_uploads(folder: str) -> None:
    """Delete what an earlier run of the hub was receiving when it ended."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)


def _sync(folder: str) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
