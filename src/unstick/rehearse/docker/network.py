"""The network of rehearsed containers: one bridge, from which only what the platform allows gets out."""

from __future__ import annotations

import os
import shutil
import subprocess

from unstick.contract.network import OUTBOUND_PORTS
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.rehearse.docker.client import Client

NAME = "unstick"
BRIDGE = "unstick0"
NOT_LIMITED = "outbound connections are not limited to 80, 443 and 8080 here: that needs root and iptables"

_done: list[bool] = []


def ready(client: Client) -> bool:
    """Make sure that the network is there; whether outbound connections are limited in it.

    What is not allowed is dropped, not refused: so a blocked connection hangs, as on the platform.
    """
    if _done and client.there(f"/networks/{NAME}", "network", "inspect", NAME):
        return _done[0]
    if not client.there(f"/networks/{NAME}", "network", "inspect", NAME):
        client.run(
            "network", "create", "--driver", "bridge",
            "--opt", f"com.docker.network.bridge.name={BRIDGE}",
            "--opt", "com.docker.network.bridge.enable_icc=false", NAME,
        )  # fmt: skip
    if os.geteuid() or shutil.which("iptables") is None:
        return False
    _done[:] = [all(_ensure(chain, rule) for chain, rule in _rules())]
    return _done[0]


def _rules() -> Iterator[tuple[str, list[str]]]:
    """Chain and rule, to be inserted in this order, so that the last one stands first."""
    ports = ",".join(map(str, OUTBOUND_PORTS))
    new = ["-m", "conntrack", "--ctstate", "NEW"]
    yield "DOCKER-USER", ["-i", BRIDGE, *new, "-j", "DROP"]
    for protocol in ("udp", "tcp"):
        yield "DOCKER-USER", ["-i", BRIDGE, "-p", protocol, "--dport", "53", "-j", "RETURN"]
    yield "DOCKER-USER", ["-i", BRIDGE, "-p", "tcp", "-m", "multiport", "--dports", ports, "-j", "RETURN"]
    # Nothing of this machine: neither its loopback services nor what listens on its own addresses.
    yield "INPUT", ["-i", BRIDGE, *new, "-j", "DROP"]


def _ensure(chain: str, rule: list[str]) -> bool:
    if _iptables("-C", chain, *rule):
        return True
    return _iptables("-I", chain, *rule)


def _iptables(*arguments: str) -> bool:
    try:
        done = subprocess.run(["iptables", "-w", "5", *arguments], capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
