"""An item of the Hub's answer as `Seen`. Anybody may have written it: odd fields count as absent."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from unstick.contract.network import SPACE_HOST, STATIC_HOST, subdomain
from unstick.contract.timeouts import seconds
from unstick.observe.live.addresses import is_local_url
from unstick.observe.live.fields import integer, items, mapping, text
from unstick.observe.live.target import ID
from unstick.patterns import lazy
from unstick.redact import redact
from unstick.watch.types import Seen

LONGEST_ERROR = 1000
_LABEL = lazy(r"^[a-z0-9-]{1,200}$")


def seen_of(item: Any, now: float, endpoint: str) -> Seen | None:
    """What an item of a list, or a single Space, says; None for what is no Space."""
    data = mapping(item)
    space = text(data.get("id"), 200)
    owner, _, name = space.partition("/")
    if not (ID.match(owner) and ID.match(name)):
        return None
    runtime = mapping(data.get("runtime"))
    hardware = mapping(runtime.get("hardware"))
    sdk = text(data.get("sdk") or runtime.get("sdk"), 20)
    error = text(runtime.get("errorMessage"), LONGEST_ERROR)
    if data.get("disabled") is True and not error:
        error = "access to this Space is disabled"
    return Seen(
        space=space,
        at=now,
        stage=text(runtime.get("stage"), 60),
        error=redact(error) if error else "",
        hardware=text(hardware.get("current"), 60),
        sha=text(data.get("sha"), 64),
        served=text(runtime.get("sha"), 64),
        sdk=sdk,
        sleeps=_sleeps(runtime, sdk),
        timeout=_timeout(data.get("cardData")),
        url=_url(data, owner, name, sdk, endpoint),
        private=data.get("private") is True,
    )


def _sleeps(runtime: dict[str, Any], sdk: str) -> bool | None:
    """Whether a sleep time is set; an answer without `gcTimeout` does not say."""
    if sdk == "static":
        return False
    if "gcTimeout" not in runtime:
        return None
    given = integer(runtime["gcTimeout"])
    return given is not None and given > 0


def _timeout(card: Any) -> int | None:
    given = mapping(card).get("startup_duration_timeout")
    return seconds(given) if isinstance(given, str) else None


def _url(data: dict[str, Any], owner: str, name: str, sdk: str, endpoint: str) -> str:
    """Where the app answers: the first address of the platform that is ready, else the one that follows from
    `subdomain`."""
    local = is_local_url(endpoint)
    label = text(data.get("subdomain"), 200) or subdomain(owner, name)
    if not _LABEL.match(label):
        return ""
    if local:
        port = urlsplit(endpoint).port
        return f"http://{label}.hf.localhost{f':{port}' if port else ''}/"
    for row in items(mapping(data.get("runtime")).get("domains"))[:20]:
        domain = text(mapping(row).get("domain"), 250)
        ready = mapping(row).get("stage") == "READY" and mapping(row).get("isCustom") is not True
        if (
            ready
            and domain.endswith(SPACE_HOST)
            and _LABEL.match(domain.removesuffix(SPACE_HOST).removesuffix(".static"))
        ):
            return f"https://{domain}/"
    return f"https://{label}{STATIC_HOST if sdk == 'static' else SPACE_HOST}/"
