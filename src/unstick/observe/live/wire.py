"""One HTTP exchange with an untrusted server: bounded time, bounded memory, judged addresses.

Nothing here raises for what a server or a network does: the answer says what failed. Redirects are never
followed by themselves, cookies are not kept, a compressed body is unpacked only up to its limit.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from unstick.observe.live import addresses
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType
    from typing import Any

    import httpx2

MOST_BODY = 8 * 1024 * 1024
TRIES = 2
"""Addresses of one name that are tried."""

MOST_HEADERS = 200


class Answer(NamedTuple):
    """What came back. `status` is 0 when nothing did; `failure` is then one of dns, refused, tls, timeout,
    private, protocol, address, and `error` says it in words. `cut` says that the body went on."""

    url: str
    status: int = 0
    headers: Mapping[str, str] = {}
    cookies: tuple[str, ...] = ()
    body: bytes = b""
    cut: bool = False
    failure: str = ""
    error: str = ""
    seconds: float = 0.0
    peer: str = ""

    @property
    def text(self) -> str:
        """The body as text, odd bytes replaced."""
        return self.body.decode("utf-8", "replace")


class Refused(Exception):
    """An exchange that did not come about: kind (as `Answer.failure`) and words."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


class Wire:
    """Connections that are kept for the length of one observation (`async with`).

    `anywhere`, asked with each exchange, says whether the name may lead to a private address: for the
    endpoint, which the user named himself, and for everything when the endpoint is on this machine.
    """

    def __init__(self) -> None:
        self._transports: dict[str, httpx2.AsyncHTTPTransport] = {}
        self._known: dict[tuple[str, int], list[str]] = {}

    async def __aenter__(self) -> Wire:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for transport in self._transports.values():
            try:
                async with asyncio.timeout(1.0):
                    await transport.aclose()
            except Exception:  # a connection that cannot be closed goes with the process
                continue

    async def ask(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        seconds: float = 5.0,
        most: int = MOST_BODY,
        anywhere: bool = False,
        content: bytes = b"",
        upgraded: Callable[[httpx2.Response], Awaitable[None]] | None = None,
    ) -> Answer:
        """One exchange, body read up to `most` bytes within `seconds` in all. Where the server changes to
        another protocol (101), `upgraded` uses the connection instead, within the same time."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                async with self.opened(
                    url, method=method, headers=headers, anywhere=anywhere, content=content, seconds=seconds
                ) as (response, peer):
                    if upgraded is not None and response.status_code == 101:
                        await upgraded(response)
                        return _answer(url, response, b"", False, time.monotonic() - began, peer)
                    body, cut = await _body(response, most)
                    return _answer(url, response, body, cut, time.monotonic() - began, peer)
        except TimeoutError:
            return _failed(url, "timeout", f"no answer within {seconds:g} s", began)
        except Refused as refused:
            return _failed(url, refused.kind, str(refused), began)
        except Exception as error:  # whatever a hostile server provokes in the library is an answer, too
            return _failed(url, *_kind_of(error), began)

    @asynccontextmanager
    async def opened(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        anywhere: bool = False,
        content: bytes = b"",
        seconds: float = 5.0,
    ) -> AsyncIterator[tuple[httpx2.Response, str]]:
        """The response with its body unread, and the address that it came from. Raises Refused for addresses
        that may not be asked, and what the library raises; the caller sets the deadline."""
        import httpx2

        host, port = _parts(url)
        proxy = _proxy_for(url)
        named = {"Host": _host_header(url), "User-Agent": "unstick", **(headers or {})}
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
        peers = [""] if proxy else await self._judged(host, port, anywhere)
        for number, peer in enumerate(peers[:TRIES]):
            at = httpx2.URL(url).copy_with(host=peer) if peer else httpx2.URL(url)
            request = httpx2.Request(
                method, at, headers=named, content=content or None,
                extensions={"timeout": timeout, "sni_hostname": host},
            )  # fmt: skip
            try:
                response = await self._transport(proxy).handle_async_request(request)
            except httpx2.ConnectError:
                if number + 1 < len(peers[:TRIES]):
                    continue
                raise
            try:
                yield response, peer
            finally:
                await response.aclose()
            return

    async def _judged(self, host: str, port: int, anywhere: bool) -> list[str]:
        key = (host, port)
        if key not in self._known:
            try:
                self._known[key] = await addresses.resolve(host, port)
            except addresses.NoSuchName as error:
                raise Refused("dns", f"the name {host} does not resolve: {error}") from None
        found = self._known[key]
        allowed = found if anywhere else [item for item in found if addresses.is_public(item)]
        if found and not allowed:
            raise Refused("private", f"{host} leads to {found[0]}, which is no public address: not asked")
        if not found:
            raise Refused("dns", f"the name {host} has no address")
        return allowed

    def _transport(self, proxy: str) -> httpx2.AsyncHTTPTransport:
        if proxy not in self._transports:
            import httpx2

            self._transports[proxy] = httpx2.AsyncHTTPTransport(
                verify=_ssl_context(), proxy=proxy or None, trust_env=False,
                limits=httpx2.Limits(max_connections=32, max_keepalive_connections=16),
            )  # fmt: skip
        return self._transports[proxy]


_contexts: list[Any] = []


def _ssl_context() -> Any:
    """One context for all: SSL_CERT_FILE and the system's certificates are heeded."""
    if not _contexts:
        import httpx2

        _contexts.append(httpx2.create_ssl_context())
    return _contexts[0]


