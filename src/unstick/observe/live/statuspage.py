"""What the platform says of itself: the status page (Better Stack, index.json)."""

from __future__ import annotations

from unstick.observe.live.fields import items, mapping, text
from unstick.observe.live.hub import decoded
from unstick.observe.live.wire import Wire
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    from unstick.observe.live.options import Options

RED = ("degraded", "downtime")
OVER = ("resolved", "operational")
CONCERNS = ("space", "proxy", "hub", "api", "website", "registry", "git")
"""Parts of the names of components that a Space depends on; the full list of names is not public."""

MOST_ITEMS = 500


class StatusPage(NamedTuple):
    """`state` of the whole, the components that Spaces depend on and are not well with their state, and the
    titles of open reports; `reason` says why it is not known."""

    state: str = ""
    red: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    reports: tuple[str, ...] = ()
    reason: str = ""

    @property
    def trouble(self) -> bool:
        """Whether it shows trouble that may concern a Space."""
        return bool(self.red)


async def read(wire: Wire, options: Options) -> StatusPage:
    """The status page now. The token is not sent there."""
    url = options.status_address
    answer = await wire.ask(
        url, headers={"Accept": "application/json"}, seconds=min(5.0, options.patience),
        anywhere=options.local or bool(options.status_page),
    )  # fmt: skip
    got = decoded(answer, url, False)
    if got.reason:
        return StatusPage(reason=got.reason.replace("the Hub", "the status page"))
    return parse(got.data)


def parse(data: Any) -> StatusPage:
    """The state in a decoded index.json."""
    attributes = mapping(mapping(mapping(data).get("data")).get("attributes"))
    state = text(attributes.get("aggregate_state"), 40)
    rows = [mapping(item) for item in items(mapping(data).get("included"))[:MOST_ITEMS]]
    if not state and not rows:
        return StatusPage(reason="the status page's answer has another form than expected")
    ill, reports = [], []
    for row in rows:
        about = mapping(row.get("attributes"))
        if row.get("type") == "status_page_resource" and about.get("status") in RED:
            ill.append((text(about.get("public_name"), 80), text(about.get("status"), 40)))
        if row.get("type") == "status_report" and text(about.get("aggregate_state"), 40) not in ("", *OVER):
            reports.append(text(about.get("title"), 120))
    red = tuple(item for item in ill if any(part in item[0].lower() for part in CONCERNS))
    return StatusPage(state, red, tuple(item for item in ill if item not in red), tuple(reports[:5]))
