"""Pages for a browser: the list of Spaces, one Space with its stage and logs, signing in."""

from __future__ import annotations

import os
from urllib.parse import parse_qsl

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from unstick.localhub import hosts
from unstick.localhub.api import access, errors
from unstick.localhub.api.endpoint import Call, Endpoint, read_body
from unstick.localhub.api.runtime import runtime_of
from unstick.localhub.logs import KINDS
from unstick.localhub.pages import html, session
from unstick.localhub.router.signing import signer
from unstick.localhub.sse import EMPTY, KEEP_ALIVE, EventStream, Waker, event
from unstick.localhub.store import accounts, repos, schema, spaces
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from typing import Any

    from unstick.localhub.pages.html import Shown
    from unstick.localhub.store.accounts import Caller
    from unstick.localhub.store.repos import Repo
    from unstick.localhub.store.spaces import Row

MOST_LISTED = 500
PIECE = 64 * 1024
MOST_FORM = 4096
FILES = {"hub.css": "text/css", "space.js": "text/javascript"}


def index(call: Call) -> Response:
    """The Spaces that the visitor may see, the newest first."""
    visitor = session.visitor(call.hub, call.request, call.caller)
    table = schema.repos
    mine = (visitor.name, *(org for org, _ in visitor.orgs))
    wanted = sa.and_(table.c.kind == "space", sa.or_(table.c.visibility == "public", table.c.owner.in_(mine)))
    with call.hub.reads.begin() as connection:
        rows = connection.execute(
            sa.select(table).where(wanted).order_by(table.c.id.desc()).limit(MOST_LISTED)
        )
        found = [repos.Repo(*row) for row in rows]
        states = {repo.id: spaces.get(connection, repo.id) for repo in found}
    shown = [_shown(call, visitor, repo, row) for repo in found if (row := states[repo.id]) is not None]
    return html.index(shown, visitor.name)


def space(call: Call) -> Response:
    """One Space."""
    visitor = session.visitor(call.hub, call.request, call.caller)
    try:
        repo, row = _found(call, visitor)
    except errors.ApiError as error:
        return html.missing() if error.status in (401, 404) else _moved(error)
    return html.space(_shown(call, visitor, repo, row), visitor.name)


def _moved(error: errors.ApiError) -> Response:
    return Response(status_code=error.status, headers=error.headers)


def app(call: Call) -> Response:
    """To the app of a Space; to one that is private with a signed link, as a browser sends no token there."""
    visitor = session.visitor(call.hub, call.request, call.caller)
    repo, _ = _found(call, visitor)
    address = f"{hosts.host_of(call.hub.settings, repo.subdomain)}/"
    if repo.visibility == "private" and repo.subdomain:
        address += f"?__sign={signer(call.hub).sign(repo.subdomain, visitor.name)}"
    return RedirectResponse(address, 303, html.HEADERS)


async def live(call: Call) -> Response:
    """The stage and, for those who may see them, both logs of a Space in one stream."""
    visitor = await run_in_threadpool(session.visitor, call.hub, call.request, call.caller)
    repo, row = await run_in_threadpool(_found, call, visitor)
    members = (await run_in_threadpool(_shown, call, visitor, repo, row)).members
    return EventStream(call.hub, _live(call, visitor, repo.id, KINDS if members else ()))


async def _live(call: Call, visitor: Caller, repo: int, kinds: tuple[str, ...]) -> AsyncGenerator[str, None]:
    logs, waker = call.hub.logs, Waker()
    places = dict.fromkeys(kinds, 0)
    stops = [logs.listen(repo, kind, lambda kind=kind: waker.wake(kind)) for kind in kinds]  # type: ignore[misc]
    stops.append(call.hub.listen(lambda changed: waker.wake("change") if changed == repo else None))
    news = {"change", *kinds}
    try:
        yield event({}, "begin")
        while True:
            if "change" in news:
                now = await run_in_threadpool(_stage, call, visitor, repo)
                if now is None:
                    return
                yield event(now, "stage")
            for kind in news & set(kinds):
                entries = True
                while entries:
                    found, places[kind] = await run_in_threadpool(logs.read, repo, kind, places[kind], PIECE)
                    entries = bool(found)
                    if entries:
                        yield event([entry.text + "\n" for entry in found], kind)
            news = await waker.wait(KEEP_ALIVE)
            if not news:
                yield EMPTY
    finally:
        for stop in stops:
            stop()


