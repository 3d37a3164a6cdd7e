"""The kernel's table of TCP sockets, as data.

Source: the layout of `/proc/net/tcp` and `/proc/net/tcp6` (Linux, net/ipv4/tcp_ipv4.c, `get_tcp4_sock`, and
proc_pid_net(5)); states from include/net/tcp_states.h. The texts may come out of a container, so nothing in
them is trusted: what is not a line of the table is passed over.
"""

from __future__ import annotations

import os
import socket
import sys

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse.types import Socket

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

STATES = {
    "01": "established",
    "02": "syn-sent",
    "03": "syn-recv",
    "04": "fin-wait-1",
    "05": "fin-wait-2",
    "06": "time-wait",
    "07": "close",
    "08": "close-wait",
    "09": "last-ack",
    "0A": "listen",
    "0B": "closing",
    "0C": "new-syn-recv",
}
SHOWN = ("listen", "syn-sent")
"""The states that a rehearsal looks at."""

MOST_TEXT = 8 * 1024 * 1024
"""Bytes read of one table: 50 000 sockets."""

MOST_LINE = 512
WORD = 4
"""Bytes of an address that the kernel prints as one number, in the machine's byte order."""

MAPPED = bytes(10) + b"\xff\xff"
"""How the IPv6 form of an IPv4 address begins (RFC 4291, section 2.5.5.2)."""


class Entry(NamedTuple):
    """One line of the table. Addresses are literals; that of an IPv4 peer of an IPv6 socket is written as
    IPv4, and `version` is 6. `waiting` is, for a listening socket, how many connections nobody took yet."""

    state: str
    address: str
    port: int
    peer: str
    peer_port: int
    inode: int
    uid: int
    version: int
    waiting: int = 0


def parse(tcp: str, tcp6: str = "") -> list[Entry]:
    """The sockets in the texts of `/proc/net/tcp` and `/proc/net/tcp6`, in their order."""
    out = []
    for text, version in ((tcp, 4), (tcp6, 6)):
        for line in text.split("\n"):
            entry = _entry(line, version)
            if entry is not None:
                out.append(entry)
    return out


def owners(inodes: Collection[int], pids: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Which process holds each socket: inode → (pid, name of the program), the first of `pids` that does.

    Sockets of processes that may not be looked at, or have ended, are left out.
    """
    found: dict[int, tuple[int, str]] = {}
    wanted = set(inodes)
    for pid in pids:
        if not wanted:
            break
        held = _held(pid) & wanted
        if held:
            name = _program(pid)
            found |= dict.fromkeys(held, (pid, name))
            wanted -= held
    return found


def table(pid: int | str = "self", at: float = 0.0, pids: Iterable[int] | None = None) -> tuple[Socket, ...]:
    """The listening and the unanswered sockets in the network namespace of a process, each once.

    `pids` are the processes to ask who holds a socket; without them all that share the namespace. A socket
    whose holder cannot be seen has pid 0: on a namespace that is shared with others it is somebody else's.
    Empty when the process has ended.
    """
    entries = [item for item in parse(_text(pid, "tcp"), _text(pid, "tcp6")) if item.state in SHOWN]
    who = owners({item.inode for item in entries if item.inode}, _sharing(pid) if pids is None else pids)
    seen: dict[tuple[str, str, int, str, int], Socket] = {}
    for item in entries:
        holder, program = who.get(item.inode, (0, ""))
        own = 0 if item.state == "syn-sent" else item.port
        key = (item.state, item.address, own, item.peer, item.peer_port)
        if key not in seen or (holder and not seen[key].pid):
            seen[key] = Socket(
                item.state, item.address, item.port, item.peer, item.peer_port, holder, program, at
            )
    return tuple(seen.values())


def _entry(line: str, version: int) -> Entry | None:
    """One line, or None for the heading and for what is no line of the table."""
    fields = line.split() if len(line) <= MOST_LINE else []
    if len(fields) < 10:
        return None
    state = STATES.get(fields[3])
    local, remote = _end(fields[1], version), _end(fields[2], version)
    uid, inode = fields[7], fields[9]
    if state is None or local is None or remote is None or not (_number(uid) and _number(inode)):
        return None
    waiting = _hex(fields[4].rpartition(":")[2], WORD) if state == "listen" else b""
    peer = remote if state != "listen" else ("", 0)
    return Entry(state, *local, *peer, int(inode), int(uid), version, int.from_bytes(waiting or b"", "big"))


def _end(text: str, version: int) -> tuple[str, int] | None:
    """Address and port, from `0100007F:1F90`."""
    address, _, port = text.partition(":")
    raw, number = _hex(address, 4 if version == 4 else 16), _hex(port, 2)
    if raw is None or number is None:
        return None
    if sys.byteorder == "little":
        raw = b"".join(raw[start : start + WORD][::-1] for start in range(0, len(raw), WORD))
    if version == 6 and raw.startswith(MAPPED):
        raw = raw[len(MAPPED) :]
    family = socket.AF_INET if len(raw) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, raw), int.from_bytes(number, "big")


def _hex(text: str, size: int) -> bytes | None:
    """The bytes of a number of exactly `size` bytes, or None."""
    if len(text) != 2 * size:
        return None
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20


def _text(pid: int | str, name: str) -> str:
    try:
        with open(f"/proc/{pid}/net/{name}", "rb") as file:
            return file.read(MOST_TEXT).decode("ascii", "replace")
    except OSError:
        return ""


def _held(pid: int) -> set[int]:
    """The inodes of the sockets that a process has open."""
    out = set()
    try:
        for entry in os.scandir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(entry.path)
            except OSError:
                continue
            if target.startswith("socket:[") and _number(target[8:-1]):
                out.add(int(target[8:-1]))
    except OSError:
        pass
    return out


def _program(pid: int) -> str:
    """The name of a process as the kernel keeps it (15 characters); a process may choose its own."""
    try:
        with open(f"/proc/{pid}/comm", "rb") as file:
            name = file.read(64).decode("utf-8", "replace")
    except OSError:
        return ""
    return "".join(letter for letter in name if letter.isprintable())


def _sharing(pid: int | str) -> list[int]:
    """The processes in the same network namespace, those of it that may be looked at."""
    try:
        space = os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return []
    out = []
    for name in sorted((name for name in os.listdir("/proc") if name.isdigit()), key=int):
        try:
            if os.readlink(f"/proc/{name}/ns/net") == space:
                out.append(int(name))
        except OSError:
            continue
    return out
