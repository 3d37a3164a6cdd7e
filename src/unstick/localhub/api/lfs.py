"""Git LFS: the batch call of the specification, uploads whole or in parts, and verification."""

from __future__ import annotations

import hashlib
import os

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from unstick.localhub import heavy, large, pointers, quota, tickets, wording
from unstick.localhub.api import errors
from unstick.localhub.api.endpoint import Call, Endpoint, decode, read_body
from unstick.localhub.api.located import address, located_in, of_each_kind
from unstick.localhub.api.resolve import Content, send
from unstick.localhub.large import Receiver, WrongContent
from unstick.localhub.store import objects
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from unstick.localhub.tickets import Ticket

TYPE = "application/vnd.git-lfs+json"
MOST_OBJECTS = 1000
WHOLE = 64 * 1024 * 1024
"""Bytes up to which a file comes in one request; above it in parts of this size, if the client can."""
MOST_PARTS = 1000
GATHERED = 1024 * 1024


class Wanted(msgspec.Struct):
    """One large file that the client has or wants."""

    oid: str
    size: int


class Batch(msgspec.Struct):
    """The body of a batch call."""

    operation: str
    objects: list[Wanted]
    transfers: list[str] = []
    hash_algo: str = "sha256"


class Finished(msgspec.Struct):
    """The body that ends an upload in parts."""

    oid: str
    parts: list[object] = []


def answer(value: object, status: int = 200) -> Response:
    """A value as git-lfs reads it."""
    return Response(msgspec.json.encode(value), status, media_type=TYPE)


def batch(call: Call) -> Response:
    """What to do for each file: nothing, an upload, a download, or why it cannot be."""
    body: Batch = call.body
    if body.operation not in ("upload", "download") or body.hash_algo != "sha256":
        raise _refused(422, "operation has to be upload or download, hash_algo sha256")
    if len(body.objects) > MOST_OBJECTS:
        raise _refused(413, f"at most {MOST_OBJECTS} objects a call")
    upload = body.operation == "upload"
    with call.hub.reads.begin() as connection:
        here = located_in(call, connection, "write" if upload else "read")
        held = objects.held(connection, here.repo.id)
        left = quota.room(call.hub, connection, here.repo) if upload else 0
    new = sum(one.size for one in body.objects if one.oid not in held)
    if upload and new > 0 and new > left:
        raise _refused(403, wording.FULL)
    parts = "multipart" in body.transfers
    verify = f"{address(call, here.repo)}.git/info/lfs/objects/verify"
    rows = []
    for one in body.objects:
        row: dict[str, Any] = {"oid": one.oid, "size": one.size}
        if not pointers.OID.match(one.oid) or one.size < 0:
            row["error"] = {"code": 422, "message": "the oid is no SHA-256, or the size is below zero"}
        elif upload and one.oid not in held:
            row["actions"] = {"upload": _upload(call, here.repo.id, one, parts), "verify": {"href": verify}}
        elif not upload and one.oid not in held:
            row["error"] = {"code": 404, "message": "Object does not exist on the server"}
        elif not upload:
            ticket = tickets.issue(call.hub, "download", here.repo.id, one.oid, held[one.oid].size)
            row["actions"] = {"download": {"href": f"{call.hub.settings.endpoint}/api/lfs/{ticket}"}}
        rows.append(row)
    chosen = "multipart" if upload and parts and any(_is_parted(row) for row in rows) else "basic"
    return answer({"transfer": chosen, "objects": rows, "hash_algo": "sha256"})


def _refused(status: int, text: str) -> errors.ApiError:
    return errors.ApiError(status, text, extra={"message": text})


def _is_parted(row: dict[str, Any]) -> bool:
    return "header" in row.get("actions", {}).get("upload", {})


