"""Secrets of Spaces: written, named, never read back."""

from __future__ import annotations

from unstick.localhub.api import access, bodies, errors, runtime
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.api.times import iso
from unstick.localhub.store import settings, spaces
from unstick.localhub.store.settings import Setting
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import sqlalchemy as sa

PATH = "/api/spaces/{owner}/{name}/secrets"


def shown(setting: Setting) -> dict[str, Any]:
    """A secret without its value."""
    described = {"description": setting.description} if setting.description else {}
    return {"key": setting.name, **described, "updatedAt": iso(setting.updated)}


def read(call: Call) -> dict[str, Any]:
    """The names of all secrets."""
    with call.hub.reads.begin() as connection:
        repo = access.repo_of(call, connection, "write")
        return {item.name: shown(item) for item in settings.read(connection, repo.id, "secret")}


def put(call: Call) -> dict[str, Any]:
    """Set a secret; the Space starts anew."""
    put_setting(call, "secret")
    return {}


def delete(call: Call) -> dict[str, Any]:
    """Remove a secret; one that is not there is fine."""
    delete_setting(call, "secret")
    return {}


def put_setting(call: Call, kind: str) -> int:
    """Set a secret or variable out of the body, and have the Space start anew; gives the repository's id."""
    body: bodies.Pair = call.body

    def change(connection: sa.Connection, repo: int) -> bool:
        before = {item.name: item for item in settings.read(connection, repo, kind)}
        old = before.get(body.key)
        if old is None and len(before) >= bodies.MOST_PAIRS:
            raise errors.bad_request(f"a Space has at most {bodies.MOST_PAIRS} of them")
        kept = old.description if old is not None else ""
        description = kept if body.description is None else body.description
        settings.put(connection, repo, Setting(kind, body.key, body.value, description))
        return old is None or old.value != body.value

    return _changing(call, change)


def delete_setting(call: Call, kind: str) -> int:
    """Remove the secret or variable that the body names; the Space starts anew if it was there."""
    body: bodies.Key = call.body
    return _changing(call, lambda connection, repo: settings.delete(connection, repo, kind, body.key))


def _changing(call: Call, change: Callable[[sa.Connection, int], bool]) -> int:
    with call.hub.engine.begin() as connection:
        repo = runtime.acting(call, connection)
        changed = change(connection, repo.id)
        if changed:
            spaces.want(connection, repo.id)
    if changed:
        call.hub.changed(repo.id)
    return repo.id


_ANSWERS = (400, 401, 403, 404)
ENDPOINTS = (
    Endpoint("GET", PATH, read, "The names of a Space's secrets", login=True, answers=(401, 403, 404)),
    Endpoint("POST", PATH, put, "Set a secret of a Space", body=bodies.Pair, login=True, answers=_ANSWERS),
    Endpoint(
        "DELETE", PATH, delete, "Remove a secret of a Space", body=bodies.Key, login=True, answers=_ANSWERS
    ),
)
