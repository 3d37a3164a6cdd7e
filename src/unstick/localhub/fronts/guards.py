"""Guards: what no endpoint should have to think about."""

from __future__ import annotations

import ipaddress
from urllib.parse import unquote_to_bytes

from unstick.localhub.api import answers
from unstick.localhub.api.errors import ApiError
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from unstick.localhub.hub import Hub

NAMES = ("localhost", "hf.localhost")
LONGEST_PATH = 8 * 1024
LONGEST_QUERY = 16 * 1024
MOST_HEADERS = 64 * 1024


class Guards:
    """Refuses calls that are not meant for this hub, or that no endpoint could handle."""

    def __init__(self, hub: Hub, app: ASGIApp) -> None:
        self._app = app
        self._names = frozenset((*NAMES, hub.settings.host.lower()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, or refuse it."""
        if scope["type"] == "http":
            error = self._fault_of(scope)
            if error is not None:
                await answers.of_error(error)(scope, receive, send)
                return
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(scope, receive, send)

    def _fault_of(self, scope: Scope) -> ApiError | None:
        headers = scope["headers"]
        if len(scope.get("raw_path") or b"") > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
            return ApiError(414, "the address is too long")
        if sum(len(name) + len(value) for name, value in headers) > MOST_HEADERS:
            return ApiError(431, "the headers are too long")
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        if len(hosts) != 1:
            return ApiError(400, "a call has to have one Host header")
        if not self._is_ours(hosts[0]):
            # A page in a browser whose name was pointed at this machine would otherwise speak with the hub.
            return ApiError(421, f"this hub is not {hosts[0][:100]!r}; call it by its loopback address")
        if not _clean(scope["path"].encode("utf-8", "surrogatepass")) or not _clean(
            unquote_to_bytes(scope["query_string"])
        ):
            return ApiError(400, "the address has control characters in it, or is not UTF-8")
        return None

    def _is_ours(self, host: str) -> bool:
        name = name_of(host)
        if name in self._names:
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


def name_of(host: str) -> str:
    """The name in a Host header, without port and brackets; '' for nonsense."""
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        port = port.removeprefix(":") if port.startswith(":") else "x" if port or not bracket else ""
    else:
        name, _, port = host.partition(":")
    if port and not (port.isascii() and port.isdigit()):
        return ""
    return name.lower().removesuffix(".")


def _clean(text: bytes) -> bool:
    """Whether text of an address has neither control characters nor bytes that are no UTF-8."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(byte < 32 or byte == 127 for byte in text)
