"""What a revision holds: folders page by page, files and folders by their paths."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from unstick.localhub.api import errors
from unstick.localhub.api.endpoint import Call
from unstick.localhub.api.located import commit_of, located_in, of_each_kind, path_of, rest_of
from unstick.localhub.listing import shown
from unstick.localhub.store import objects
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeVar

    Row = TypeVar("Row")

PAGE, EXPANDED = 1000, 50
"""Items on a page, and on one that tells the last commits too (reference of the client's own documentation)."""
MOST_PATHS = 1000


def tree(call: Call) -> Response:
    """One page of a folder, or of everything below it."""
    from unstick.localhub.app import answer

    revision, path = rest_of(call)
    recursive, expand = call.flag("recursive"), call.flag("expand")
    with call.hub.reads.begin() as connection:
        here = located_in(call, connection)
        held = objects.held(connection, here.repo.id)
    commit = commit_of(here, revision)
    try:
        items = here.git.tree(commit, path_of(path) if path else "", recursive=recursive) if commit else []
    except KeyError:
        raise errors.entry_not_found(path) from None
    rows, link = page(call, items, EXPANDED if expand else PAGE)
    return answer(shown(here.git, commit, rows, held, expand=expand), headers=link)


def page(call: Call, rows: Sequence[Row], most: int) -> tuple[Sequence[Row], dict[str, str]]:
    """One page of a list, as long as `limit` asks and `most` allows, and the header that leads to the next."""
    limit = call.number("limit", most, 1, most)
    start = call.number("cursor", 0, 0, 10**9)
    if start + limit >= len(rows):
        return rows[start:], {}
    query = [(k, v) for k, v in call.request.query_params.multi_items() if k != "cursor"]
    raw: bytes = call.request.scope.get("raw_path") or call.request.url.path.encode()
    address = call.hub.settings.endpoint + raw.decode("ascii", "replace")
    after = urlencode([*query, ("cursor", str(start + limit))])
    return rows[start : start + limit], {"Link": f'<{address}?{after}>; rel="next"'}


async def paths_info(call: Call) -> Any:
    """Files and folders by their paths; those that are not there are left out."""
    from starlette.concurrency import run_in_threadpool

    paths, expand = await _asked(call)
    return await run_in_threadpool(_paths_info, call, paths, expand)


async def _asked(call: Call) -> tuple[list[str], bool]:
    """The paths and `expand` of a form, as the Python client sends it, or of JSON, as others do."""
    from urllib.parse import parse_qs

    import msgspec

    from unstick.localhub.api.endpoint import decode, read_body

    body = await read_body(call.request)
    if "json" in call.request.headers.get("content-type", ""):
        given = decode(body, msgspec.defstruct("PathsInfo", [("paths", list[str]), ("expand", bool, False)]))
        paths, expand = given.paths, given.expand
    else:
        try:
            form = parse_qs(body.decode(), max_num_fields=MOST_PATHS + 10)
        except (UnicodeDecodeError, ValueError):
            raise errors.bad_request("the form cannot be read") from None
        paths, expand = form.get("paths", []), form.get("expand", [""])[0].lower() in ("true", "1")
    if len(paths) > MOST_PATHS:
        raise errors.ApiError(413, "too many parameters")
    return paths, expand


def _paths_info(call: Call, paths: list[str], expand: bool) -> list[dict[str, Any]]:
    revision, _ = rest_of(call)
    with call.hub.reads.begin() as connection:
        here = located_in(call, connection)
        held = objects.held(connection, here.repo.id)
    commit = commit_of(here, revision)
    if not commit:
        return []
    wanted = list(dict.fromkeys(path_of(path.strip("/")) for path in paths if path.strip("/")))
    found = here.git.entries(commit, wanted)
    items = [found[path] for path in wanted if path in found]
    return shown(here.git, commit, items, held, expand=expand)


ENDPOINTS = (
    *of_each_kind(
        "GET", "/tree/{rest:path}", tree, "The files and folders of a revision: /tree/REVISION[/FOLDER]",
        query=(
            ("recursive", "everything below the folder"), ("expand", "with the last commit of each"),
            ("limit", "items a page"), ("cursor", "where the page begins"),
        ),
    ),
    *of_each_kind(
        "POST", "/paths-info/{rest:path}", paths_info, "Files and folders by their paths: /paths-info/REVISION",
        raw=True,
    ),
)  # fmt: skip
