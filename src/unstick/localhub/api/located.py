"""The repository that an address names, of whatever kind, and the rest of the address as it was sent."""

from __future__ import annotations

from urllib.parse import unquote

from unstick.localhub import wording
from unstick.localhub.api import access, errors
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.git_types import BadPath, NoSuchRevision, checked_path
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import sqlalchemy as sa

    from unstick.localhub.repository import Repository
    from unstick.localhub.store.repos import Repo

PREFIXES = {"space": "/spaces", "dataset": "/datasets", "model": ""}


class Located(NamedTuple):
    """A repository as the database and as git know it."""

    repo: Repo
    git: Repository


def located(call: Call, need: str = "read") -> Located:
    """The repository that the path names, if the caller may `read` or `write` its files. Raises ApiError."""
    with call.hub.reads.begin() as connection:
        return located_in(call, connection, need)


def located_in(call: Call, connection: sa.Connection, need: str = "read") -> Located:
    """The same within a transaction."""
    name = call.path["name"].removesuffix(".git")
    plain = call._replace(path={**call.path, "name": name})
    repo = access.repo_of(plain, connection, need, kind_of(call))
    if repo.disabled:
        raise errors.forbidden(wording.DISABLED)
    return Located(repo, call.hub.repository(repo.storage))


def kind_of(call: Call) -> str:
    """space, model or dataset, by the address; those of files and git have no prefix for models."""
    parts = call.request.url.path.split("/")
    word = parts[2] if parts[1] == "api" else parts[1]
    return access.PLURALS.get(word, "model")


def address(call: Call, repo: Repo) -> str:
    """The address of a repository's page."""
    return f"{call.hub.settings.endpoint}{PREFIXES[repo.kind]}/{repo.full_name}"


def rest_of(call: Call) -> tuple[str, str]:
    """Revision and path behind the last fixed word of the address, each as the caller encoded it: a slash
    within either is sent as %2F, and stands for itself only between them and within the path."""
    tail = call.path["rest"]
    raw: bytes = call.request.scope.get("raw_path") or call.request.scope["path"].encode()
    words = [unquote(word) for word in raw.decode("ascii", "replace").split("/")]
    first = next((i for i in range(len(words)) if "/".join(words[i:]) == tail), None)
    if first is None:
        raise errors.bad_request("the address cannot be read")
    words = words[first:]
    if words[0] == "refs" and len(words) > 2:  # the Hub also takes these with plain slashes
        return "/".join(words[:3]), "/".join(words[3:])
    return words[0], "/".join(words[1:])


def commit_of(here: Located, revision: str) -> str:
    """The commit of a revision; '' for main before the first commit. Raises ApiError RevisionNotFound."""
    if revision == "main":
        return here.git.head()
    try:
        return here.git.resolve(revision)
    except NoSuchRevision:
        raise errors.revision_not_found(revision) from None


def path_of(path: str) -> str:
    """A path that a file can have. Raises ApiError 400."""
    try:
        return checked_path(path)
    except BadPath:
        raise errors.bad_request(f"{path[:100]!r} is not a path that a file can have") from None


def of_each_kind(
    method: str, suffix: str, handler: Callable[[Call], Any], summary: str, *, api: bool = True, **more: Any
) -> tuple[Endpoint, ...]:
    """The rows of an endpoint that Spaces, models and datasets have alike; without `api` the addresses of files
    and git, where models have no prefix."""
    starts = [f"/api/{plural}" for plural in access.PLURALS] if api else list(PREFIXES.values())
    return tuple(
        Endpoint(method, f"{start}/{{owner}}/{{name}}{suffix}", handler, summary, **more) for start in starts
    )
