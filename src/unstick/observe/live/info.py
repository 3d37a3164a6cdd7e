"""What the Hub says of a Space besides its state: commit, address, visibility, SDK, moderation."""

from __future__ import annotations

from unstick.observe.live import runtime
from unstick.observe.live.fields import flag, items, mapping, text
from unstick.observe.live.hub import Got, Hub
from unstick.observe.live.target import ID, SpaceTarget
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    from unstick.observe.live.runtime import Runtime


class Info(NamedTuple):
    """The Space object (`GET /api/spaces/{id}`). '' and None are unknown.

    `host` is the Space's own address as the Hub gives it, `head` the newest commit, `modified` when it came,
    `renamed_from` the id that was asked when the Hub answers with another.
    """

    id: str
    head: str = ""
    modified: str = ""
    host: str = ""
    subdomain: str = ""
    sdk: str = ""
    base_path: str = ""
    private: bool | None = None
    disabled: bool | None = None
    runtime: Runtime | None = None
    renamed_from: str = ""
    tags: tuple[str, ...] = ()


async def ask(hub: Hub, target: SpaceTarget) -> tuple[Info | None, Got]:
    """The Space, or None with the answer that says why."""
    path = f"/api/spaces/{target.id}" if target.id else f"/api/spaces/by-subdomain/{target.subdomain}"
    got = await hub.json(path)
    if got.reason:
        return None, got
    found = parse(got.data, target)
    if found is None:
        return None, got._replace(reason="the Hub's answer describes no Space")
    return found, got


def parse(data: Any, target: SpaceTarget) -> Info | None:
    """The Space in a decoded answer; None where it names none."""
    given = mapping(data)
    named = text(given.get("id"), 200)
    owner, _, name = named.partition("/")
    if not (ID.match(owner) and ID.match(name)):
        return None
    card = mapping(given.get("cardData"))
    return Info(
        id=named,
        head=text(given.get("sha"), 64),
        modified=text(given.get("lastModified"), 40),
        host=text(given.get("host"), 500),
        subdomain=text(given.get("subdomain"), 200),
        sdk=text(given.get("sdk"), 40).lower(),
        base_path=_path(text(card.get("base_path"), 500)),
        private=flag(given.get("private")),
        disabled=flag(given.get("disabled")),
        runtime=runtime.parse(given.get("runtime")),
        renamed_from=target.id if target.id and target.id.lower() != named.lower() else "",
        tags=tuple(text(tag, 80) for tag in items(given.get("tags"))[:50]),
    )


def _path(value: str) -> str:
    return value if value.startswith("/") and not value.startswith("//") and " " not in value else ""
