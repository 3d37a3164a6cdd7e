"""Started apps, with real processes on whatever sandbox this machine gives."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("NOT TESTED: Linux only", allow_module_level=True)

from unstick.rehearse.process import bubblewrap
from unstick.rehearse.process.running import ProcessRunning
from unstick.rehearse.process.spec import Mount, Spec
from unstick.rehearse.types import MIB, Limits

PYTHON = "/usr/bin/python3"
SECONDS = 30.0
SERVE = """
import socket, sys
family = socket.AF_INET6 if ':' in {address!r} else socket.AF_INET
one = socket.socket(family)
one.bind(({address!r}, {port}))
one.listen()
print('listens', flush=True)
while True:
    taken, _ = one.accept()
    taken.sendall({word!r})
    taken.close()
"""

if bubblewrap.problem() or not Path(PYTHON).exists():
    pytest.skip(f"NOT TESTED: no sandbox here: {bubblewrap.problem()}", allow_module_level=True)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@contextmanager
def started(
    code: str,
    lines: list[str],
    *,
    port: int = 0,
    limits: Limits | None = None,
    mounts: tuple[Mount, ...] = (),
) -> Iterator[ProcessRunning]:
    argv = (PYTHON, "-u", "-c", code)
    spec = Spec(argv, (("PATH", "/usr/bin:/bin"),), "/", mounts, limits or Limits(), port)
    running = ProcessRunning(spec, lines.append)
    try:
        yield running
    finally:
        running.stop()
        running.stop()


def serve(address: str, port: int = 7860, word: bytes = b"here") -> str:
    return SERVE.format(address=address, port=port, word=word)


def said(connection: socket.socket) -> bytes:
    with connection:
        connection.settimeout(SECONDS)
        return connection.recv(100)


def until(lines: list[str], wanted: str) -> None:
    end = time.monotonic() + SECONDS
    while wanted not in lines and time.monotonic() < end:
        time.sleep(0.01)
    assert wanted in lines


@pytest.mark.parametrize("code", [0, 1, 77, 255])
def test_the_exit_code_arrives(code: int) -> None:
    with started(f"raise SystemExit({code})", []) as running:
        ended = running.wait(SECONDS)
    assert ended is not None
    assert (ended.code, ended.signal) == (code, 0)


@pytest.mark.parametrize("number", [6, 9, 11, 15])
def test_the_signal_arrives(number: int) -> None:
    with started(f"import os; os.kill(os.getpid(), {number})", []) as running:
        ended = running.wait(SECONDS)
    assert ended is not None
    assert (ended.code, ended.signal) == (-1, number)


def test_a_program_that_is_not_there_is_127() -> None:
    lines: list[str] = []
    spec = Spec(("no-such-program",), (("PATH", "/usr/bin"),), "/", (), Limits())
    running = ProcessRunning(spec, lines.append)
    try:
        ended = running.wait(SECONDS)
    finally:
        running.stop()
    assert ended is not None
    assert ended.code in (1, 127)
    assert any("no-such-program" in line for line in lines)


def test_every_line_arrives_whatever_is_in_it() -> None:
    lines: list[str] = []
    code = (
        "import sys; out = sys.stdout.buffer\n"
        "out.write(b'one\\n\\xff\\xfe two\\r\\n\\n' + b'x' * 200000 + b'\\nno newline'); out.flush()\n"
        "print('error', file=sys.stderr)"
    )
    with started(code, lines) as running:
        assert running.wait(SECONDS) is not None
    assert lines[:3] == ["one", "\ufffd\ufffd two", ""]
    assert sum(len(line) for line in lines if set(line) == {"x"}) == 200000
    assert max(map(len, lines)) <= 64 * 1024
    assert "no newline" in lines[-1] or "no newline" in lines[-2]
    assert "error" in lines[-1]


def test_the_contracts_port_is_seen_and_dialled() -> None:
    lines: list[str] = []
    with started(serve("0.0.0.0"), lines, port=7860) as running:
        at = running.first_accept(SECONDS)
        assert at is not None
        assert at <= time.monotonic()
        assert running.first_accept(0) == at
        assert said(running.dial(7860)) == b"here"
        assert said(running.dial(7860, "127.0.0.1")) == b"here"
        with pytest.raises(ConnectionRefusedError):
            running.dial(7861)
        assert [(item.state, item.address, item.port) for item in running.sockets()] == [
            ("listen", "0.0.0.0", 7860)
        ]
        assert all(words.startswith(PYTHON) for _, words in running.processes())
        assert len(running.processes()) == 1
    with pytest.raises(OSError):
        running.dial(7860)
    assert running.sockets() == ()
    assert running.wait(0) is not None


@pytest.mark.parametrize(("address", "inside"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1")])
def test_loopback_is_not_the_contract(address: str, inside: str) -> None:
    lines: list[str] = []
    with started(serve(address), lines, port=7860) as running:
        until(lines, "listens")
        assert running.first_accept(0.3) is None
        with pytest.raises(OSError):
            running.dial(7860)
        assert said(running.dial(7860, inside)) == b"here"


def test_two_at_once_have_the_same_port() -> None:
    with started(serve("0.0.0.0", word=b"one"), [], port=7860) as one:
        if not one.isolated:
            pytest.skip("NOT TESTED: no network namespaces here")
        with started(serve("0.0.0.0", word=b"two"), [], port=7860) as two:
            assert one.first_accept(SECONDS) is not None
            assert two.first_accept(SECONDS) is not None
            assert said(one.dial(7860)) == b"one"
            assert said(two.dial(7860)) == b"two"


def test_no_first_connection_when_the_app_ends() -> None:
    with started("pass", [], port=7860) as running:
        began = time.monotonic()
        assert running.first_accept(SECONDS) is None
        assert time.monotonic() - began < SECONDS


def test_a_child_that_is_left_behind_goes_with_the_app() -> None:
    lines: list[str] = []
    code = "import os, time\nif os.fork(): os._exit(3)\nos.setsid()\nwhile True: print('still'); time.sleep(0.05)"
    with started(code, lines) as running:
        ended = running.wait(SECONDS)
        assert ended is not None
        assert ended.code == 3
        assert running.processes() == ()


def test_a_killed_child_that_ran_out_of_memory_is_told() -> None:
    code = (
        "import os\n"
        "pid = os.fork()\n"
        "if not pid:\n"
        "    held = []\n"
        "    while True: held.append(b'x' * 1048576)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0)"
    )
    with started(code, [], limits=Limits(memory=100 * MIB)) as running:
        ended = running.wait(SECONDS)
    assert ended is not None
    assert ended.out_of_memory
    assert ended.code != 0


def test_a_mounted_folder_is_read_only_unless_said(tmp_path: Path) -> None:
    shown, owned = tmp_path / "shown", tmp_path / "owned"
    for folder in (shown, owned):
        folder.mkdir()
        folder.chmod(0o777)
    code = (
        "for name in ('shown', 'owned'):\n"
        "    try: open(f'/mounted/{name}/x', 'w').close(); print(name, 'written')\n"
        "    except OSError as error: print(name, error.strerror)"
    )
    mounts = (Mount(str(owned), "/mounted/owned", True), Mount(str(shown), "/mounted/shown"))
    lines: list[str] = []
    with started(code, lines, mounts=mounts) as running:
        running.wait(SECONDS)
    assert lines == ["shown Read-only file system", "owned written"]
    with suppress(OSError):
        (owned / "x").unlink()