def _upload(call: Call, repo: int, one: Wanted, parts: bool) -> dict[str, Any]:
    chunk = max(WHOLE, -(-one.size // MOST_PARTS)) if parts and one.size > WHOLE else 0
    ticket = tickets.issue(call.hub, "upload", repo, one.oid, one.size, chunk)
    href = f"{call.hub.settings.endpoint}/api/lfs/{ticket}"
    if not chunk:
        return {"href": href}
    numbers = range(1, -(-one.size // chunk) + 1)
    return {"href": href, "header": {"chunk_size": str(chunk), **{f"{n:05}": f"{href}/{n}" for n in numbers}}}


def verify(call: Call) -> Response:
    """Whether the repository has the file, after an upload."""
    with call.hub.reads.begin() as connection:
        here = located_in(call, connection, "write")
        found = objects.find(connection, here.repo.id, call.body.oid)
    if found is None or found.size != call.body.size:
        raise _refused(404, "Object does not exist on the server")
    return answer({"message": "ok"})


async def put(call: Call) -> Response:
    """A large file in one request."""
    ticket = await run_in_threadpool(_ticket, call, "upload")
    name = f"large-{ticket.oid}-{os.urandom(6).hex()}"
    path = os.path.join(call.hub.settings.folder("uploads"), name)

    def done(receiver: Receiver) -> None:
        large.keep(call.hub, ticket, path, receiver.close(), receiver.size)

    await _receive(call, path, ticket.size, done)
    return Response(status_code=200)


async def put_part(call: Call) -> Response:
    """One part of a large file."""
    ticket = await run_in_threadpool(_ticket, call, "upload")
    number = int(call.path["part"])
    if not ticket.chunk or not 1 <= number <= -(-ticket.size // ticket.chunk):
        raise errors.bad_request("there is no such part")
    folder = _parts(call)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    size = min(ticket.chunk, ticket.size - ticket.chunk * (number - 1))
    path = os.path.join(folder, f"part-{number}")
    digests: list[str] = []

    def done(receiver: Receiver) -> None:
        digests.append(receiver.close())
        if receiver.size != size:
            os.unlink(receiver.path)
            raise WrongContent(f"part {number} has {size} bytes")
        os.replace(receiver.path, path)

    await _receive(call, f"{path}-{os.urandom(6).hex()}", size, done)
    return Response(status_code=200, headers={"ETag": f'"{digests[0]}"'})


async def finish(call: Call) -> Response:
    """All parts are there: make them one file."""
    ticket = await run_in_threadpool(_ticket, call, "upload")
    body = decode(await read_body(call.request), Finished)
    if body.oid != ticket.oid or not ticket.chunk:
        raise errors.bad_request("this is not the file of the address")
    if await run_in_threadpool(_is_held, call, ticket):  # the answer to the first call was lost
        return answer({"success": True})
    try:
        await heavy.run(large.assemble, call.hub, ticket, _parts(call))
    except (WrongContent, FileNotFoundError) as error:
        raise errors.bad_request(f"the parts do not make the file: {error}") from None
    return answer({"success": True})


def _is_held(call: Call, ticket: Ticket) -> bool:
    with call.hub.reads.begin() as connection:
        return objects.find(connection, ticket.repo, ticket.oid) is not None


def get(call: Call) -> Response:
    """A large file, whole or in part."""
    ticket = _ticket(call, "download")
    stored = pointers.place(call.hub.settings.folder("objects"), ticket.oid)
    if not os.path.isfile(stored):
        raise errors.ApiError(410, "the file is not there any more")
    return send(call, None, Content(ticket.oid, ticket.size, stored=stored), ticket.oid, {})


def _ticket(call: Call, use: str) -> Ticket:
    found = tickets.read(call.hub, call.path["ticket"], use)
    if found is None:
        raise errors.forbidden("the address is no longer good")
    return found


def _parts(call: Call) -> str:
    name = hashlib.sha256(call.path["ticket"].encode()).hexdigest()[:40]
    return os.path.join(call.hub.settings.folder("uploads"), f"parts-{name}")


async def _receive(call: Call, path: str, most: int, done: Callable[[Receiver], None]) -> None:
    """Take the body into a file, and hand it over. Raises ApiError 400 for another content than announced."""
    try:
        receiver = await run_in_threadpool(Receiver, path, most)
    except OSError:
        raise errors.bad_request("the upload has ended already") from None
    try:
        gathered = bytearray()
        async for piece in call.request.stream():
            gathered += piece
            if len(gathered) >= GATHERED:
                await run_in_threadpool(receiver.write, bytes(gathered))
                gathered.clear()
        await run_in_threadpool(receiver.write, bytes(gathered))
        await run_in_threadpool(done, receiver)
    except WrongContent as error:
        raise errors.bad_request(str(error)) from None
    finally:
        await run_in_threadpool(receiver.abandon)


ENDPOINTS = (
    *of_each_kind(
        "POST", "/info/lfs/objects/batch", batch, "Git LFS: what to do for each file", body=Batch, api=False,
        answers=(401, 403, 404, 413, 422),
    ),
    *of_each_kind(
        "POST", "/info/lfs/objects/verify", verify, "Git LFS: whether a file has arrived", body=Wanted, api=False,
        answers=(401, 403, 404),
    ),
    Endpoint("PUT", "/api/lfs/{ticket}", put, "Upload a large file", raw=True, answers=(400, 403)),
    Endpoint("PUT", "/api/lfs/{ticket}/{part:int}", put_part, "Upload a part of one", raw=True, answers=(400, 403)),
    Endpoint("POST", "/api/lfs/{ticket}", finish, "Make the parts one file", raw=True, answers=(400, 403)),
    Endpoint("GET", "/api/lfs/{ticket}", get, "Download a large file", answers=(403, 410, 416)),
)  # fmt: skip
