"""New repositories: created, or copied from others."""

from __future__ import annotations

import msgspec

from unstick.localhub import hosts, names, records, skeleton
from unstick.localhub.api import access, answers, bodies, errors, plans, volumes
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.store import settings
from unstick.localhub.store.settings import Setting
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import sqlalchemy as sa
    from starlette.responses import Response

    from unstick.localhub.repository import Repository
    from unstick.localhub.store.repos import Repo

NO_TEMPLATES = "template; this local hub has no templates: the Space was created empty"


def create(call: Call) -> Response | dict[str, Any]:
    """Create a repository of the caller or of an organisation."""
    body: bodies.Create = call.body
    kind = body.type or "model"
    owner, name = target(call, body.organization or call.caller.name, body.name, kind)
    if kind == "space" and body.sdk not in plans.SDKS:
        raise errors.bad_request(f"sdk is needed for a Space: one of {', '.join(plans.SDKS)}")
    new = records.New(kind, owner, name, visibility_of(body, kind) or "public")
    if kind == "space":
        with call.hub.reads.begin() as connection:
            new = _with_options(call, connection, new._replace(sdk=body.sdk or ""), body)

    def fill(repository: Repository) -> None:
        skeleton.first_commit(repository, kind, name, new.sdk, call.caller.name)

    try:
        repo = records.create(call.hub, new, fill)
    except records.Taken as taken:
        raise taken_error(call, taken.repo) from None
    page = hosts.page_of(call.hub.settings, repo)
    result = {"url": page, "name": repo.full_name, "id": repo.storage[:24]}
    if body.template is None:
        return result
    return answers.of_value(result, headers={"X-HF-Warning": NO_TEMPLATES})


def duplicate(call: Call) -> dict[str, Any]:
    """Copy a repository with its history. A Space's variables go with it, its secrets do not."""
    body: bodies.Duplicate = call.body
    kind = access.kind_of(call)
    with call.hub.reads.begin() as connection:
        source = access.repo_of(call, connection, kind=kind)
        owner, name = target(call, *checked_id(body.repository), kind)
        new = records.New(kind, owner, name, visibility_of(body, kind) or source.visibility, source.sdk)
        new = new._replace(source=source.id)
        if kind == "space":
            copied = tuple(settings.read(connection, source.id, "variable"))
            new = _with_options(call, connection, new._replace(settings=copied), body)

    def fill(repository: Repository) -> None:
        with access.while_there(call.hub, source):
            call.hub.repository(source.storage).copy_to(repository)

    try:
        repo = records.create(call.hub, new, fill)
    except records.Taken as taken:
        raise taken_error(call, taken.repo) from None
    return {"url": hosts.page_of(call.hub.settings, repo), "filesCopyPending": False}


def target(call: Call, owner: str, name: str, kind: str) -> tuple[str, str]:
    """Owner and name of a repository that the caller may create. Raises ApiError 400 for a name that none can
    have, 403 where the caller may not."""
    owner, name = checked_id(f"{owner}/{name}")
    if not call.caller.writes(owner):
        raise errors.forbidden(f'You don\'t have the rights to create a {kind} under the namespace "{owner}"')
    return owner, name


def checked_id(text: str) -> tuple[str, str]:
    """Owner and name of 'owner/name'. Raises ApiError 400."""
    try:
        return names.split_id(text)
    except names.BadName as error:
        raise errors.bad_request(str(error)) from None


def visibility_of(body: bodies.SpaceOptions | bodies.Change, kind: str) -> str | None:
    """What the body says of visibility, None for nothing. Older clients send `private`. Raises ApiError 400."""
    if body.visibility == "protected" and kind != "space":
        raise errors.bad_request("only Spaces can be protected")
    if body.visibility is None and body.private is not None:
        return "private" if body.private else "public"
    return body.visibility


def taken_error(call: Call, repo: Repo) -> errors.ApiError:
    """There is a repository of this name: the client reads its address from the error."""
    page = hosts.page_of(call.hub.settings, repo)
    return errors.ApiError(409, f"You already created this {repo.kind} repo", extra={"url": page})


def _with_options(
    call: Call, connection: sa.Connection, new: records.New, body: bodies.SpaceOptions
) -> records.New:
    hardware = plans.flavour(body.hardware).id if body.hardware else plans.FREE
    if hardware != plans.FREE and new.sdk == "static":
        raise errors.bad_request("Static Spaces have no hardware")
    # Clients send the sleep time with cpu-basic too, and warn their user that it has no effect.
    sleep = None if hardware == plans.FREE else body.sleep_time_seconds
    plans.check_sleep(hardware, sleep)
    plans.check_hosting(call, connection, new.owner, new.sdk, hardware)
    plans.check_hardware(call, connection, new.owner, hardware)
    mounted = volumes.checked(call, connection, new.sdk, body.volumes or [])
    given = {("secret", pair.key): pair for pair in body.secrets or ()}
    given |= {("variable", pair.key): pair for pair in body.variables or ()}
    kept = [item for item in new.settings if (item.kind, item.name) not in given]
    kept += [Setting(kind, key, pair.value, pair.description or "") for (kind, key), pair in given.items()]
    return new._replace(
        hardware=hardware, sleep=sleep, settings=tuple(kept), storage=body.storage_tier,
        volumes=msgspec.json.encode(mounted).decode(),
    )  # fmt: skip


ENDPOINTS = (
    Endpoint(
        "POST", "/api/repos/create", create, "Create a repository", body=bodies.Create, login=True,
        answers=(400, 401, 402, 403, 409),
    ),
    *(
        Endpoint(
            "POST", f"/api/{plural}/{{owner}}/{{name}}/duplicate", duplicate, f"Copy a {kind} with its history",
            body=bodies.Duplicate, login=True, answers=(400, 401, 402, 403, 404, 409),
        )
        for plural, kind in access.PLURALS.items()
    ),
)  # fmt: skip
