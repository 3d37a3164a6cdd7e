"""Signing in with a token in a browser: a cookie that only lets its bearer read."""

from __future__ import annotations

from unstick.localhub.router.signing import COOKIE_SECONDS, signer
from unstick.localhub.store import accounts
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from unstick.localhub.hub import Hub
    from unstick.localhub.store.accounts import Caller

PURPOSE = "session"


def begin(hub: Hub, response: Response, account: str) -> None:
    """Sign an account in. The cookie is of the hub's own host name: apps of Spaces never get it."""
    response.set_cookie(
        _name(hub),
        signer(hub).sign("", account, PURPOSE),
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="strict",
    )


def end(hub: Hub, response: Response) -> None:
    """Sign out."""
    response.delete_cookie(_name(hub), httponly=True, samesite="strict")


def visitor(hub: Hub, request: Request, caller: Caller) -> Caller:
    """Who looks at a page: the bearer of the token if there is one, else of the cookie, else nobody."""
    value = request.cookies.get(_name(hub), "")
    if caller.name or not value:
        return caller
    account = signer(hub).account(value, "", PURPOSE)
    if account is None:
        return accounts.NOBODY
    with hub.reads.begin() as connection:
        return accounts.reader(connection, account) or accounts.NOBODY


def _name(hub: Hub) -> str:
    """Cookies do not know ports: the name tells the hubs of a machine apart."""
    return f"unstick-hub-{hub.settings.port}"
