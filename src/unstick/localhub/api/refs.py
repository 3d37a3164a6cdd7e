"""Branches, tags and the history of a repository."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from unstick.localhub.api import errors
from unstick.localhub.api.endpoint import Call
from unstick.localhub.api.files import page
from unstick.localhub.api.located import Located, commit_of, located, of_each_kind, rest_of
from unstick.localhub.api.times import iso
from unstick.localhub.git_types import REVISION, SHA
from unstick.localhub.landing import landed
from unstick.localhub.repository import Conflict, NoSuchRevision
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

COMMITS = 50
"""Commits on a page."""
KINDS = (
    ("refs/heads/", "branches"), ("refs/convert/", "converts"), ("refs/tags/", "tags"), ("refs/pr/", "pullRequests"),
)  # fmt: skip


class NewBranch(msgspec.Struct):
    """The body of a new branch."""

    startingPoint: str | None = None
    emptyBranch: bool = False
    overwrite: bool = False


class NewTag(msgspec.Struct):
    """The body of a new tag."""

    tag: str
    message: str = ""


class Squash(msgspec.Struct):
    """The body of a super-squash."""

    message: str = ""


def refs(call: Call) -> dict[str, Any]:
    """All branches, converts and tags, and on demand the refs of pull requests."""
    found = located(call).git.refs()
    asked = KINDS if call.flag("include_prs") else KINDS[:3]
    return {
        key: [
            {
                "name": ref if key == "pullRequests" else ref.removeprefix(start),
                "ref": ref,
                "targetCommit": commit,
            }
            for ref, commit in found
            if ref.startswith(start)
        ]
        for start, key in asked
    }


def commits(call: Call) -> Response:
    """The history of a revision, the newest first."""
    from unstick.localhub.app import answer

    here = located(call)
    commit = commit_of(here, rest_of(call)[0])
    total = here.git.count(commit) if commit else 0
    rows, link = page(call, range(total), COMMITS)
    found = here.git.log(commit, len(rows), rows[0]) if rows else []
    formatted = "formatted" in call.request.query_params.getlist("expand[]")
    return answer(
        [
            {
                "id": one.oid,
                "title": one.title,
                "message": one.message,
                "authors": [{"user": one.author, "avatar": ""}],
                "date": iso(one.at),
                **(
                    {"formatted": {"title": _html(one.title), "message": _html(one.message)}}
                    if formatted
                    else {}
                ),
            }
            for one in found
        ],
        headers={**link, "X-Total-Count": str(total)},
    )


def _html(text: str) -> str:
    from html import escape

    return escape(text)


def create_branch(call: Call) -> dict[str, Any]:
    """A branch, from main or from another revision."""
    here, name = located(call, "write"), _name(call)
    start = call.body.startingPoint or "main"
    if call.body.emptyBranch:
        commit = here.git.orphan("initial commit", call.caller.name)
    else:
        commit = commit_of(here, start)
    if not commit:
        raise errors.revision_not_found(start)
    try:
        here.git.set_ref(f"refs/heads/{name}", commit, None if call.body.overwrite else "")
    except Conflict:
        raise errors.ApiError(409, f"Reference already exists: refs/heads/{name}") from None
    landed(call.hub, here.repo)
    return {"success": True, "name": name, "ref": f"refs/heads/{name}", "targetCommit": commit}


def delete_branch(call: Call) -> dict[str, Any]:
    """Remove a branch; main stays."""
    here, name = located(call, "write"), _name(call)
    if name == "main":
        raise errors.forbidden("the branch main is protected and cannot be deleted")
    if not here.git.delete_ref(f"refs/heads/{name}"):
        raise errors.revision_not_found(name)
    landed(call.hub, here.repo)
    return {"success": True}


def _name(call: Call) -> str:
    """The branch or tag that the address ends in. Raises ApiError 400 for what cannot be one."""
    revision, more = rest_of(call)
    name = f"{revision}/{more}" if more else revision
    return _checked(name)


def _checked(name: str) -> str:
    if not REVISION.match(name) or name.startswith("refs/") or SHA.match(name) or name == "HEAD":
        raise errors.bad_request(f"Invalid reference name: {name[:100]!r}")
    return name


def create_tag(call: Call) -> dict[str, Any]:
    """A tag at a revision; with a message an annotated one."""
    here, name = located(call, "write"), _checked(call.body.tag)
    commit = commit_of(here, rest_of(call)[0])
    if not commit:
        raise errors.revision_not_found("main")
    try:
        here.git.tag(name, commit, call.body.message, call.caller.name)
    except Conflict:
        raise errors.ApiError(409, f"Tag reference exists already: {name}") from None
    return {"success": True, "name": name, "ref": f"refs/tags/{name}", "targetCommit": commit}


def delete_tag(call: Call) -> dict[str, Any]:
    """Remove a tag."""
    here, name = located(call, "write"), _name(call)
    if not here.git.delete_ref(f"refs/tags/{name}"):
        raise errors.revision_not_found(name)
    return {"success": True}


def super_squash(call: Call) -> dict[str, Any]:
    """Replace the history of a branch by one commit with the same files."""
    here, name = located(call, "write"), _name(call)
    message = " ".join(call.body.message.split()) or f"Super-squash branch '{name}'"
    try:
        commit = here.git.squash(name, message, call.caller.name)
    except NoSuchRevision:
        raise errors.revision_not_found(name) from None
    except Conflict:
        raise errors.ApiError(409, "a commit has happened since; try again") from None
    landed(call.hub, here.repo)
    return {"success": True, "commitOid": commit}


def may_read(call: Call) -> dict[str, Any]:
    """Whether the caller may read the repository's files."""
    return _allowed(located(call))


def may_write(call: Call) -> dict[str, Any]:
    """Whether the caller may write them."""
    return _allowed(located(call, "write"))


def _allowed(here: Located) -> dict[str, Any]:
    return {"success": True, "id": here.repo.full_name}


WRITES = (400, 401, 403, 404)
ENDPOINTS = (
    *of_each_kind(
        "GET", "/refs", refs, "Branches, converts, tags", query=(("include_prs", "the refs of pull requests too"),)
    ),
    *of_each_kind(
        "GET", "/commits/{rest:path}", commits, "The history of a revision: /commits/REVISION",
        query=(
            ("limit", "commits a page"), ("cursor", "where the page begins"),
            ("expand[]", "formatted: title and message as HTML too"),
        ),
    ),
    *of_each_kind(
        "POST", "/branch/{rest:path}", create_branch, "A new branch", body=NewBranch, answers=(*WRITES, 409)
    ),
    *of_each_kind("DELETE", "/branch/{rest:path}", delete_branch, "Remove a branch", answers=WRITES),
    *of_each_kind(
        "POST", "/tag/{rest:path}", create_tag, "A tag at a revision: /tag/REVISION", body=NewTag,
        answers=(*WRITES, 409),
    ),
    *of_each_kind("DELETE", "/tag/{rest:path}", delete_tag, "Remove a tag", answers=WRITES),
    *of_each_kind(
        "POST", "/super-squash/{rest:path}", super_squash, "One commit instead of a branch's history", body=Squash,
        answers=(*WRITES, 409),
    ),
    *of_each_kind("GET", "/auth-check", may_read, "Whether the caller may read"),
    *of_each_kind("GET", "/auth-check/write", may_write, "Whether the caller may write", answers=(401, 403)),
)  # fmt: skip
