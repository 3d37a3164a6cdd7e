"""Variables of Spaces: public to all who may see the Space."""

from __future__ import annotations

from unstick.localhub.api import access, bodies, secrets
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.store import settings
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

PATH = "/api/spaces/{owner}/{name}/variables"


def read(call: Call) -> dict[str, Any]:
    """All variables with their values."""
    with call.hub.reads.begin() as connection:
        repo = access.repo_of(call, connection)
    return _shown(call, repo.id)


def put(call: Call) -> dict[str, Any]:
    """Set a variable; the Space starts anew. Answers all of them."""
    return _shown(call, secrets.put_setting(call, "variable"))


def delete(call: Call) -> dict[str, Any]:
    """Remove a variable; one that is not there is fine. Answers those left."""
    return _shown(call, secrets.delete_setting(call, "variable"))


def _shown(call: Call, repo: int) -> dict[str, Any]:
    with call.hub.reads.begin() as connection:
        found = settings.read(connection, repo, "variable")
    return {item.name: {**secrets.shown(item), "value": item.value} for item in found}


_ANSWERS = (400, 401, 403, 404)
ENDPOINTS = (
    Endpoint("GET", PATH, read, "The variables of a Space", answers=(401, 404)),
    Endpoint("POST", PATH, put, "Set a variable of a Space", body=bodies.Pair, login=True, answers=_ANSWERS),
    Endpoint(
        "DELETE", PATH, delete, "Remove a variable of a Space", body=bodies.Key, login=True, answers=_ANSWERS
    ),
)
