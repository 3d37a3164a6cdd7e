"""The large files of a repository, over all its history, and deleting them for good."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from unstick.localhub import large, rewriting
from unstick.localhub.api.endpoint import Call
from unstick.localhub.api.files import page
from unstick.localhub.api.located import located, located_in, of_each_kind
from unstick.localhub.api.times import iso
from unstick.localhub.landing import landed
from unstick.localhub.store import objects
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

PAGE = 1000


class Deletions(msgspec.Struct):
    """Which files, by SHA-256, and whether their pointers leave the history too."""

    sha: list[str]
    rewriteHistory: bool = False


class ToDelete(msgspec.Struct):
    """The body of a deletion."""

    deletions: Deletions


def lfs_files(call: Call) -> Response:
    """All large files that were uploaded to the repository."""
    from unstick.localhub.app import answer

    with call.hub.reads.begin() as connection:
        here = located_in(call, connection)
        held = objects.held(connection, here.repo.id)
    rows, link = page(call, list(held.values()), PAGE)
    return answer(
        [
            {
                "fileOid": one.oid, "oid": one.oid, "filename": one.filename, "size": one.size,
                "pushedAt": iso(one.pushed), "ref": "refs/heads/main" if one.filename else None,
            }
            for one in rows
        ],
        headers=link,
    )  # fmt: skip


def delete(call: Call) -> dict[str, Any]:
    """Delete large files, and with rewriteHistory every pointer to them."""
    here = located(call, "write")
    with call.hub.engine.begin() as connection:
        held = objects.held(connection, here.repo.id)
        gone = [oid for oid in call.body.deletions.sha if oid in held]
        objects.drop(connection, here.repo.id, gone)
    if call.body.deletions.rewriteHistory and gone:
        rewriting.without(here.git, [held[oid] for oid in gone])
    landed(call.hub, here.repo)
    large.collect(call.hub)
    return {"success": True, "deleted": len(gone)}


ENDPOINTS = (
    *of_each_kind(
        "GET", "/lfs-files", lfs_files, "All large files of a repository",
        query=(("limit", "files a page"), ("cursor", "where the page begins")),
    ),
    *of_each_kind(
        "POST", "/lfs-files/batch", delete, "Delete large files for good", body=ToDelete, answers=(400, 401, 403, 404)
    ),
)  # fmt: skip
