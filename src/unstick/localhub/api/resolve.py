"""One file of a revision: whole, in part, or only its headers."""

from __future__ import annotations

import os
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from unstick.localhub import pointers
from unstick.localhub.api import errors
from unstick.localhub.api.endpoint import Call
from unstick.localhub.api.located import commit_of, located_in, of_each_kind, path_of, rest_of
from unstick.localhub.store import objects
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.localhub.git_types import Item
    from unstick.localhub.repository import Repository

CHUNK = 256 * 1024
_RANGE = lazy(r"\Abytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})\Z")
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "no-cache",
    "Accept-Ranges": "bytes",
}
"""A file of a repository is never a page of the hub: what it holds was written by others."""


class Content(NamedTuple):
    """The bytes of a file: a blob of git, or (`stored` not '') a large file on disk. `etag` without quotes."""

    etag: str
    size: int
    blob: str = ""
    stored: str = ""

    def pieces(self, repository: Repository | None, first: int, length: int) -> Iterator[bytes]:
        """The bytes from `first` on, with flat memory."""
        if self.stored:
            yield from _of_file(self.stored, first, length)
            return
        if repository is None:
            return
        for piece in repository.stream(self.blob):
            if first >= len(piece):
                first -= len(piece)
                continue
            part = piece[first : first + length]
            first, length = 0, length - len(part)
            yield part
            if not length:
                return


def _of_file(path: str, first: int, length: int) -> Iterator[bytes]:
    with open(path, "rb") as file:
        file.seek(first)
        while length > 0 and (piece := file.read(min(CHUNK, length))):
            length -= len(piece)
            yield piece


def resolve(call: Call) -> Response:
    """A file as it was uploaded: large files themselves."""
    return _answer(call, raw=False)


def raw(call: Call) -> Response:
    """A file as git has it: of large files the pointer."""
    return _answer(call, raw=True)


def _answer(call: Call, *, raw: bool) -> Response:
    revision, path = rest_of(call)
    with call.hub.reads.begin() as connection:
        here = located_in(call, connection)
        commit = commit_of(here, revision)
        entry = here.git.entry(commit, path_of(path)) if commit and path else None
        if entry is None or entry.kind in ("directory", "submodule"):
            raise errors.ApiError(
                404, "Entry not found", "EntryNotFound", headers={"X-Repo-Commit": commit} if commit else None
            )
        content = Content(entry.oid, entry.size, entry.oid)
        pointer = None if raw else _pointer(here.git, entry)
        if pointer is not None and objects.find(connection, here.repo.id, pointer.oid) is not None:
            stored = pointers.place(call.hub.settings.folder("objects"), pointer.oid)
            content = Content(pointer.oid, pointer.size, stored=stored)
    if content.stored and not os.path.isfile(content.stored):
        raise errors.ApiError(410, f"the large file of {path[:200]} is not there any more")
    headers = {"X-Repo-Commit": commit}
    if content.stored:
        headers |= {"X-Linked-Etag": f'"{content.etag}"', "X-Linked-Size": str(content.size)}
    return send(call, here.git, content, path, headers)


def _pointer(repository: Repository, entry: Item) -> pointers.Pointer | None:
    if entry.kind != "file" or not pointers.LEAST <= entry.size < pointers.MOST:
        return None
    return pointers.parse(repository.read(entry.oid))


def send(
    call: Call, repository: Repository | None, content: Content, path: str, headers: dict[str, str]
) -> Response:
    """A file as the answer, or the part that was asked for; `headers` are those that only it has. Raises ApiError
    416."""
    headers = {**SAFE, "ETag": f'"{content.etag}"', **headers}
    asked = call.request.headers
    if any(
        tag.strip().removeprefix("W/") in (headers["ETag"], "*")
        for tag in _tags(asked.get("if-none-match", ""))
    ):
        return Response(status_code=304, headers=headers)
    name = path.rpartition("/")[2]
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in name)
    headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name, safe='')}; filename=\"{plain}\""
    wanted = asked.get("range", "")
    if wanted and asked.get("if-range", headers["ETag"]) != headers["ETag"]:
        wanted = ""
    first, length, status = 0, content.size, 200
    if wanted and call.request.method == "GET" and (part := _part(wanted, content.size)) is not None:
        first, length, status = *part, 206
        headers["Content-Range"] = f"bytes {first}-{first + length - 1}/{content.size}"
    headers["Content-Length"] = str(length)
    headers["Content-Type"] = "text/plain; charset=utf-8" if _is_text(name) else "application/octet-stream"
    if call.request.method == "HEAD" or not length:
        return Response(status_code=status, headers=headers)
    return StreamingResponse(content.pieces(repository, first, length), status, headers)


def _tags(text: str) -> list[str]:
    return text.split(",") if text else []


def _part(text: str, size: int) -> tuple[int, int] | None:
    """First byte and length of a range; None for one that is passed over (several, another unit). Raises
    ApiError 416."""
    found = _RANGE.match(text.replace(" ", ""))
    if found is None or not (found["first"] or found["last"]):
        return None
    if not found["first"]:
        length = min(int(found["last"]), size)
        first = size - length
    else:
        first = int(found["first"])
        last = min(int(found["last"] or size - 1), size - 1)
        if found["last"] and int(found["last"]) < first:
            return None
        length = last - first + 1
    if length <= 0 or first >= size:
        raise errors.ApiError(416, "Range not satisfiable", headers={"Content-Range": f"bytes */{size}"})
    return first, length


TEXT = (
    ".txt .md .py .js .ts .json .yaml .yml .toml .html .css .csv .xml .svg .cfg .ini .sh .log .gitattributes"
    " .gitignore dockerfile"
)


def _is_text(name: str) -> bool:
    """Whether a browser is to show it as text; pages are shown as their source."""
    return name.lower().endswith(tuple(TEXT.split()))


ENDPOINTS = tuple(
    row
    for word, handler, summary in (
        ("resolve", resolve, "One file: /resolve/REVISION/PATH; HEAD tells commit, ETag and size"),
        ("raw", raw, "One file as git has it"),
        ("blob", raw, "The same as raw: this hub has no page for a file"),
    )
    for row in of_each_kind("GET", f"/{word}/{{rest:path}}", handler, summary, api=False)
)
