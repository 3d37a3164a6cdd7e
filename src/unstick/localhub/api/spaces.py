"""One repository: its information, at its newest commit or at another one; where a Space answers."""

from __future__ import annotations

from unstick.localhub import hosts
from unstick.localhub.api import access, errors
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.api.shapes import WHOLE, checked_expand, object_of
from unstick.localhub.repository import NoSuchRevision
from unstick.localhub.store import objects, repos, spaces
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from unstick.localhub.store.repos import Repo


def info(call: Call) -> dict[str, Any]:
    """A repository at the newest commit of main, or at `revision`: all of it, or what `expand` names."""
    kind = access.kind_of(call)
    blobs = call.flag("blobs")
    wanted = checked_expand(kind, call.request.query_params.getlist("expand")) or WHOLE
    with call.hub.reads.begin() as connection:
        repo = access.repo_of(call, connection, kind=kind)
        row = spaces.get(connection, repo.id)
        held = objects.held(connection, repo.id) if blobs else None
    commit = None
    revision = call.path.get("revision")
    if revision is not None:
        try:
            commit = call.hub.repository(repo.storage).resolve(revision)
        except NoSuchRevision:
            raise errors.revision_not_found(revision) from None
    with access.while_there(call.hub, repo):
        return object_of(call.hub, repo, row, wanted, commit, held)


def without_owner(call: Call) -> None:
    """A name without an owner: no repository here has one. Raises ApiError 404."""
    access.seen(call.caller, None)


def by_subdomain(call: Call) -> dict[str, Any]:
    """The Space that answers under a host label."""
    with call.hub.reads.begin() as connection:
        repo = access.seen(call.caller, repos.by_subdomain(connection, call.path["subdomain"].lower()))
        row = spaces.get(connection, repo.id)
    with access.while_there(call.hub, repo):
        return object_of(call.hub, repo, row, WHOLE)


def host(call: Call) -> dict[str, Any]:
    """The address of a Space's app; of a protected Space everybody may know it."""
    with call.hub.reads.begin() as connection:
        repo: Repo | None = repos.find(connection, "space", call.path["owner"], call.path["name"])
        if repo is None or repo.visibility != "protected":
            repo = access.repo_of(call, connection)
    return {"subdomain": repo.subdomain, "host": hosts.host_of(call.hub.settings, repo.subdomain)}


_QUERY = (
    ("expand", "a property to answer, instead of all; may be repeated"),
    ("blobs", "with sizes of files"),
)

ENDPOINTS = (
    *(
        Endpoint(
            "GET", f"/api/{plural}/{{owner}}/{{name}}{rest}", info, f"A {kind}{at}", query=_QUERY,
            answers=(400, 401, 404),
        )
        for plural, kind in access.PLURALS.items()
        for rest, at in (("", ""), ("/revision/{revision:path}", " at a revision"))
    ),
    *(
        Endpoint("GET", f"/api/{plural}/{{name}}", without_owner, f"A {kind} without an owner", answers=(401, 404))
        for plural, kind in access.PLURALS.items()
    ),
    Endpoint(
        "GET", "/api/spaces/by-subdomain/{subdomain}", by_subdomain, "The Space of a host label",
        answers=(401, 404),
    ),
    Endpoint("GET", "/api/spaces/{owner}/{name}/host", host, "Where a Space answers", answers=(401, 404)),
)  # fmt: skip
