"""The hub's own API, for faults. There is none of it in a hub that was started without faults."""

from __future__ import annotations

import msgspec

from unstick.localhub import faults, names
from unstick.localhub.api import errors
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.api.times import iso
from unstick.localhub.store import repos, spaces
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from unstick.localhub.faults import Fault
    from unstick.localhub.hub import Hub

LONGEST = 366 * 24 * 3600.0
"""Seconds that a fault may be set for."""


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """A fault to switch on: for one Space (owner/name) or all, for some seconds or until it is cleared."""

    kind: str
    space: str | None = None
    seconds: float | None = None


def listed(call: Call) -> dict[str, Any]:
    """The faults that are on, and the kinds that there are."""
    _admin(call)
    on = [_shown(call.hub, fault) for fault in call.hub.faults.active()]
    return {"active": on, "kinds": [kind._asdict() for kind in faults.KINDS]}


def switched_on(call: Call) -> dict[str, Any]:
    """Switch one on."""
    _admin(call)
    body = call.body
    kind = _kind(body.kind)
    if body.seconds is not None and not 0 < body.seconds <= LONGEST:
        raise errors.bad_request(f"seconds: has to be above 0 and at most {LONGEST:.0f}")
    if kind.whole and body.space:
        raise errors.bad_request(f"{kind.id} hits the whole hub, not one Space")
    repo = _space(call.hub, body.space) if body.space else None
    fault = call.hub.faults.set(kind.id, repo, body.seconds)
    _tell(call.hub, repo)
    return _shown(call.hub, fault)


def cleared(call: Call) -> dict[str, int]:
    """Switch off those of a kind, of a Space, or all."""
    _admin(call)
    kind = _kind(call.query["kind"]).id if call.query.get("kind") else None
    repo = _space(call.hub, call.query["space"]) if call.query.get("space") else None
    count = call.hub.faults.clear(kind, repo)
    _tell(call.hub, repo)
    return {"cleared": count}


def _admin(call: Call) -> None:
    """Raises ApiError: 404 in a hub without faults, 401 without a token, 403 for a token of another role."""
    if not call.hub.settings.faults:
        raise errors.ApiError(404, "Not found")
    if not call.caller.name:
        raise errors.login_required()
    if call.caller.role != "admin":
        raise errors.forbidden("this call takes the hub's admin token")


def _kind(name: str) -> faults.Kind:
    found = next((kind for kind in faults.KINDS if kind.id == name), None)
    if found is None:
        known = ", ".join(kind.id for kind in faults.KINDS)
        raise errors.bad_request(f"there is no fault {name[:40]!r}; there are {known}")
    return found


def _space(hub: Hub, full_name: str) -> int:
    try:
        owner, name = names.split_id(full_name)
    except names.BadName as error:
        raise errors.bad_request(str(error)) from None
    with hub.reads.begin() as connection:
        repo = repos.find(connection, "space", owner, name)
    if repo is None:
        raise errors.repo_not_found()
    return repo.id


def _tell(hub: Hub, repo: int | None) -> None:
    """Wake those who act: the Space's reconciler, or all of them."""
    if repo is not None:
        hub.changed(repo)
        return
    with hub.reads.begin() as connection:
        rows = spaces.everything(connection)
    for row in rows:
        hub.changed(row.repo)


def _shown(hub: Hub, fault: Fault) -> dict[str, Any]:
    space = None
    if fault.repo is not None:
        with hub.reads.begin() as connection:
            repo = repos.get(connection, fault.repo)
        space = repo.full_name if repo else None
    return {
        "id": fault.id, "kind": fault.kind, "space": space, "since": iso(fault.since),
        "until": None if fault.until is None else iso(fault.until),
    }  # fmt: skip


OF_WHICH = (("kind", "those of this kind"), ("space", "those of this Space (owner/name)"))
REFUSED = (401, 403, 404)
ENDPOINTS = (
    Endpoint("GET", "/admin/faults", listed, "The faults that are on", answers=REFUSED),
    Endpoint("POST", "/admin/faults", switched_on, "Switch a fault on", Wanted, answers=(400, *REFUSED)),
    Endpoint(
        "DELETE", "/admin/faults", cleared, "Switch faults off", query=OF_WHICH, answers=(400, *REFUSED)
    ),
)
