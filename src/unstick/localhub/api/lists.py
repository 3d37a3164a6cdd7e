"""Lists of repositories, and the search among Spaces."""

from __future__ import annotations

import base64
import binascii
import json
from urllib.parse import urlencode

from starlette.responses import Response

from unstick.localhub.api import access, answers, errors
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.api.runtime import runtime_of
from unstick.localhub.api.shapes import FULL, LISTED, checked_expand, object_of, texts, used
from unstick.localhub.api.times import iso
from unstick.localhub.store import listing, spaces
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from unstick.localhub.hub import Hub
    from unstick.localhub.store.listing import Place, Wanted
    from unstick.localhub.store.repos import Repo
    from unstick.localhub.store.spaces import Row

PAGE = 100
MOST = 1000
FOUND = 50
SORTS = ("createdAt", "lastModified", "likes", "trendingScore", "downloads")
QUERY = (
    ("search", "words of the name"), ("author", "the owner"), ("filter", "an SDK or tag; may be repeated"),
    ("sort", " ".join(SORTS)), ("limit", f"of a page, at most {MOST}"), ("cursor", "from the Link header"),
    ("expand", "a property to answer; may be repeated"), ("full", "more properties"),
    ("datasets", "one that the card names"), ("models", "one that the card names"),
)  # fmt: skip


def several(call: Call) -> Response:
    """One page of the repositories that the caller may see; the address of the next stands in Link."""
    kind = access.kind_of(call)
    limit = call.number("limit", PAGE, 1, MOST)
    expand = checked_expand(kind, call.request.query_params.getlist("expand"))
    shown = ("cardData", *expand) if call.flag("cardData") and not expand else expand
    properties = shown or (FULL if call.flag("full") else LISTED)
    found, place = _page(call, _wanted(call, kind), limit)
    told = [_if_there(call, repo, object_of, row, properties) for repo, row in found]
    return answers.of_value([item for item in told if item], headers=_link(call, place) if place else None)


def _wanted(call: Call, kind: str) -> Wanted:
    order = call.query.get("sort", "")
    if order not in ("", *SORTS):
        raise errors.bad_request(f"sort: {order[:60]!r} is none of {', '.join(SORTS)}")
    readable = (call.caller.name, *(org for org, _ in call.caller.orgs)) if call.caller.name else ()
    author, search = (call.query.get(name, "")[:200] for name in ("author", "search"))
    return listing.Wanted(kind, readable, author, search, order=order)


def _page(call: Call, wanted: Wanted, limit: int) -> tuple[list[tuple[Repo, Row | None]], Place | None]:
    """The repositories of a page, and where the next begins (None: there is none)."""
    found: list[Repo] = []
    place = last = None
    with call.hub.reads.begin() as connection:
        for repo, here in listing.walk(connection, wanted, _cursor(call)):
            if not _matches(call, repo):
                continue
            if len(found) == limit:
                place = last
                break
            found.append(repo)
            last = here
        rows = spaces.several(connection, [repo.id for repo in found]) if wanted.kind == "space" else {}
    return [(repo, rows.get(repo.id)) for repo in found], place


def _matches(call: Call, repo: Repo) -> bool:
    """Whether the card of a repository has all that the query asks of it."""
    asked = {name: call.request.query_params.getlist(name) for name in ("filter", "datasets", "models")}
    if not any(asked.values()):
        return True
    tags, block = _card(call, repo)
    return (
        all(part in tags for item in asked["filter"] for part in item.split(","))
        and all(item in texts(block.get("datasets")) for item in asked["datasets"])
        and all(item in texts(block.get("models")) for item in asked["models"])
    )


def _card(call: Call, repo: Repo) -> tuple[list[str], dict[str, Any]]:
    """The tags of a repository, and the block of its README."""
    found = _if_there(call, repo, object_of, None, ("tags", "cardData")) or {}
    return [*found.get("tags", ()), repo.sdk], found.get("cardData", {})


def _if_there(
    call: Call, repo: Repo, read: Callable[..., dict[str, Any]], *more: Any
) -> dict[str, Any] | None:
    """What is read of a repository; None when it was deleted while the list was made."""
    try:
        with access.while_there(call.hub, repo):
            return read(call.hub, repo, *more)
    except errors.ApiError:
        return None


