"""A network namespace for one rehearsal, and what gets out of it.

As root a pair of interfaces leads out of it, through a firewall that lets pass what the platform does; what
is not allowed is dropped, so that a blocked connection hangs as it does there. As another user the namespace
has an address of its own and no way out. The kernel removes both interfaces with the last process inside.
"""

from __future__ import annotations

import contextlib
import fcntl
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

ANY = f"{PREFIX}+"
CHAIN = "UNSTICK"
LOCK = "/run/unstick.lock"
BRIDGES = ("docker0", "br-+", "unstick0", "podman+", "cni+", "virbr+", "lxcbr+")
"""What engines of containers and machines call the networks they have here."""

NET = "10.213"
ALONE = "10.213.255.1"
"""The address inside where there is no way out."""

NO_WAY_OUT = (
    "no outbound connections at all: limiting them to 80, 443 and 8080 needs root, iproute2 and iptables"
)
SHARED = "the network is this machine's own: outbound ports are not limited, and the port has to be free"

JUMPS = (
    ("nat", "POSTROUTING", ("-s", f"{NET}.0.0/16", "!", "-o", ANY, "-j", "MASQUERADE")),
    ("filter", "FORWARD", ("-j", CHAIN)),
    ("filter", "INPUT", ("-i", ANY, "-m", "conntrack", "--ctstate", "NEW", "-j", "DROP")),
)
"""Table, chain and rule outside of the chain of its own: a rehearsed app reaches nothing on this machine."""


class Way(NamedTuple):
    """How a namespace is reached: the address inside, and whether it has a way out."""

    address: str
    out: bool


def way_out(pid: int) -> Way:
    """Lead out of the namespace of a process (root only; else the address for `alone`)."""
    if os.geteuid() or not (shutil.which("ip") and shutil.which("iptables")) or not _forwards():
        return Way(ALONE, False)
    name = f"{PREFIX}{pid}"
    with _alone():
        if not _allow():
            return Way(ALONE, False)
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


def close(pid: int) -> None:
    """Take down what `way_out` made for a process, and the firewall's rules with the last one."""
    if not os.geteuid() and os.path.exists(f"/sys/class/net/{PREFIX}{pid}"):
        _ip("link", "delete", f"{PREFIX}{pid}")
    sweep()


def sweep() -> None:
    """Remove the firewall's rules when no rehearsal has an interface."""
    if os.geteuid() or shutil.which("iptables") is None:
        return
    with _alone():
        if any(name.startswith(PREFIX) for name in os.listdir("/sys/class/net")):
            return
        for table, chain, rule in JUMPS:
            while _iptables(table, "-D", chain, *rule):
                pass
        for action in ("-F", "-X"):
            _iptables("filter", action, CHAIN)


def inside(way: Way) -> None:
    """Bring the interfaces up, called inside of the namespace. Raises OSError."""
    steps: list[tuple[str, ...]] = [("link", "set", "lo", "up")]
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


def _allow() -> bool:
    """Put the rules in place: all of the chain at once, so that others who use it notice nothing."""
    lines = ["*filter", f":{CHAIN} - [0:0]", *(f"-A {CHAIN} {rule}" for rule in _rules()), "COMMIT", ""]
    command = ["iptables-restore", "--noflush", "--wait", "5"]
    if not _quiet(command, "\n".join(lines).encode()):
        return False
    return all(
        _iptables(table, "-C", chain, *rule) or _iptables(table, "-I", chain, *rule)
        for table, chain, rule in JUMPS
    )


def _rules() -> Iterator[str]:
    """The rules of the chain, in their order."""
    yield f"-o {ANY} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT"
    # Nothing of this machine, whichever way: other rehearsals, containers, ports that an engine publishes.
    yield f"-i {ANY} -m conntrack --ctstate DNAT -j DROP"
    for name in (ANY, *BRIDGES):
        yield f"-i {ANY} -o {name} -j DROP"
    for protocol in ("udp", "tcp"):
        yield f"-i {ANY} -p {protocol} --dport 53 -j ACCEPT"
    # Where clouds hand out the credentials of a machine.
    yield f"-i {ANY} -d 169.254.0.0/16 -j DROP"
    yield f"-i {ANY} -p tcp -m multiport --dports {','.join(map(str, OUTBOUND_PORTS))} -j ACCEPT"
    yield f"-i {ANY} -j DROP"


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One rehearsal at a time: rules come with the first interface and go with the last."""
    with open(LOCK, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forwards() -> bool:
    try:
        with open("/proc/sys/net/ipv4/ip_forward", encoding="ascii") as file:
            return file.read().strip() == "1"
    except OSError:
        return False


def _iptables(table: str, *words: str) -> bool:
    return _quiet(["iptables", "-w", "5", "-t", table, *words])


def _ip(*words: str) -> bool:
    return _quiet(["ip", *words])


def _quiet(command: list[str], text: bytes = b"") -> bool:
    try:
        return subprocess.run(command, input=text, capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
