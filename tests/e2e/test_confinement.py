"""What a hostile Space tries, and that it does not get there: real processes on the real sandbox.

Every attempt is made twice where the tests run as root: rehearsed by root (the app is dropped to uid 1000) and
rehearsed by an ordinary user. Some are made by a root inside as well, because a rehearsal is repeated as root
when a permission was missing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess

import pytest

from e2e.hostile import AS_ROOT, Sandbox, inside


@inside()
def test_the_home_folder_cannot_be_read(sandbox: Sandbox, uid: int) -> None:
    secret = sandbox.folder / "home/.token"
    secret.write_text("hf_secret")
    secret.chmod(0o644)
    places = (
        str(secret),
        f"/proc/1/root{secret}",
        f"/proc/self/cwd/..{secret}",
        "/etc/shadow",
        "/var/run/docker.sock",
    )
    came = sandbox.run(
        f"for path in {places!r}: attempt(path, lambda: open(path).read())\n"
        f"attempt('home', lambda: os.listdir({str(sandbox.folder)!r}))\n"
        "print(sum((os.listdir(path) for path in ('/root', '/home') if os.path.isdir(path)), []))",
        uid=uid,
    )
    assert came.done == []
    assert came.stopped == len(places) + 1
    assert came.lines[-1] == "[]"


@inside()
def test_nothing_outside_can_be_written(sandbox: Sandbox, uid: int) -> None:
    open_to_all = sandbox.folder / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    shown = sandbox.place("shown")
    (shown / "file").write_text("as it was")
    (shown / "file").chmod(0o666)
    places = (
        "/usr/unstick-was-here",
        "/usr/lib/unstick-was-here",
        f"{open_to_all}/x",
        "/shown/file",
        "/shown/new",
    )
    came = sandbox.run(
        f"for path in {places!r}: attempt(path, lambda: open(path, 'w').write('x'))",
        uid=uid, mounts=[[str(shown), "/shown", False]],
    )  # fmt: skip
    assert came.done == []
    assert came.stopped == len(places)
    assert (shown / "file").read_text() == "as it was"
    assert os.listdir(open_to_all) == []


def test_top_folders_are_not_the_apps(sandbox: Sandbox) -> None:
    places = ("/new", "/etc/new", "/var/new", "/run/new", "/root/new", "/etc/passwd")
    came = sandbox.run(f"for path in {places!r}: attempt(path, lambda: open(path, 'a').close())")
    assert came.done == []
    assert came.stopped == len(places)


def test_what_every_container_has_works(sandbox: Sandbox) -> None:
    came = sandbox.run(
        "import multiprocessing\n"
        "for path in ('/dev/shm/x', '/var/tmp/x'): attempt(path, lambda: open(path, 'w').close())\n"
        "attempt('lock', multiprocessing.Lock)\n"
        "attempt('child', lambda: os.waitpid(os.posix_spawn('/usr/bin/true', ['true'], {}), 0)[1])\n"
        "print(os.getuid(), os.getgroups()[:1] in ([], [1000], [65534]))"
    )
    assert came.stopped == 0, came.lines
    assert came.lines[-1] == "1000 True"


@inside()
def test_services_of_this_machine_cannot_be_reached(sandbox: Sandbox, uid: int) -> None:
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listening())
        port = listener.getsockname()[1]
        named = stack.enter_context(socket.socket(socket.AF_UNIX))
        name = f"\0unstick-{os.getpid()}"
        named.bind(name)
        named.listen()
        addresses = ("127.0.0.1", "127.0.0.53", "0.0.0.0", *own_addresses())
        sandbox.run(
            "with contextlib.suppress(OSError), open('/proc/net/route') as file:\n"
            "    rows = [row.split() for row in file][1:]\n"
            "gates = [socket.inet_ntoa(bytes.fromhex(row[2])[::-1]) for row in rows if row[2] != '00000000']\n"
            f"for address in [*{addresses!r}, *gates]:\n"
            f"    attempt(address, lambda: socket.create_connection((address, {port}), timeout=0.5))\n"
            f"attempt('named', lambda: socket.socket(socket.AF_UNIX).connect({name!r}))",
            uid=uid,
        )
        # Not by what the app saw: a proxy on the way out may take connections to any address.
        for service in (listener, named):
            service.setblocking(False)
            with pytest.raises(BlockingIOError):
                service.accept()


def test_blocked_ports_stay_visible(sandbox: Sandbox) -> None:
    came = sandbox.run(
        "one = socket.socket(); one.settimeout(3)\n"
        "print('look')\n"
        "attempt('database', lambda: one.connect(('198.51.100.7', 5432)))\n",
    )
    assert came.done == []
    if sandbox.who == "root":
        assert ["syn-sent", "198.51.100.7", 5432] in came.sockets
    else:
        assert any("outbound" in note for note in came.notes)


@inside()
def test_forking_without_end_is_stopped(sandbox: Sandbox, uid: int) -> None:
    came = sandbox.run(
        "count = 0\n"
        "for _ in range(400):\n"
        "    try: pid = os.fork()\n"
        "    except OSError: break\n"
        "    if not pid: time.sleep(60); os._exit(0)\n"
        "    count += 1\n"
        "print('forked', count)\n"
        "os._exit(0)",
        uid=uid, limits={"processes": 60},
    )  # fmt: skip
    assert came.lines and came.lines[-1].startswith("forked ")
    assert 0 < int(came.lines[-1].split()[1]) <= 60


@pytest.mark.parametrize("way", ["one", "many"])
def test_filling_the_disk_ends_in_eviction(sandbox: Sandbox, way: str) -> None:
    data = sandbox.place("data")
    name = "'/fill/x'" if way == "one" else "f'/fill/{number}'"
    came = sandbox.run(
        "for number in range(2000):\n"
        f"    with open({name}, 'ab') as file: file.write(bytes(1024 * 1024))\n"
        "    time.sleep(0.005)\n",
        mounts=[[str(data), "/fill", True]], writable=[[str(data), "/fill"]], limits={"disk": 20 * 1024 * 1024},
    )  # fmt: skip
    assert came.exit is not None
    assert came.exit["evicted"], came
    assert sum(path.stat().st_size for path in data.iterdir()) < 1000 * 1024 * 1024


@inside()
def test_links_of_the_repository_lead_nowhere(sandbox: Sandbox, uid: int) -> None:
    secret = sandbox.folder / "secret"
    secret.write_text("hf_secret")
    app = sandbox.place("app")
    (app / "out").symlink_to(secret)
    (app / "up").symlink_to("../secret")
    (app / "folder").symlink_to(sandbox.folder)
    came = sandbox.run(
        "for path in ('out', 'up', 'folder/secret'): attempt(path, lambda: open(path).read())\n"
        "attempt('write', lambda: open('out', 'w'))",
        uid=uid, cwd="/app", mounts=[[str(app), "/app", True]],
    )  # fmt: skip
    assert came.done == []
    assert came.stopped == 4
    assert secret.read_text() == "hf_secret"


def test_low_ports_stay_privileged(sandbox: Sandbox) -> None:
    came = sandbox.run("attempt('80', lambda: socket.socket().bind(('0.0.0.0', 80)))")
    assert came.lines == ["80 stopped PermissionError"]


@pytest.mark.skipif(not AS_ROOT, reason="NOT TESTED: only root can make a program that is root's")
def test_a_setuid_program_gives_nothing(sandbox: Sandbox) -> None:
    app = sandbox.place("app")
    shutil.copy("/usr/bin/python3", app / "python")
    os.chown(app / "python", 0, 0)
    (app / "python").chmod(0o4755)
    came = sandbox.run(
        "import subprocess\n"
        "print(subprocess.run(['/app/python', '-c', 'import os; print(os.geteuid())'], capture_output=True).stdout)\n"
        "attempt('root', lambda: os.setuid(0) if os.getuid() else None)\n"
        "print(open('/proc/self/status').read().split('CapBnd:')[0].split('CapEff:')[1].strip())",
        mounts=[[str(app), "/app", True]],
    )  # fmt: skip
    assert came.lines[0] == "b'1000\\n'"
    assert came.lines[1].startswith("root stopped ")
    assert came.lines[2] == "0" * 16


def test_a_root_inside_is_not_the_machines(sandbox: Sandbox) -> None:
    came = sandbox.run(
        "import ctypes, stat\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def call(name, *arguments):\n"
        "    if getattr(libc, name)(*arguments): raise OSError(ctypes.get_errno(), name)\n"
        "for path in ('/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/sys/vm/overcommit_memory'):\n"
        "    attempt(path, lambda: open(path, 'r+').close())\n"
        "attempt('mount', lambda: call('mount', b'none', b'/var', b'tmpfs', 0, None))\n"
        "attempt('writable', lambda: call('mount', None, b'/usr', None, 32 | 4096, None))\n"
        "attempt('device', lambda: os.mknod('/var/disk', stat.S_IFBLK | 0o600, os.makedev(8, 0)))\n"
        "attempt('raw', lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))\n"
        "attempt('name', lambda: socket.sethostname('other'))\n"
        "attempt('time', lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()))",
        uid=0,
    )
    assert came.done == []
    assert came.stopped == 9


@inside()
def test_processes_of_this_machine_cannot_be_seen(sandbox: Sandbox, uid: int) -> None:
    came = sandbox.run(
        f"attempt('signal', lambda: os.kill({os.getpid()}, 0) if {os.getpid()} > 100 else 1 / 0)\n"
        "print(sum(name.isdigit() for name in os.listdir('/proc')))",
        uid=uid,
    )
    assert came.lines[0] == "signal stopped ProcessLookupError"
    assert int(came.lines[1]) <= 3


def test_memory_beyond_the_limit_is_said(sandbox: Sandbox) -> None:
    came = sandbox.run(
        "held = []\n"
        "while True: held.append(bytearray(b'x' * 4 * 1024 * 1024)); time.sleep(0.02)",
        limits={"memory": 100 * 1024 * 1024},
    )  # fmt: skip
    assert came.exit is not None
    assert came.exit["out_of_memory"], came
    assert came.exit["signal"] == 9
    assert came.peak > 60 * 1024 * 1024


def test_what_is_written_is_told(sandbox: Sandbox) -> None:
    app = sandbox.place("app")
    (app / "kept.txt").write_text("as it was")
    came = sandbox.run(
        "open('new.db', 'w').write('x'); os.mkdir('__pycache__'); open('__pycache__/x.pyc', 'w').write('x')",
        cwd="/app", mounts=[[str(app), "/app", True]], writable=[[str(app), "/app"]],
    )  # fmt: skip
    assert came.written == ["/app/new.db"]


def listening() -> socket.socket:
    """A service of this machine on all its addresses, on a port that rehearsed apps may reach elsewhere."""
    for port in (8080, 0):
        one = socket.socket()
        try:
            one.bind(("0.0.0.0", port))
        except OSError:
            one.close()
            continue
        one.listen()
        return one
    raise OSError("no port")


def own_addresses() -> list[str]:
    """This machine's IPv4 addresses."""
    shown = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    return [address for address in shown if "." in address]
