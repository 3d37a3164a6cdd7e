"""Heads of requests and answers: what is let in, and what is changed on the way."""

from __future__ import annotations

import re

from unstick.localhub.router import hosts
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    import h11

    Headers = list[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer "
    b"transfer-encoding upgrade".split()
)
"""Headers that are for one connection only (RFC 9110, 7.6.1)."""

KEPT = frozenset((b"host", b"content-length"))
"""What a Connection header cannot take out."""

OURS = frozenset((b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-request-id"))
"""Headers of requests that the router writes itself; X-Real-IP and Forwarded pass untouched, as on the platform."""

EDGE = frozenset(
    (b"x-proxied-host", b"x-proxied-replica", b"x-proxied-path", b"x-request-id", b"access-control-expose-headers")
)  # fmt: skip
"""Headers of answers that the router writes itself."""

_ABSOLUTE = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)(.*)", re.DOTALL)


class Refused(Exception):
    """A request that is not taken: the status and the reason."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Asked(NamedTuple):
    """A request to a Space: `target` in origin form, `host` as it was sent, `name` what that means; `headers`
    in lower case; `chunked` and `length` its framing (`length` None: no such header); `upgrade` asks for a
    WebSocket."""

    method: bytes
    target: bytes
    host: bytes
    name: hosts.Name
    headers: Headers
    chunked: bool
    length: int | None
    upgrade: bool

    @property
    def body(self) -> bool:
        """Whether a body follows."""
        return self.chunked or bool(self.length)

    def get(self, name: bytes) -> bytes:
        """The first header of this name, b'' without one."""
        return next((value for key, value in self.headers if key == name), b"")


def read(request: h11.Request) -> Asked | None:
    """A parsed request as one to a Space; None when it is the hub's own.

    Raises Refused when it is not clear to whom it goes or how long it is: one that two readers could
    understand differently is not passed on.
    """
    headers = list(request.headers)
    host = next((value for key, value in headers if key == b"host"), b"")
    name, target = _addressed(host, request.target)
    if name is None:
        return None
    if request.http_version not in (b"1.0", b"1.1"):
        raise Refused(505, "HTTP/1.0 and HTTP/1.1 are spoken here")
    if request.method == b"CONNECT" or not (
        target[:1] == b"/" or (target, request.method) == (b"*", b"OPTIONS")
    ):
        raise Refused(400, "the request's target is not a path")
    chunked = any(key == b"transfer-encoding" for key, _ in headers)
    length = next((int(value) for key, value in headers if key == b"content-length"), None)
    if chunked and (length is not None or request.http_version == b"1.0"):
        raise Refused(400, "the length of the body is given in two ways")
    upgrade = b"upgrade" in _tokens(headers, b"connection") and _tokens(headers, b"upgrade") == {b"websocket"}
    return Asked(
        request.method, target, host, name, headers, chunked, length,
        upgrade and request.method == b"GET" and request.http_version == b"1.1" and not chunked and not length,
    )  # fmt: skip


def _addressed(host: bytes, target: bytes) -> tuple[hosts.Name | None, bytes]:
    """Whom a Host header and a target address, and the target in origin form."""
    try:
        name = hosts.parse(host.decode("latin-1"))
        match = _ABSOLUTE.match(target)
        if match is None:
            return name, target
        inner = hosts.parse(match[2].decode("latin-1"))
    except ValueError:
        raise Refused(400, "the Host is not a host name") from None
    if (name and name.host) != (inner and inner.host) or match[1].lower() not in (b"http", b"https"):
        raise Refused(400, "the Host and the target name different hosts")
    rest = match[3].partition(b"#")[0]
    return name, rest if rest[:1] == b"/" else b"/" + rest


def upward(asked: Asked, peer: str, request_id: bytes, hidden: Iterable[bytes] = ()) -> Headers:
    """The headers for the app: exactly one address is appended to X-Forwarded-For; `hidden` headers stay here."""
    dropped = HOP_BY_HOP | OURS | frozenset(hidden) | (_tokens(asked.headers, b"connection") - KEPT)
    out = [(key, value) for key, value in asked.headers if key not in dropped]
    before = [value for key, value in asked.headers if key == b"x-forwarded-for" and value]
    out += [
        (b"x-forwarded-for", b", ".join([*before, peer.encode()])),
        (b"x-forwarded-proto", b"http"),
        (b"x-forwarded-host", asked.host),
        (b"x-request-id", request_id),
    ]
    if asked.chunked:
        out.append((b"transfer-encoding", b"chunked"))
    if asked.upgrade:
        out += [(b"connection", b"Upgrade"), (b"upgrade", b"websocket")]
    return out


def downward(headers: Iterable[tuple[bytes, bytes]], asked: Asked, edge: Headers, private: bool) -> Headers:
    """The headers of an answer for the visitor: the app's, and those that only the edge writes (`edge`)."""
    received = list(headers)
    dropped = HOP_BY_HOP | EDGE | (_tokens(received, b"connection") - KEPT)
    if any(key == b"transfer-encoding" for key, _ in received):
        dropped |= {b"content-length"}
    if private:
        dropped |= {b"access-control-allow-credentials"}
    out = [(k, v) for k, v in received if k not in dropped and not (k == b"set-cookie" and _too_wide(v))]
    return [*_cross_origin(out, asked.get(b"origin")), *edge]


def _cross_origin(headers: Headers, origin: bytes) -> Headers:
    """The edge reflects Origin; an app that allows credentials keeps its own choice, or every page could read it."""
    out = headers
    if origin and (b"access-control-allow-credentials", b"true") not in headers:
        out = [(key, value) for key, value in headers if key != b"access-control-allow-origin"]
        out.append((b"access-control-allow-origin", origin))
    return [
        *out,
        (b"access-control-expose-headers", b"*"),
        (b"vary", b"origin, access-control-request-method, access-control-request-headers"),
    ]


def preflight(asked: Asked) -> Headers | None:
    """The headers of the answer to a CORS preflight, which the edge gives itself; None for another request."""
    method = asked.get(b"access-control-request-method")
    origin = asked.get(b"origin")
    if asked.method != b"OPTIONS" or not method or not origin:
        return None
    wanted = asked.get(b"access-control-request-headers")
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-methods", b"GET, HEAD, PUT, PATCH, POST, DELETE"),
        *([(b"access-control-allow-headers", wanted)] if wanted else []),
        (b"access-control-max-age", b"86400"),
        (b"vary", b"origin, access-control-request-method, access-control-request-headers"),
    ]


def _tokens(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> set[bytes]:
    return {
        token.strip().lower() for key, value in headers if key == name for token in value.split(b",")
    } - {b""}  # fmt: skip


def _too_wide(cookie: bytes) -> bool:
    """Whether a cookie is for all Spaces. Browsers refuse that below hf.space, which is a public suffix; below
    .localhost they would take it, so the router drops it."""
    for part in cookie.lower().split(b";")[1:]:
        key, _, value = part.partition(b"=")
        domain = value.strip().strip(b'"').strip(b".")
        if key.strip() == b"domain" and (b"." + domain).decode("latin-1") in _PARENTS:
            return True
    return False


_PARENTS = frozenset((*(suffix for suffix, _, _ in hosts.SUFFIXES), ".localhost", ".space"))
