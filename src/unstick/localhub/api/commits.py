"""Commits through the API, and what the client asks before one."""

from __future__ import annotations

import shutil
import tempfile

import msgspec
from starlette.concurrency import run_in_threadpool

from unstick.localhub import heavy, metadata, quota, uploading, wording
from unstick.localhub.api import errors
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.api.located import (
    Located,
    address,
    commit_of,
    located_in,
    of_each_kind,
    path_of,
    rest_of,
)
from unstick.localhub.committing import Incoming, Refused
from unstick.localhub.landing import landed
from unstick.localhub.repository import Conflict, NoSuchRevision, NotThere
from unstick.localhub.store import objects
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from unstick.localhub.repository import Change

TRIES = 20
BATCH = 1024 * 1024
"""Bytes that are gathered before a thread takes them."""
DRAINED = 4 * 2**30
"""Bytes of a refused body that are still read: a client that is cut off while it sends never sees the answer."""


class ToValidate(msgspec.Struct):
    """The body of validate-yaml."""

    content: str
    repoType: str = "model"


class Sampled(msgspec.Struct):
    """One file of a preupload: `sample` are its first bytes in base64."""

    path: str
    size: int
    sample: str = ""


class ToUpload(msgspec.Struct):
    """The body of preupload."""

    files: list[Sampled]
    gitIgnore: str | None = None


def validate_yaml(call: Call) -> dict[str, Any]:
    """Judge a README's block; 400 with the errors when a push with it would be refused."""
    found = metadata.verdict(call.body.content.encode("utf-8", "surrogatepass"), call.body.repoType)
    rows = {
        "errors": [{"message": text} for text in found.errors],
        "warnings": [{"message": text} for text in found.warnings],
    }
    if found.errors:
        raise errors.ApiError(400, "; ".join(found.errors), extra=rows)
    return rows


def preupload(call: Call) -> dict[str, Any]:
    """How each file is to be uploaded, whether .gitignore leaves it out, and what is there already."""
    revision, _ = rest_of(call)
    with call.hub.reads.begin() as connection:
        here = located_in(call, connection, "write")
        held = objects.held(connection, here.repo.id)
    commit = commit_of(here, revision)
    if len(call.body.files) > uploading.MOST_FILES:
        raise errors.ApiError(413, f"at most {uploading.MOST_FILES} files a call")
    files = [(path_of(file.path), file.size, file.sample) for file in call.body.files]
    large = call.hub.settings.large_files == "lfs"
    rows = uploading.modes(here.git, commit, files, call.body.gitIgnore, held, large)
    return {"files": rows, "commitOid": commit or None}


async def commit(call: Call) -> dict[str, Any]:
    """One commit from a body of JSON lines: header, file, lfsFile, deletedFile, deletedFolder."""
    here, incoming, folder = await run_in_threadpool(_begin, call)
    try:
        refused: Refused | None = None
        gathered, drained = bytearray(), 0
        async for piece in call.request.stream():
            gathered += piece
            if len(gathered) < BATCH:
                continue
            if refused is None:
                try:
                    await run_in_threadpool(incoming.feed, bytes(gathered))
                except Refused as error:
                    refused = error
            elif (drained := drained + len(gathered)) > DRAINED:
                break
            gathered.clear()
        if refused is not None:
            raise refused
        return await heavy.run(_finish, call, here, incoming, bytes(gathered))
    except Refused as error:
        rows = {"errors": [{"message": text} for text in error.messages]} if error.messages else {}
        raise errors.ApiError(error.status, error.text, error.code, extra=rows) from None
    finally:
        incoming.abandon()
        await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)


def _begin(call: Call) -> tuple[Located, Incoming, str]:
    revision, _ = rest_of(call)
    with call.hub.reads.begin() as connection:
        here = located_in(call, connection, "write")
        held = objects.held(connection, here.repo.id)
        room = quota.room(call.hub, connection, here.repo)
    _target(call, here, revision)
    folder = tempfile.mkdtemp(prefix="commit-", dir=call.hub.settings.folder("uploads"))
    return here, Incoming(folder, room, held, here.repo.kind), folder


