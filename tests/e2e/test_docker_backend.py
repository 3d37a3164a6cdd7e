"""Rehearsals in real containers, on stand-ins for the official images."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from unstick.rehearse import registry
from unstick.rehearse.backend import BuildFailed, CannotRehearse
from unstick.rehearse.docker import client
from unstick.rehearse.docker.backend import DockerBackend, DockerBuilt, sweep
from unstick.rehearse.docker.running import DockerRunning
from unstick.rehearse.plan import plan_of
from unstick.rehearse.types import MIB, Exit, Limits, Options, Plan
from unstick.space import Space

ENGINE = client.available()
BASE = "python:3.11-slim"
READY = ENGINE is not None and ENGINE.image(BASE) is not None
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
SERVER = (
    "import http.server as h; h.HTTPServer(('{host}', {port}), h.SimpleHTTPRequestHandler).serve_forever()"
)
WHY = f"NOT TESTED: no container engine answers, or it lacks {BASE} (.ci/engine starts one and makes it)"

if not READY:
    warnings.warn(WHY, stacklevel=1)


@pytest.fixture(autouse=True)
def _ready() -> None:
    if not READY:
        if os.environ.get("CI"):
            pytest.fail(WHY)
        pytest.skip(WHY)


class Tried:
    """One Space on one backend."""

    def __init__(self, folder: Path, backend: DockerBackend) -> None:
        self.folder, self.backend = folder, backend
        self.build_log: list[str] = []
        self.log: list[str] = []
        self.plan: Plan | None = None

    def built(self, dockerfile: str, options: Options | None = None, **files: str) -> DockerBuilt:
        (self.folder / "README.md").write_text("---\ntitle: T\nsdk: docker\n---\n")
        (self.folder / "Dockerfile").write_text(dockerfile)
        for name, text in files.items():
            (self.folder / name.replace("__", ".")).write_text(text)
        self.plan = plan_of(Space.open(str(self.folder)), options)
        return self.backend.build(self.plan, self.build_log.append)

    def started(self, built: DockerBuilt) -> DockerRunning:
        assert self.plan is not None
        return self.backend.start(built, self.plan, self.log.append)

    def said(self, word: str, seconds: float = 15) -> bool:
        """Whether a line of the app with this word came within some seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(word in line for line in self.log):
                return True
            time.sleep(0.05)
        return False


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[Tried]:
    assert ENGINE is not None
    backend = DockerBackend(ENGINE)
    folder = tmp_path / "space"
    folder.mkdir()
    yield Tried(folder, backend)
    backend.close()
    mine = [name for name in os.listdir(registry.top()) if name.startswith(registry.owner())]
    assert not mine, "a scratch folder was left"
    assert not ours(), "a container was left"


def ours() -> list[str]:
    assert ENGINE is not None
    listed = ENGINE.run("ps", "--all", "--quiet", "--filter", f"label={registry.LABEL}={registry.owner()}")
    return listed.stdout.split()


APP = f'FROM {BASE}\nWORKDIR /app\nCOPY . /app\nCMD ["python", "-u", "app.py"]\n'


def run(tried: Tried, app: str, options: Options | None = None) -> DockerRunning:
    return tried.started(tried.built(APP, options, app__py=app))


def test_a_space_is_built_as_its_dockerfile_says_and_accepts_connections(tried: Tried) -> None:
    built = tried.built(
        "# syntax=docker/dockerfile:1.7\n"
        f"FROM {BASE}\nARG COLOUR\nSHELL [\"/bin/bash\", \"-c\"]\nWORKDIR /app\n"
        "RUN --mount=type=secret,id=TOKEN test \"$(cat /run/secrets/TOKEN)\" = s3cret-value && echo colour $COLOUR\n"
        "RUN <<EOF\nset -e\necho written > one\nEOF\n"
        "COPY --link --chmod=755 <<'EOF' /app/start.sh\n#!/bin/sh\necho \"token $TOKEN, $(cat one)\"\n"
        "exec python -m http.server 7860\nEOF\n"
        'CMD ["./start.sh"]\n',
        Options(secrets=(("TOKEN", "s3cret-value"),), variables=(("COLOUR", "green"),), factory=True),
        __dockerignore="*\n!one\n",
    )  # fmt: skip
    assert any(line == "colour green" for line in tried.build_log)
    assert any(line.startswith("--> RUN ") for line in tried.build_log)
    assert any("syntax" in note for note in built.passed_over)
    running = tried.started(built)
    try:
        assert running.first_accept(30) is not None
        assert tried.said("token s3cret-value, written")
        (listening,) = running.sockets()
        assert (listening.state, listening.address, listening.port) == ("listen", "0.0.0.0", 7860)
        with running.dial(7860) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert connection.recv(64).startswith(b"HTTP/1.0 200")
        assert running.wait(0) is None and running.processes() and running.peak() > MIB
    finally:
        running.stop()
        running.stop()


