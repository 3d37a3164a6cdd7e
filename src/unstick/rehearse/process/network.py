"""A network namespace for one rehearsal, and what gets out of it.

As root a pair of interfaces leads out of it, through a firewall that lets pass what the platform does; what
is not allowed is dropped, so that a blocked connection hangs as it does there. As another user the namespace
has an address of its own and no way out. The kernel removes both interfaces with the last process inside.
"""

from __future__ import annotations

import os
import shutil
import subprocess

from unstick.contract.network import OUTBOUND_PORTS
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "unst-"
"""Interfaces on this machine's side begin so; firewall rules name them by it, so no other may (not `usb0`, nor
the bridge of the containers, `unstick0`)."""

NET = "10.213"
ALONE = "10.213.255.1"
"""The address inside where there is no way out."""

NO_WAY_OUT = "no outbound connections at all: limiting them to 80, 443 and 8080 needs root, iproute2 and iptables"
SHARED = "the network is this machine's own: outbound ports are not limited, and the port has to be free"


class Way(NamedTuple):
    """How a namespace is reached: the address inside, and whether it has a way out."""

    address: str
    out: bool


def way_out(pid: int) -> Way:
    """Lead out of the namespace of a process (root only; else the address for `alone`)."""
    if os.geteuid() or not (shutil.which("ip") and shutil.which("iptables")) or not _forwards():
        return Way(ALONE, False)
    if not all(_ensure(table, chain, rule) for table, chain, rule in _rules()):
        return Way(ALONE, False)
    name = f"{PREFIX}{pid}"
    here, there = _addresses(pid)
    made = (
        ("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(pid)),
        ("addr", "add", f"{here}/30", "dev", name),
        ("link", "set", name, "up"),
    )
    if all(_ip(*words) for words in made):
        return Way(there, True)
    _ip("link", "delete", name)
    return Way(ALONE, False)


def inside(way: Way) -> None:
    """Bring the interfaces up, called inside of the namespace. Raises OSError."""
    steps = [("link", "set", "lo", "up")]
    if way.out:
        gateway = way.address.rpartition(".")[0] + f".{int(way.address.rpartition('.')[2]) - 1}"
        steps += [
            ("addr", "add", f"{way.address}/30", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("route", "add", "default", "via", gateway),
        ]
    else:
        steps.append(("addr", "add", f"{way.address}/32", "dev", "lo"))
    for words in steps:
        if not _ip(*words):
            raise OSError(f"ip {' '.join(words)} failed")


def _addresses(pid: int) -> tuple[str, str]:
    """A net of four addresses that no interface here has yet."""
    taken = subprocess.run(["ip", "-o", "-4", "addr"], capture_output=True, text=True, timeout=10).stdout
    for step in range(64 * 200):
        number = (pid + step) % (64 * 200)
        net = f"{NET}.{number // 64}.{number % 64 * 4}"
        base = int(net.rpartition(".")[2])
        here = f"{net.rpartition('.')[0]}.{base + 1}"
        if f" {here}/" not in taken:
            return here, f"{net.rpartition('.')[0]}.{base + 2}"
    raise OSError("no free addresses")


def _rules() -> Iterator[tuple[str, str, list[str]]]:
    """Table, chain and rule; inserted in this order, so that the last one of a chain stands first."""
    any_of = f"{PREFIX}+"
    new = ["-m", "conntrack", "--ctstate", "NEW"]
    ports = ",".join(map(str, OUTBOUND_PORTS))
    yield "nat", "POSTROUTING", ["-s", f"{NET}.0.0/16", "!", "-o", any_of, "-j", "MASQUERADE"]
    yield "filter", "FORWARD", ["-i", any_of, "-j", "DROP"]
    for protocol in ("udp", "tcp"):
        yield "filter", "FORWARD", ["-i", any_of, "-p", protocol, "--dport", "53", "-j", "ACCEPT"]
    yield "filter", "FORWARD", ["-i", any_of, "-p", "tcp", "-m", "multiport", "--dports", ports, "-j", "ACCEPT"]
    yield "filter", "FORWARD", ["-o", any_of, "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT"]
    # Neither other rehearsals nor anything of this machine, whichever of its addresses is asked.
    yield "filter", "FORWARD", ["-i", any_of, "-o", any_of, "-j", "DROP"]
    yield "filter", "INPUT", ["-i", any_of, *new, "-j", "DROP"]


def _forwards() -> bool:
    try:
        with open("/proc/sys/net/ipv4/ip_forward", encoding="ascii") as file:
            return file.read().strip() == "1"
    except OSError:
        return False


def _ensure(table: str, chain: str, rule: list[str]) -> bool:
    return _iptables(table, "-C", chain, *rule) or _iptables(table, "-I", chain, *rule)


def _iptables(table: str, *words: str) -> bool:
    return _quiet(["iptables", "-w", "5", "-t", table, *words])


def _ip(*words: str) -> bool:
    return _quiet(["ip", *words])


def _quiet(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
