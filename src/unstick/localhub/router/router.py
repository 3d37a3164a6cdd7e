"""The router of a hub: what its connections share."""

from __future__ import annotations

from unstick.localhub.router.directory import Directory
from unstick.localhub.router.signing import signer
from unstick.localhub.router.upstream import Pool
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.hub import Hub


class Router:
    """Shared by all connections of one event loop."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.directory = Directory(hub)
        self.pool = Pool()
        self.signer = signer(hub)

    def close(self) -> None:
        """End its threads; its idle connections end with the event loop."""
        self.directory.close()
