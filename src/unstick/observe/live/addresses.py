"""Names to addresses, and which of them may be asked.

A Space's address comes out of an answer of the Hub, and its app may redirect anywhere. So that neither leads
into the network of whoever asks, a name is resolved once, every address is judged, and the connection goes to
the judged address itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from urllib.parse import urlsplit

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    IP = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NoSuchName(Exception):
    """The name does not resolve; the message says how."""


def is_local_url(url: str) -> bool:
    """Whether an address names this machine: localhost, *.localhost, 127.x.x.x, ::1."""
    try:
        return is_local(urlsplit(url).hostname or "")
    except ValueError:
        return False


def is_local(host: str) -> bool:
    """Whether a host name or address is this machine by its form alone (RFC 6761: *.localhost is)."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, whatever form it is wrapped in."""
    try:
        ip: IP = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    for inner in _wrapped(ip):
        if not inner.is_global or inner.is_multicast:
            return False
    return ip.is_global and not ip.is_multicast


def _wrapped(ip: IP) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address carries: mapped, 6to4, Teredo, NAT64."""
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    found = [inner for inner in (ip.ipv4_mapped, ip.sixtofour) if inner is not None]
    if ip.teredo is not None:
        found += list(ip.teredo)
    if ip in _NAT64:
        found.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return found


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, IPv4 first. Raises NoSuchName.

    The look-up runs in a thread that nobody waits for at the end: a name server that never answers delays
    nothing beyond the caller's own deadline.
    """
    host = host.strip("[]")
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    if is_local(host):
        return ["127.0.0.1", "::1"]
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str] | Exception) -> None:
        if not future.done():
            if isinstance(found, Exception):
                future.set_exception(found)
            else:
                future.set_result(found)

    def look() -> None:
        found: list[str] | Exception
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(row[4][0]) for row in sorted(rows, key=lambda row: row[0])))
        except (OSError, UnicodeError) as error:
            found = NoSuchName(getattr(error, "strerror", None) or str(error))
        try:
            loop.call_soon_threadsafe(settle, found)
        except RuntimeError:
            return  # the loop is over: nobody waits any more

    threading.Thread(target=look, daemon=True, name="unstick-resolve").start()
    return await future


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses have the same scheme, host and port, letter by letter."""
    try:
        mine, its = urlsplit(one), urlsplit(other)
    except ValueError:
        return False
    return (mine.scheme, mine.netloc) == (its.scheme, its.netloc)