def _stage(call: Call, visitor: Caller, repo: int) -> dict[str, str] | None:
    with call.hub.reads.begin() as connection:
        found, row = repos.get(connection, repo), spaces.get(connection, repo)
    if found is None or row is None or not access.visible(visitor, found):
        return None
    shown = _shown(call, visitor, found, row)
    words, kind = html.kind_of(shown.stage)
    return {"stage": shown.stage, "page": words, "kind": kind, "message": shown.message}


def _found(call: Call, visitor: Caller) -> tuple[Repo, Row]:
    with call.hub.reads.begin() as connection:
        repo = access.repo_of(call._replace(caller=visitor), connection)
        row = spaces.get(connection, repo.id)
    if row is None:
        raise errors.repo_not_found()
    return repo, row


def _shown(call: Call, visitor: Caller, repo: Repo, row: Row) -> Shown:
    runtime: dict[str, Any] = runtime_of(call.hub, repo, row)
    address = hosts.host_of(call.hub.settings, repo.subdomain)
    link = f"/spaces/{repo.full_name}/app" if repo.visibility == "private" else f"{address}/"
    return html.Shown(
        repo.full_name, runtime["stage"], runtime.get("errorMessage", ""),
        "static files" if repo.sdk == "static" else row.current_hardware or row.hardware, row.sha, repo.visibility,
        link, visitor._replace(role="write").writes(repo.owner),
    )  # fmt: skip


def sign_in_form(call: Call) -> Response:
    """Where a token is given."""
    return html.login()


async def sign_in(call: Call) -> Response:
    """Take a token, and give the cookie that stands for it."""
    form = dict(parse_qsl((await read_body(call.request, MOST_FORM)).decode("latin-1")))
    caller = await run_in_threadpool(_bearer, call, form.get("token", "").strip())
    if caller is None:
        return html.login(wrong=True)
    response = RedirectResponse("/", 303, html.HEADERS)
    await run_in_threadpool(session.begin, call.hub, response, caller.name)
    return response


def _bearer(call: Call, token: str) -> Caller | None:
    with call.hub.reads.begin() as connection:
        return accounts.caller(connection, token)


def sign_out(call: Call) -> Response:
    """Take the cookie back."""
    response = RedirectResponse("/", 303, html.HEADERS)
    session.end(call.hub, response)
    return response


def file(call: Call) -> Response:
    """What the pages are made of."""
    kind = FILES.get(call.path["file"])
    if kind is None:
        return html.missing()
    with open(os.path.join(os.path.dirname(html.__file__), call.path["file"]), "rb") as opened:
        return Response(opened.read(), 200, {"X-Content-Type-Options": "nosniff"}, kind)


SPACE = "/spaces/{owner}/{name}"
ENDPOINTS = (
    Endpoint("GET", "/", index, "Page: the Spaces of this hub"),
    Endpoint("GET", "/spaces", index, "Page: the Spaces of this hub"),
    Endpoint("GET", SPACE, space, "Page: a Space, with its logs", answers=(404,)),
    Endpoint("GET", f"{SPACE}/app", app, "To the app of a Space", answers=(303, 401, 404)),
    Endpoint("GET", f"{SPACE}/live", live, "What its page shows, as it comes", raw=True, answers=(401, 404)),
    Endpoint("GET", "/login", sign_in_form, "Page: sign in with a token"),
    Endpoint("POST", "/login", sign_in, "Sign in with a token", raw=True, answers=(303, 401, 413)),
    Endpoint("GET", "/logout", sign_out, "Sign out", answers=(303,)),
    Endpoint("GET", "/pages/{file}", file, "What the pages are made of", answers=(404,)),
)