def test_an_image_keeps_neither_secrets_nor_what_was_lent(tried: Tried) -> None:
    assert ENGINE is not None
    built = tried.built(
        f"FROM {BASE}\nRUN --mount=type=secret,id=TOKEN cat /run/secrets/TOKEN > /dev/null\n"
        "CMD find /run -size +0 -type f\n",
        Options(secrets=(("TOKEN", "s3cret-value"),)),
    )
    history = ENGINE.run("history", "--no-trunc", built.image).stdout + str(ENGINE.image(built.image))
    assert "s3cret-value" not in history
    done = ENGINE.run("run", "--rm", "--network", "none", built.image)
    assert done.stdout.strip() == ""


class Ended(NamedTuple):
    """An app and how it ends."""

    app: str
    expected: Exit
    limits: Limits = Limits()


ENDS = {
    "exit code": Ended("raise SystemExit(3)", Exit(3)),
    "signal": Ended("import ctypes; ctypes.string_at(0)", Exit(-1, 11)),
    "memory": Ended("x = [bytearray(10**7) for _ in range(100)]", Exit(-1, 9, out_of_memory=True),
                    Limits(memory=64 * MIB)),
    "disk": Ended(
        "import time\nwith open('/tmp/x', 'wb') as f:\n while True: f.write(bytes(10**6)); f.flush(); time.sleep(.01)",
        Exit(137, evicted=True), Limits(disk=20 * MIB)),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_how_it_ends_is_told(name: str, tried: Tried) -> None:
    app, expected, limits = ENDS[name]
    if name == "disk" and not AS_ROOT:
        pytest.skip("NOT TESTED: only root sees how much a container has written")
    running = run(tried, app, Options(limits))
    try:
        assert running.wait(60) == expected
        assert running.first_accept(1) is None
    finally:
        running.stop()


def test_a_command_that_is_not_there_is_the_space_s_failure(tried: Tried) -> None:
    running = tried.started(tried.built(f'FROM {BASE}\nCMD ["no-such-program"]\n'))
    try:
        assert running.wait(10) == Exit(127)
    finally:
        running.stop()


BUILDS = {
    "a failing step": (f"FROM {BASE}\nRUN exit 7\n", BuildFailed, "exit code 7"),
    "a missing file": (f"FROM {BASE}\nCOPY nothere.txt /x\n", BuildFailed, "nothere.txt"),
    "an unknown instruction": (f"FROM {BASE}\nRUNN x\n", BuildFailed, "RUNN|unknown instruction"),
    "a base image that is not here": ("FROM nobody/has-this:1\n", CannotRehearse, "base image"),
    "an index out of reach": (
        f"FROM {BASE}\nRUN pip install --retries 1 --index-url https://index.invalid/simple x\n",
        CannotRehearse, "cannot reach",
    ),
    "a flag of newer engines": (f"FROM {BASE}\nCOPY --parents . /x\n", CannotRehearse, "parents"),
}  # fmt: skip


@pytest.mark.parametrize("name", BUILDS)
def test_whose_failure_a_build_is(name: str, tried: Tried) -> None:
    dockerfile, error, words = BUILDS[name]
    if name == "a flag of newer engines" and ENGINE is not None and ENGINE.modern:
        pytest.skip("NOT TESTED: this engine may know it")
    with pytest.raises(error, match=words):
        tried.built(dockerfile)


def test_the_app_is_user_1000_and_low_ports_are_closed_to_it(tried: Tried) -> None:
    app = (
        "import os, socket\nprint('user', os.getuid(), flush=True)\n"
        "try: socket.create_server(('', 80)); print('port open')\nexcept OSError as e: print('port', e.errno)\n"
        "try: open('/app/x', 'w'); print('wrote')\nexcept OSError as e: print('write', e.errno)\n"
        "print('new privileges', [l for l in open('/proc/self/status') if 'NoNewPrivs' in l])\n"
    )
    built = tried.built(APP, app__py=app)
    for user, expected in (
        ("contract", ["user 1000", "port 13", "write 13"]),
        ("root", ["user 0", "port open", "wrote"]),
    ):
        assert tried.plan is not None
        tried.plan = tried.plan._replace(options=Options(user=user))
        tried.log.clear()
        running = tried.started(built)
        try:
            assert running.wait(30) == Exit(0)
            assert tried.log[:3] == expected and "\\t1\\n" in tried.log[3]
        finally:
            running.stop()


def test_a_loopback_app_is_not_ready_and_is_seen_and_reached_from_inside(tried: Tried) -> None:
    running = run(tried, SERVER.format(host="127.0.0.1", port=7860))
    try:
        end = time.monotonic() + 20
        while not running.sockets() and time.monotonic() < end:
            time.sleep(0.1)
        assert [(item.address, item.port) for item in running.sockets()] == [("127.0.0.1", 7860)]
        assert running.first_accept(0.5) is None
        with pytest.raises(OSError):
            running.dial(7860)
        if AS_ROOT:
            running.dial(7860, "127.0.0.1").close()
    finally:
        running.stop()


@pytest.mark.skipif(not Path("/proc/sys/net/ipv6").is_dir(), reason="NOT TESTED: this kernel has no IPv6")
def test_an_app_on_ipv6_only_is_seen_and_not_ready(tried: Tried) -> None:
    app = (
        "import socket\ns = socket.create_server(('::', 7860), family=socket.AF_INET6)\n"
        "open('/proc/net/if_inet6').read().count('eth0') and print('a way out')\nprint('up')\nwhile True: s.accept()\n"
    )
    running = run(tried, app)
    try:
        assert tried.said("up") and tried.log == ["up"]
        assert [(item.address, item.port) for item in running.sockets()] == [("::", 7860)]
        assert running.first_accept(0.5) is None
        if AS_ROOT:
            running.dial(7860, "::1").close()
    finally:
        running.stop()


@pytest.mark.skipif(not AS_ROOT, reason="NOT TESTED: limiting outbound connections needs root")
def test_blocked_ports_hang_in_sight_and_the_machine_is_out_of_reach(tried: Tried) -> None:
    app = (
        "import socket, threading, sys, time\n"
        "def to(host, port):\n try: socket.create_connection((host, port), timeout=8); print('reached', host, port)\n"
        " except OSError as e: print('not', host, port, type(e).__name__)\n"
        "gateway = '.'.join(socket.gethostbyname(socket.gethostname()).split('.')[:2]) + '.0.1'\n"
        "for target in (('192.0.2.1', 5432), (gateway, {port}), ('127.0.0.1', {port})):\n"
        " threading.Thread(target=to, args=target).start()\n"
    )
    with socket.create_server(("0.0.0.0", 0)) as mine:
        running = run(tried, app.replace("{port}", str(mine.getsockname()[1])))
        try:
            blocked: set[tuple[str, int]] = set()
            end = time.monotonic() + 6
            while not blocked and time.monotonic() < end:
                blocked |= {(s.peer, s.peer_port) for s in running.sockets() if s.state == "syn-sent"}
                time.sleep(0.1)
            assert ("192.0.2.1", 5432) in blocked
            assert running.wait(20) == Exit(0)
            assert len(tried.log) == 3 and not any(line.startswith("reached") for line in tried.log)
        finally:
            running.stop()


def test_what_a_restart_loses_is_told_and_data_stays(tried: Tried) -> None:
    app = (
        "import os\nprint('before', os.path.exists('/data/kept'), os.path.exists('/tmp/gone'))\n"
        "open('/data/kept', 'w').write('x'); open('/tmp/gone', 'w').write('x')\n"
        "os.makedirs('/home/u/history'); open('/home/u/history/a.db', 'wb').write(bytes(1000))\n"
    )
    built = tried.built(
        APP.replace("WORKDIR", "RUN mkdir -m 777 /home/u\nWORKDIR"), Options(data="new"), app__py=app
    )
    for before in ("before False False", "before True False"):
        tried.log.clear()
        running = tried.started(built)
        try:
            assert running.wait(30) == Exit(0)
            assert tried.log == [before]
            (lost,) = running.written()
            assert lost.path == "/home/u/history/a.db" and lost.size == (1000 if AS_ROOT else 0)
        finally:
            running.stop()


def test_processes_without_end_are_stopped(tried: Tried) -> None:
    app = (
        "import os, time\nn = 0\ntry:\n while True:\n  if not os.fork(): time.sleep(60); os._exit(0)\n"
        "  n += 1\nexcept OSError: print('stopped', n)\n"
    )
    running = run(tried, app, Options(Limits(processes=40)))
    try:
        assert tried.said("stopped")
        assert int(tried.log[0].split()[1]) < 40
    finally:
        running.stop()


def test_a_static_space_is_served(tried: Tried) -> None:
    (tried.folder / "README.md").write_text("---\ntitle: T\nsdk: static\n---\n")
    (tried.folder / "index.html").write_text("the page")
    tried.plan = plan_of(Space.open(str(tried.folder)))
    running = tried.started(tried.backend.build(tried.plan, tried.build_log.append))
    try:
        assert running.first_accept(30) is not None
        with running.dial(tried.plan.port) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        assert answer.endswith(b"the page")
    finally:
        running.stop()


def test_a_plain_run_reuses_layers_and_a_factory_run_does_not(tried: Tried) -> None:
    dockerfile = f"FROM {BASE}\nRUN echo layer-of-this-test\n"
    tried.built(dockerfile)
    for factory in (False, True):
        tried.build_log.clear()
        tried.built(dockerfile, Options(factory=factory))
        assert ("layer-of-this-test" in tried.build_log) == factory


def test_what_a_killed_rehearsal_left_is_swept(tried: Tried) -> None:
    assert ENGINE is not None
    gone = subprocess.Popen([sys.executable, "-c", ""])
    name = f"{gone.pid}-{registry.owner().partition('-')[2]}"
    gone.wait()
    command = ["create", "--label", f"{registry.LABEL}={name}", BASE, "true"]
    made = ENGINE.run(*command).stdout.strip()
    ENGINE.run("tag", BASE, f"unstick-rehearsal:{name}-x")
    running = run(tried, "import time; time.sleep(60)")
    try:
        assert sweep(ENGINE) >= 2
        assert ENGINE.json("inspect", made) is None and ENGINE.image(f"unstick-rehearsal:{name}-x") is None
        assert running.wait(0) is None, "a living rehearsal was swept"
    finally:
        running.stop()