def _parts(url: str) -> tuple[str, int]:
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port
    except ValueError:
        raise Refused("address", "the address is malformed") from None
    if split.scheme not in ("http", "https") or not host or split.username is not None:
        raise Refused("address", "the address is no plain http or https one")
    return host, port or (443 if split.scheme == "https" else 80)


def _host_header(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _proxy_for(url: str) -> str:
    """The proxy that the environment names for an address, or ''."""
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    host = urlsplit(url).hostname or ""
    if not proxies or addresses.is_local(host) or proxy_bypass(host):
        return ""
    return proxies.get(urlsplit(url).scheme, "") or proxies.get("all", "")


async def _body(response: httpx2.Response, most: int) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    size = 0
    async for piece in unpacked(response, most):
        parts.append(piece[: most - size])
        size += len(piece)
        if size > most:
            return b"".join(parts), True
    return b"".join(parts), False


async def unpacked(response: httpx2.Response, most: int) -> AsyncIterator[bytes]:
    """The body in pieces, unpacked where it is gzip or deflate, each piece small. Ends soon after `most`
    bytes."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        async for piece in response.stream:  # type: ignore[union-attr]
            yield piece
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Refused("protocol", "the body is packed in a way that nobody asked for")
    unpacker = zlib.decompressobj(47)
    size = 0
    async for piece in response.stream:  # type: ignore[union-attr]
        while piece and not unpacker.eof:
            try:
                out = unpacker.decompress(piece, 256 * 1024)
            except zlib.error:
                raise Refused("protocol", "the body says it is gzip and is not") from None
            size += len(out)
            yield out
            if size > most:
                return
            piece = unpacker.unconsumed_tail


def _answer(url: str, response: httpx2.Response, body: bytes, cut: bool, seconds: float, peer: str) -> Answer:
    rows = response.headers.multi_items()[:MOST_HEADERS]
    cookies = tuple(value for name, value in rows if name.lower() == "set-cookie")
    headers: dict[str, str] = {}
    for name, value in rows:
        name = name.lower()
        if name != "set-cookie":
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Answer(url, response.status_code, headers, cookies, body, cut, "", "", seconds, peer)


def _failed(url: str, kind: str, words: str, began: float) -> Answer:
    return Answer(url, failure=kind, error=words, seconds=time.monotonic() - began)


def _kind_of(error: Exception) -> tuple[str, str]:
    import ssl

    import httpx2

    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ssl.SSLError):
            return "tls", f"TLS fails: {getattr(inner, 'verify_message', '') or inner.reason or 'handshake'}"
        inner = inner.__cause__ or inner.__context__
    if isinstance(error, httpx2.TimeoutException):
        return "timeout", "no answer in time"
    if isinstance(error, httpx2.ConnectError):
        return "refused", f"no connection: {error}"
    if isinstance(error, httpx2.RemoteProtocolError):
        return "protocol", f"the answer is no HTTP: {error}"
    return "protocol", f"the exchange broke off: {type(error).__name__}"
