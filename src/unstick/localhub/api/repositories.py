"""Repositories are deleted, moved, and given other settings."""

from __future__ import annotations

from starlette.responses import PlainTextResponse

from unstick.localhub import hosts, records
from unstick.localhub.api import access, bodies, errors, plans
from unstick.localhub.api.creating import checked_id, taken_error, target, visibility_of
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.store import repos, spaces
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from starlette.responses import Response


def delete(call: Call) -> Response:
    """Delete a repository with all that belongs to it."""
    body: bodies.Named = call.body
    owner, name = checked_id(f"{body.organization or call.caller.name}/{body.name}")
    with call.hub.reads.begin() as connection:
        repo = access.named(call, connection, body.type or "model", owner, name)
    records.delete(call.hub, repo)
    return PlainTextResponse("OK")


def move(call: Call) -> dict[str, Any]:
    """Give a repository another name or owner; its old name leads to it."""
    body: bodies.Move = call.body
    kind = body.type or "model"
    with call.hub.reads.begin() as connection:
        repo = access.named(call, connection, kind, *checked_id(body.from_repo))
        access.not_disabled(call.hub, repo)
        owner, name = target(call, *checked_id(body.to_repo), kind)
        if kind == "space" and owner != repo.owner:
            row = spaces.get(connection, repo.id)
            plans.check_hosting(call, connection, owner, repo.sdk, row.hardware if row else plans.FREE)
    try:
        moved = records.move(call.hub, repo, owner, name)
    except records.Taken as taken:
        raise taken_error(call, taken.repo) from None
    except records.Gone:
        raise errors.repo_not_found() from None
    return {"url": hosts.page_of(call.hub.settings, moved)}


def change(call: Call) -> dict[str, Any]:
    """Change who may see a repository."""
    body: bodies.Change = call.body
    kind = access.kind_of(call)
    wanted = visibility_of(body, kind)
    if body.gated:
        raise errors.bad_request("this local hub has no gated repositories")
    with call.hub.engine.begin() as connection:
        repo = access.repo_of(call, connection, "write", kind)
        if wanted is not None:
            repos.update(connection, repo.id, visibility=wanted)
    call.hub.changed(repo.id)
    shown = wanted or repo.visibility
    return {"visibility": shown, "private": shown == "private", "gated": False}


ENDPOINTS = (
    Endpoint(
        "DELETE", "/api/repos/delete", delete, "Delete a repository", body=bodies.Named, login=True,
        answers=(400, 401, 403, 404),
    ),
    Endpoint(
        "POST", "/api/repos/move", move, "Rename a repository or give it to another owner", body=bodies.Move,
        login=True, answers=(400, 401, 402, 403, 404, 409),
    ),
    *(
        Endpoint(
            "PUT", f"/api/{plural}/{{owner}}/{{name}}/settings", change, f"Change the settings of a {kind}",
            body=bodies.Change, login=True, answers=(400, 401, 403, 404),
        )
        for plural, kind in access.PLURALS.items()
    ),
)  # fmt: skip
