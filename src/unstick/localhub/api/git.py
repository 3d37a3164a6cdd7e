"""Git over HTTP: clone, fetch and push, by git's own two programs (gitprotocol-http)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zlib

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from unstick.localhub import heavy, quota, receiving, wording
from unstick.localhub.api import errors
from unstick.localhub.api.endpoint import Call
from unstick.localhub.api.located import Located, located, of_each_kind
from unstick.localhub.git_process import environment
from unstick.localhub.landing import landed
from unstick.localhub.store import objects
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

SERVICES = ("git-upload-pack", "git-receive-pack")
FRESH = {
    "Cache-Control": "no-cache, max-age=0, must-revalidate",
    "Expires": "Fri, 01 Jan 1980 00:00:00 GMT",
    "Pragma": "no-cache",
}
MOST_ASKED = 64 * 1024 * 1024
"""Bytes of what a fetch may say that it has."""
SPARE = 64 * 1024 * 1024
"""Bytes that a push may have above what fits: a pack is judged by what it becomes on disk."""
CHUNK = 256 * 1024
_PROTOCOL = lazy(r"\A[a-z0-9=:.,-]{1,100}\Z")


def info_refs(call: Call) -> Response:
    """What the repository has, for a fetch or a push."""
    service = call.query.get("service", "")
    if service not in SERVICES:
        raise errors.bad_request("service has to be git-upload-pack or git-receive-pack: use a git client")
    here = _located(call, service)
    words = here.git.command(
        service.removeprefix("git-"), "--stateless-rpc", "--advertise-refs", here.git.path
    )
    done = subprocess.run(words, capture_output=True, check=False, env=_environment(call))
    if done.returncode:
        raise errors.ApiError(500, "git cannot read the repository")
    line = f"# service={service}\n"
    body = f"{len(line) + 4:04x}{line}0000".encode() + done.stdout
    if "version=2" in call.request.headers.get("git-protocol", "") and service == SERVICES[0]:
        body = done.stdout
    return Response(body, headers=FRESH, media_type=f"application/x-{service}-advertisement")


async def upload_pack(call: Call) -> Response:
    """A fetch or a clone: the objects that the client lacks."""
    here = await run_in_threadpool(_located, call, SERVICES[0])
    asked = await _body(call, MOST_ASKED)
    words = here.git.command("upload-pack", "--stateless-rpc", here.git.path)
    return StreamingResponse(
        _output(words, asked, _environment(call)),
        headers=FRESH,
        media_type="application/x-git-upload-pack-result",
    )


def _output(words: list[str], given: BinaryIO, env: dict[str, str]) -> Iterator[bytes]:
    with given, subprocess.Popen(
        words, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            while piece := process.stdout.read1(CHUNK):  # type: ignore[attr-defined]
                yield piece
        finally:
            process.kill()


async def receive_pack(call: Call) -> Response:
    """A push. It is answered once it is on the disk, and refused as a whole where a check says no."""
    here = await run_in_threadpool(_located, call, SERVICES[1])
    room = await run_in_threadpool(_room, call, here)
    given = await _body(call, room + SPARE)
    out = await heavy.run(_receive, call, here, given, room)
    return Response(out, headers=FRESH, media_type="application/x-git-receive-pack-result")


def _room(call: Call, here: Located) -> int:
    with call.hub.reads.begin() as connection:
        return quota.room(call.hub, connection, here.repo)


def _receive(call: Call, here: Located, given: BinaryIO, room: int) -> bytes:
    uploads = call.hub.settings.folder("uploads")
    with call.hub.reads.begin() as connection:
        held = objects.held(connection, here.repo.id)
    hooks = call.hub.settings.folder("hooks")
    receiving.install(hooks)
    here.git.heal()
    before = here.git.refs()
    with given, tempfile.NamedTemporaryFile("w", prefix="held-", dir=uploads) as listed:
        listed.write("\n".join(held))
        listed.flush()
        extra = {
            "UNSTICK_PYTHON": sys.executable, receiving.KIND: here.repo.kind, receiving.ROOM: str(room),
            receiving.HELD: listed.name,
        }  # fmt: skip
        if source := os.environ.get("PYTHONPATH"):
            extra["PYTHONPATH"] = source
        words = here.git.command("receive-pack", "--stateless-rpc", here.git.path, hooks=hooks)
        done = subprocess.run(
            words, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
            env={**_environment(call), **extra},
        )  # fmt: skip
    if here.git.refs() != before:
        landed(call.hub, here.repo)
    return done.stdout


def _located(call: Call, service: str) -> Located:
    """The repository. Without a token git is asked for one: it never sends it unasked."""
    try:
        return located(call, "write" if service == SERVICES[1] else "read")
    except errors.ApiError as error:
        if error.status == 404 and not call.caller.name:
            raise errors.login_required() from None
        raise


def _environment(call: Call) -> dict[str, str]:
    protocol = call.request.headers.get("git-protocol", "")
    return {**environment(), **({"GIT_PROTOCOL": protocol} if _PROTOCOL.match(protocol) else {})}


async def _body(call: Call, most: int) -> BinaryIO:
    """The body in a file without a name, unpacked where git packed it. Raises ApiError 413, 400."""
    uploads = call.hub.settings.folder("uploads")
    file: BinaryIO = await run_in_threadpool(tempfile.TemporaryFile, "w+b", dir=uploads)
    encoding = call.request.headers.get("content-encoding", "identity")
    unpack = zlib.decompressobj(wbits=31) if encoding in ("gzip", "x-gzip") else None
    if unpack is None and encoding != "identity":
        raise errors.ApiError(415, "content-encoding has to be gzip or identity")
    size = 0
    try:
        async for piece in call.request.stream():
            while piece:
                data = piece if unpack is None else unpack.decompress(piece, CHUNK)
                piece = b"" if unpack is None else unpack.unconsumed_tail
                size += len(data)
                if size > most:
                    raise errors.ApiError(413, wording.FULL)
                await run_in_threadpool(file.write, data)
    except zlib.error:
        raise errors.bad_request("the body is no gzip") from None
    await run_in_threadpool(file.seek, 0)
    return file


ENDPOINTS = (
    *of_each_kind(
        "GET", "/info/refs", info_refs, "Git: what the repository has", api=False, answers=(400, 401, 403, 404),
        query=(("service", "git-upload-pack or git-receive-pack"),),
    ),
    *of_each_kind("POST", "/git-upload-pack", upload_pack, "Git: fetch and clone", api=False, raw=True),
    *of_each_kind(
        "POST", "/git-receive-pack", receive_pack, "Git: push", api=False, raw=True, answers=(401, 403, 404, 413)
    ),
)  # fmt: skip
