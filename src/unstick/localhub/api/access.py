"""Who calls, and what they may see and change."""

from __future__ import annotations

import base64
import binascii
from contextlib import contextmanager
from subprocess import CalledProcessError
from urllib.parse import quote, unquote

from unstick.localhub.api import errors
from unstick.localhub.git_types import NoSuchRevision
from unstick.localhub.store import accounts, repos
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import sqlalchemy as sa

    from unstick.localhub.api.endpoint import Call
    from unstick.localhub.hub import Hub
    from unstick.localhub.store.accounts import Caller
    from unstick.localhub.store.repos import Repo

PLURALS = {"spaces": "space", "models": "model", "datasets": "dataset"}
DISABLED = "Access to this resource is disabled."
"""The client makes DisabledRepoError of it (huggingface_hub 2.4, utils/_http)."""


def token_of(headers: Mapping[str, str]) -> str:
    """The token of a request: Bearer, or the password of Basic as git sends it; '' for none."""
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "-"
        return password or user
    return ""


def caller_of(hub: Hub, headers: Mapping[str, str]) -> Caller:
    """Who asks. Raises ApiError 401 for a token that this hub does not know."""
    token = token_of(headers)
    if not token:
        return accounts.NOBODY
    with hub.reads.begin() as connection:
        found = accounts.caller(connection, token)
    if found is None:
        raise errors.unauthorized()
    return found


def visible(caller: Caller, repo: Repo) -> bool:
    """Whether the caller may see the files of a repository (a protected Space shows only its app)."""
    return repo.visibility == "public" or caller.reads(repo.owner)


def kind_of(call: Call) -> str:
    """The kind of repository that an address /api/{spaces,models,datasets}/… is about."""
    return PLURALS[call.request.url.path.split("/")[2]]


def repo_of(call: Call, connection: sa.Connection, need: str = "read", kind: str = "space") -> Repo:
    """The repository that the path names ({owner}, {name}), if the caller may `read` or `write` it.

    Raises ApiError: 404 RepoNotFound when there is none or the caller may not know of it (401 without a token),
    403 when they may not write, 307 where it has been moved.
    """
    owner, name = call.path["owner"], call.path["name"]
    repo = repos.find(connection, kind, owner, name)
    if repo is None:
        moved = repos.find_moved(connection, kind, owner, name)
        if moved is not None and visible(call.caller, moved):
            raise _moved(call, owner, name, moved)
    repo = seen(call.caller, repo)
    if need == "write":
        may_write(call, repo)
    return repo


def named(call: Call, connection: sa.Connection, kind: str, owner: str, name: str) -> Repo:
    """The repository that a body names, by its name of today, if the caller may write it. Raises ApiError 404,
    401, 403."""
    repo = seen(call.caller, repos.find(connection, kind, owner, name))
    may_write(call, repo)
    return repo


def seen(caller: Caller, repo: Repo | None) -> Repo:
    """The repository, if there is one and the caller may see it. Raises ApiError 404 RepoNotFound, without a
    token 401: whether it is not there or hidden is not told."""
    if repo is None or not visible(caller, repo):
        raise errors.repo_not_found() if caller.name else errors.repo_hidden()
    return repo


@contextmanager
def while_there(hub: Hub, repo: Repo) -> Iterator[None]:
    """Read the files of a repository. Raises ApiError 404 when it was deleted under the reader's hands."""
    try:
        yield
    except (OSError, CalledProcessError, NoSuchRevision):
        with hub.reads.begin() as connection:
            if repos.get(connection, repo.id) is None:
                raise errors.repo_not_found() from None
        raise


def disabled(hub: Hub, repo: Repo) -> bool:
    """Whether moderation has locked a repository."""
    return repo.disabled or hub.faults.on("moderation-lock", repo.id)


def not_disabled(hub: Hub, repo: Repo) -> None:
    """Raises ApiError 403 for a repository that moderation has locked."""
    if disabled(hub, repo):
        raise errors.forbidden(DISABLED)


def may_write(call: Call, repo: Repo) -> None:
    """Raises ApiError 401 without a token, 403 for a caller or a token that may not write."""
    if not call.caller.name:
        raise errors.login_required()
    if not call.caller.writes(repo.owner):
        raise errors.forbidden()


def _moved(call: Call, owner: str, name: str, repo: Repo) -> errors.ApiError:
    """The same address with today's name, the rest of it as it was sent."""
    scope = call.request.scope
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    words = raw.decode("ascii", "replace").split("/")
    for at in range(len(words) - 1):
        if (unquote(words[at]), unquote(words[at + 1]).removesuffix(".git")) == (owner, name):
            words[at : at + 2] = [
                repo.owner,
                words[at + 1].replace(words[at + 1].removesuffix(".git"), repo.name, 1),
            ]
            break
    query = f"?{call.request.url.query}" if call.request.url.query else ""
    address = f"{call.hub.settings.endpoint}{'/'.join(words)}{query}"
    return errors.ApiError(307, f"moved to {repo.full_name}", headers={"Location": address})