def _cursor(call: Call) -> Place | None:
    text = call.query.get("cursor", "")
    if not text:
        return None
    try:
        value, number = json.loads(base64.urlsafe_b64decode(text[:200].encode()))
        return float(value), int(number)
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        raise errors.bad_request("cursor: not one of this hub's") from None


def _link(call: Call, place: Place) -> dict[str, str]:
    cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
    items = [pair for pair in call.request.query_params.multi_items() if pair[0] != "cursor"]
    query = urlencode([*items, ("cursor", cursor)])
    return {"Link": f'<{call.hub.settings.endpoint}{call.request.url.path}?{query}>; rel="next"'}


def search(call: Call) -> list[dict[str, Any]]:
    """Spaces by the words of their name, title, description and tags: here no model of language is asked."""
    words = call.query.get("q", "")[:500].lower().split()
    sdks, filters = (call.request.query_params.getlist(name) for name in ("sdk", "filter"))
    everything = call.flag("includeNonRunning")
    found: list[tuple[float, dict[str, Any]]] = []
    with call.hub.reads.begin() as connection:
        repos = [repo for repo, _ in listing.walk(connection, _wanted(call, "space"), None)]
        rows = spaces.several(connection, [repo.id for repo in repos])
    for repo in repos:
        row = rows.get(repo.id)
        if (
            row is None
            or (sdks and repo.sdk not in sdks)
            or not (everything or row.stage.startswith("RUNNING"))
        ):
            continue
        tags, block = _card(call, repo)
        told = " ".join(
            (repo.full_name, str(block.get("title")), str(block.get("short_description")), *tags)
        ).lower()
        score = sum(word in told for word in words) / len(words) if words else 0.0
        if score and all(item in tags for item in filters):
            found.append((score, _result(call, repo, row, block, tags, score)))
    found.sort(key=lambda pair: -pair[0])
    return [result for _, result in found[:FOUND]]


def _result(
    call: Call, repo: Repo, row: Row, block: dict[str, Any], tags: list[str], score: float
) -> dict[str, Any]:
    return {
        "id": repo.full_name, "author": repo.owner, "title": str(block.get("title") or repo.name),
        "emoji": block.get("emoji"), "sdk": repo.sdk, "likes": 0, "private": repo.visibility == "private",
        "tags": tags, "runtime": runtime_of(call.hub, repo, row), "trendingScore": 0,
        "ai_short_description": block.get("short_description"), "ai_category": None,
        "semanticRelevancyScore": score,
    }  # fmt: skip


def mine(call: Call) -> list[dict[str, Any]]:
    """All repositories of the caller, or of an organisation that they belong to, with their size."""
    owner = call.path.get("namespace", call.caller.name)
    if not call.caller.reads(owner):
        raise errors.forbidden()
    with call.hub.reads.begin() as connection:
        found = listing.of_owner(connection, owner)
    told = [_if_there(call, repo, _stored) for repo in found]
    there = [item for item in told if item]
    whole = sum(item["storage"] for item in there) or 1
    return [{**item, "storagePercent": round(100 * item["storage"] / whole, 2)} for item in there]


def _stored(hub: Hub, repo: Repo) -> dict[str, Any]:
    return {
        "id": repo.full_name, "type": repo.kind, "updatedAt": iso(repo.modified), "visibility": repo.visibility,
        "storage": used(hub, repo),
    }  # fmt: skip


ENDPOINTS = (
    *(
        Endpoint("GET", f"/api/{plural}", several, f"A page of {plural}", query=QUERY, answers=(400, 401))
        for plural in access.PLURALS
    ),
    Endpoint(
        "GET", "/api/spaces/semantic-search", search, "Spaces by words", answers=(400, 401),
        query=(
            ("q", "words"), ("sdk", "an SDK; may be repeated"), ("filter", "a tag; may be repeated"),
            ("includeNonRunning", "whether Spaces that do not run are found too"),
        ),
    ),
    Endpoint(
        "GET", "/api/settings/repositories", mine, "The caller's repositories", login=True, answers=(401,)
    ),
    Endpoint(
        "GET", "/api/organizations/{namespace}/settings/repositories", mine, "An organisation's repositories",
        login=True, answers=(401, 403),
    ),
)  # fmt: skip
