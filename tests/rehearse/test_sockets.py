"""The kernel's socket table against sockets that this process has, and against hostile text."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstick.rehearse.sockets import STATES, Entry, owners, parse, table

pytestmark = pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="NOT TESTED: no /proc/net/tcp here"
)

LOOPBACK = st.integers(1, 0xFFFFFE).map(lambda tail: socket.inet_ntoa(struct.pack(">I", 0x7F000000 | tail)))
LISTENERS = st.lists(LOOPBACK, min_size=1, max_size=5)


def read() -> list[Entry]:
    return parse(Path("/proc/self/net/tcp").read_text(), Path("/proc/self/net/tcp6").read_text())


def inode(of: socket.socket) -> int:
    return os.fstat(of.fileno()).st_ino


@contextmanager
def listening(*addresses: str, family: int = socket.AF_INET) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        out = []
        for address in addresses:
            made = stack.enter_context(socket.socket(family))
            made.bind((address, 0))
            made.listen()
            out.append(made)
        yield out


@settings(max_examples=25)
@given(LISTENERS)
def test_every_listening_socket_is_read_as_it_was_bound(addresses: list[str]) -> None:
    with listening(*addresses) as made:
        entries = {item.inode: item for item in read()}
        for one in made:
            entry = entries[inode(one)]
            assert (entry.state, entry.address, entry.port) == ("listen", *one.getsockname())
            assert (entry.uid, entry.peer, entry.version) == (os.getuid(), "", 4)


@pytest.mark.parametrize("address", ["::1", "::"])
def test_ipv6(address: str) -> None:
    try:
        with listening(address, family=socket.AF_INET6) as (made,):
            entry = next(item for item in read() if item.inode == inode(made))
            assert (entry.address, entry.port, entry.version) == (address, made.getsockname()[1], 6)
    except OSError:
        pytest.skip("NOT TESTED: no IPv6 on this machine")


def test_a_connection_has_both_ends_and_waits_until_it_is_taken() -> None:
    with listening("127.0.0.9") as (made,):
        with socket.create_connection(made.getsockname()) as client:
            entries = {item.inode: item for item in read()}
            mine = entries[inode(client)]
            assert mine.state == "established"
            assert (mine.address, mine.port) == client.getsockname()
            assert (mine.peer, mine.peer_port) == made.getsockname()
            assert entries[inode(made)].waiting == 1
        made.accept()[0].close()


def test_a_mapped_address_is_written_as_ipv4() -> None:
    line = (
        "0: 0000000000000000FFFF00000100007F:1F40 0000000000000000FFFF00000200007F:C350 01"
        " 00000000:00000000 00:00000000 00000000  1000        0 77 1"
    )
    if sys.byteorder == "little":
        assert parse("", line) == [Entry("established", "127.0.0.1", 8000, "127.0.0.2", 50000, 77, 1000, 6)]


def test_owner_is_the_process_that_holds_it() -> None:
    with listening("127.0.0.1") as (made,):
        child = subprocess.Popen(["sleep", "60"], pass_fds=[made.fileno()])
        try:
            assert owners([inode(made)], [child.pid, os.getpid()]) == {inode(made): (child.pid, "sleep")}
            assert owners([inode(made)], [2**22 + 1]) == {}
            (found,) = [item for item in table("self", 3.5, [child.pid]) if item.pid == child.pid]
            assert (found.address, found.port) == made.getsockname()
            assert (found.state, found.program, found.at) == ("listen", "sleep", 3.5)
        finally:
            child.kill()
            child.wait()


def test_table_finds_the_processes_of_the_namespace_by_itself() -> None:
    with listening("127.0.0.1") as (made,):
        assert (made.getsockname()[1], os.getpid()) in {(item.port, item.pid) for item in table()}


def test_workers_on_one_port_are_one_socket() -> None:
    with ExitStack() as stack:
        port = 0
        for _ in range(4):
            made = stack.enter_context(socket.socket())
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            made.bind(("127.0.0.1", port))
            made.listen()
            port = made.getsockname()[1]
        assert [item.port for item in table() if item.port == port] == [port]


def test_a_process_that_ended_has_no_sockets() -> None:
    assert table(2**22 + 1) == ()


FIELDS = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.from_regex(r"[0-9A-Fa-f]{8}(:[0-9A-Fa-f]{4})?", fullmatch=True),
        st.sampled_from([*STATES, "٣", "1_0", "+1", "0x1F", "9" * 30]),
    ),
    max_size=20,
)


@given(st.lists(FIELDS.map(" ".join)).map("\n".join), st.text())
def test_hostile_text_is_passed_over(tcp: str, tcp6: str) -> None:
    for entry in parse(tcp, tcp6):
        assert entry.state in STATES.values()
        assert 0 <= entry.port < 65536
        socket.inet_pton(socket.AF_INET6 if ":" in entry.address else socket.AF_INET, entry.address)


def test_what_is_no_line_is_passed_over_and_the_rest_is_read() -> None:
    with listening("127.0.0.1") as (made,):
        text = Path("/proc/self/net/tcp").read_text()
        broken = "\x00\n" + "x " * 40 + "\n" + text + "\n" + text.replace("0A", "FF")
        assert inode(made) in {item.inode for item in parse(broken)}