def _target(call: Call, here: Located, revision: str) -> tuple[str, str]:
    """The ref that the commit goes to, and the commit that a ref of its own begins with."""
    base = commit_of(here, revision)
    if call.flag("create_pr"):
        numbers = [int(name[8:]) for name, _ in here.git.refs() if name.startswith("refs/pr/")]
        return f"refs/pr/{max(numbers, default=0) + 1}", base
    ref = revision if revision.startswith("refs/pr/") else f"refs/heads/{revision}"
    if base and not here.git.ref(ref):
        raise errors.bad_request(f"{revision[:100]!r} is no branch: commits go to branches only")
    return ref, base


def _finish(call: Call, here: Located, incoming: Incoming, rest: bytes) -> dict[str, Any]:
    revision, _ = rest_of(call)
    incoming.feed(rest)
    incoming.close()
    incoming.check_readme()
    changes = incoming.store(here.git)
    ref, oid = _committed(call, here, incoming, changes, revision)
    with call.hub.engine.begin() as connection:
        for one in incoming.operations:
            if one.oid:
                objects.name(connection, here.repo.id, one.oid, one.path)
    landed(call.hub, here.repo)
    page = address(call, here.repo)
    out = {"success": True, "commitOid": oid, "commitUrl": f"{page}/commit/{oid}", "hookOutput": ""}
    if call.flag("create_pr"):
        out["pullRequestUrl"] = f"{page}/discussions/{ref.removeprefix('refs/pr/')}"
    return out


def _committed(
    call: Call, here: Located, incoming: Incoming, changes: Sequence[Change], revision: str
) -> tuple[str, str]:
    """Make the commit; gives its ref and its oid. The ref of a pull request is a new one: when another call took
    the number, the next is tried."""
    aside = call.flag("create_pr")
    for _ in range(TRIES if aside else 1):
        ref, base = _target(call, here, revision)
        parent = _parent(here, incoming, base, aside)
        if aside:
            base, parent = parent or base, ""
        try:
            author = call.caller.name
            return ref, here.git.commit(
                ref, changes, incoming.message, author=author, parent=parent, base=base
            )
        except Conflict:
            continue
        except NotThere as error:
            raise Refused(404, f"{wording.NO_FILE}: {error}", code="EntryNotFound") from None
    raise Refused(412, wording.MOVED_ON)


def _parent(here: Located, incoming: Incoming, base: str, aside: bool) -> str | None:
    """The commit that the branch has to stand at, by the header; shortened ones are meant too. A pull request may
    begin with any (`aside`)."""
    assert incoming.header is not None
    given = incoming.header.parentCommit
    if not given:
        return None
    try:
        found = here.git.resolve(given)
    except NoSuchRevision:
        raise Refused(412, wording.MOVED_ON) from None
    if found != base and not aside:
        raise Refused(412, wording.MOVED_ON)
    return found


ENDPOINTS = (
    Endpoint(
        "POST", "/api/validate-yaml", validate_yaml, "Judge the block of a README", body=ToValidate, answers=(400,)
    ),
    *of_each_kind(
        "POST", "/preupload/{rest:path}", preupload, "How files are to be uploaded: /preupload/BRANCH",
        body=ToUpload, answers=(400, 401, 403, 404, 413),
    ),
    *of_each_kind(
        "POST", "/commit/{rest:path}", commit, "One commit, as JSON lines: /commit/BRANCH", raw=True,
        query=(
            ("create_pr", "put the commit on a ref of its own, refs/pr/N"),
            ("hot_reload", "taken and passed over: the Space is built anew"),
        ),
        answers=(400, 401, 403, 404, 412, 413),
    ),
)  # fmt: skip
