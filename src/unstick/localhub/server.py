"""Runs a hub: uvicorn on loopback, the control loop beside it."""

from __future__ import annotations

import asyncio
import socket

from unstick.errors import UsageError
from unstick.localhub.app import application
from unstick.localhub.hub import Hub
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import uvicorn

    from unstick.localhub.router.router import Router
    from unstick.localhub.settings import Settings


def serve(settings: Settings, ready: Callable[[Hub], None]) -> None:
    """Run a hub until SIGINT or SIGTERM. `ready` is called once, when it accepts connections; the port is then
    known. Raises UsageError when the port is taken, or another hub uses the data folder or the database, and
    UnreadableError when one takes the database later."""
    import uvicorn

    from unstick.localhub.control.loop import Control
    from unstick.localhub.router.router import Router
    from unstick.localhub.tidying import tidy

    listener = listen(settings.host, settings.port)
    settings = settings._replace(port=listener.getsockname()[1])
    hub = Hub(settings)
    router = Router(hub)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(hub)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            hub.ending()
            await super().shutdown(sockets)

    server = Server(configuration(hub, router))

    def end() -> None:
        server.should_exit = True

    try:
        control = Control(hub, end)  # it holds the data folder and the database from here on
        tidy(hub)
        with control:
            asyncio.run(server.serve([listener]))
        if control.replaced is not None:
            raise control.replaced
    finally:
        router.close()
        hub.close()


def configuration(hub: Hub, router: Router) -> uvicorn.Config:
    """How uvicorn runs a hub: the router reads each request first, the application answers the API's."""
    import uvicorn

    from unstick.localhub.router.front import front_door

    return uvicorn.Config(
        application(hub), http=front_door(router),  # type: ignore[arg-type]
        ws="none", log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=2,
        server_header=False, date_header=False, proxy_headers=False, h11_max_incomplete_event_size=64 * 1024,
    )  # fmt: skip


def listen(host: str, port: int) -> socket.socket:
    """The listening socket."""
    try:
        listener = socket.create_server((host, port), backlog=1024)
        # asyncio does so only for sockets that were made with IPPROTO_TCP; without it head and body of an answer,
        # which are two writes, cost the client's delayed acknowledgement, 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror or error}", where="--port",
            todo="Name another port, or 0 for any that is free.",
        ) from None  # fmt: skip
