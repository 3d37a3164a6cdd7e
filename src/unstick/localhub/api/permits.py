"""Permission to open the app of one Space in a browser, which sends no token (reference: spaces-platform, 4.1)."""

from __future__ import annotations

from unstick.localhub.api import access, errors
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.router.signing import signer


def permit(call: Call) -> dict[str, str]:
    """A token for `?__sign=`. Here it is good for five minutes, on the platform for a day."""
    with call.hub.reads.begin() as connection:
        repo = access.repo_of(call, connection)
    if repo.subdomain is None:
        raise errors.repo_not_found()
    return {"token": signer(call.hub).sign(repo.subdomain, call.caller.name)}


ENDPOINTS = (
    Endpoint(
        "GET", "/api/spaces/{owner}/{name}/jwt", permit, "A token to open its app with", login=True,
        answers=(401, 404),
    ),
)  # fmt: skip
