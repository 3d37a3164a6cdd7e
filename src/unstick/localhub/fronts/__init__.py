"""What stands before the API, outermost first: guards, rate limits, faults of the API."""

from __future__ import annotations

from unstick.localhub.fronts import faults, guards, limits
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from unstick.localhub.hub import Hub


def wrap(hub: Hub, app: ASGIApp) -> ASGIApp:
    """The application with everything that this hub puts before it."""
    if hub.settings.faults:
        app = faults.FaultyFront(hub, app)
    if hub.settings.rate_limits:
        app = limits.RateLimits(hub, app)
    return guards.Guards(hub, app)
