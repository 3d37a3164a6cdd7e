"""A started app, seen from unstick's side."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time

from unstick.record import TYPE_CHECKING
from unstick.rehearse import descendants, kept, registry
from unstick.rehearse.accounting import used
from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.process import bubblewrap, network, unconfined
from unstick.rehearse.process.cgroups import Group
from unstick.rehearse.process.spec import Spec, to_json
from unstick.rehearse.types import Exit, Socket, Written

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from unstick.rehearse.backend import Log

LOOK = 0.2
MOST = 64 * 1024
BEGIN_SECONDS = 20.0
NOT_CONFINED = (
    "this machine gives no sandbox ({why}): the app sees its files, and paths of the platform are missing"
)
NOT_LIMITED = "memory and processes are watched, not limited: that needs root and control groups"


class ProcessRunning:
    """One start of a spec."""

    def __init__(self, spec: Spec, log: Log, writable: Iterable[tuple[str, str]] = ()) -> None:
        """`writable` are folders of this start with the path inside; what is written there is the app's."""
        self.confined = not bubblewrap.problem()
        self.spec = spec if self.confined else unconfined.opened(spec)
        self.writable = tuple(writable)
        self.notes: tuple[str, ...] = ()
        self.group = Group(spec.limits)
        self.folder = registry.scratch("start")
        bubblewrap.made_files(self.folder, spec.home)
        self._before = dict(self._files())
        self._used = sum(used(folder) for folder, _ in self.writable)
        self._events, events = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._requests, requests = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        self._accepted = threading.Event()
        self._accepted_at = 0.0
        self._ended = threading.Event()
        self._exit: Exit | None = None
        self._read_all = threading.Event()
        self._out_of_memory = self._evicted = self._stopped = False
        self._peak = 0
        reading, writing = os.pipe()
        numbers = (events.fileno(), requests.fileno(), writing)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "unstick.rehearse.process.supervisor", *map(str, numbers)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, pass_fds=numbers,
            start_new_session=True, env=_own_environment(),
        )  # fmt: skip
        for other in (events, requests):
            other.close()
        os.close(writing)
        threading.Thread(target=self._read, args=(reading, log), daemon=True).start()
        try:
            self._begin()
        except BaseException:
            self.stop()
            raise
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._account, daemon=True).start()

    def first_accept(self, seconds: float) -> float | None:
        """See the protocol."""
        deadline = time.monotonic() + seconds
        while not self._accepted.wait(0.05):
            if self._ended.is_set() or time.monotonic() >= deadline:
                return None
        return self._accepted_at

    def dial(self, port: int, address: str = "") -> socket.socket:
        """See the protocol."""
        with self._lock:
            try:
                self._requests.send(json.dumps({"dial": [address, port]}).encode())
                answer, files, _, _ = socket.recv_fds(self._requests, MOST, 1)
            except OSError:
                raise ConnectionRefusedError("the app has ended") from None
        if files:
            return socket.socket(fileno=files[0])
        if not answer:
            raise ConnectionRefusedError("the app has ended")
        number, text = json.loads(answer)
        raise OSError(number, text)

    def sockets(self) -> tuple[Socket, ...]:
        """See the protocol."""
        if not self.isolated:
            return self._own()
        with self._lock:
            try:
                self._requests.send(b'{"sockets": 1}')
                answer = self._requests.recv(1024 * 1024)
            except OSError:
                return ()
        return tuple(Socket(*row) for row in json.loads(answer or b"[]"))

    def wait(self, seconds: float) -> Exit | None:
        """See the protocol."""
        if not self._ended.wait(seconds):
            return None
        self._read_all.wait(2)
        return self._exit

    def processes(self) -> tuple[tuple[int, str], ...]:
        """See the protocol."""
        sandbox = " ".join(bubblewrap.sandbox())
        found = descendants.of(self.process.pid)
        return tuple((pid, words) for pid, words in found if not words.startswith(sandbox))

    def peak(self) -> int:
        """See the protocol."""
        return max(self._peak, self.group.peak())

    def written(self) -> tuple[Written, ...]:
        """See the protocol."""
        sizes = dict(self._files())
        new = [path for path, state in sizes.items() if self._before.get(path) != state]
        return tuple(item._replace(size=sizes[item.path][0]) for item in kept.lost(new))

    def stop(self) -> None:
        """See the protocol."""
        if self._stopped:
            return
        self._stopped = True
        self._peak = self.peak()
        self._requests.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._ended.wait(2)
        self._events.close()
        network.close(self.process.pid)
        for _ in range(50):
            self.group.remove()
            if not self.group.paths:
                break
            time.sleep(0.02)
        registry.remove(self.folder)

    def _begin(self) -> None:
        """Hand the spec over, and give the namespace its way out."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(to_json(self.spec).encode())
            self.process.stdin.close()
        event = self._event(BEGIN_SECONDS)
        self.isolated = bool(event.get("isolated"))
        way = network.way_out(self.process.pid) if self.isolated else network.Way(_own_address(), True)
        self.address = way.address
        notes = [] if way.out and self.isolated else [network.NO_WAY_OUT if self.isolated else network.SHARED]
        notes += [] if self.confined else [NOT_CONFINED.format(why=bubblewrap.problem())]
        notes += [] if self.group.limited else [NOT_LIMITED]
        self.notes = tuple(notes)
        if not self.isolated and self.spec.port and _taken(self.spec.port):
            raise CannotRehearse(
                f"port {self.spec.port} is taken on this machine, and it allows no network namespace",
                where="network", todo="Stop what listens there.",
            )  # fmt: skip
        told = {"address": way.address, "out": way.out, "files": self.folder, "groups": self.group.procs()}
        told["confined"] = self.confined
        self._requests.send(json.dumps(told).encode())

    def _event(self, seconds: float) -> dict[str, Any]:
        self._events.settimeout(seconds)
        try:
            text = self._events.recv(MOST)
        except (OSError, TimeoutError):
            text = b""
        finally:
            self._events.settimeout(None)
        if not text:
            assert self.process.stderr is not None
            self.process.kill()
            why = self.process.stderr.read().decode("utf-8", "replace").strip().splitlines()
            raise CannotRehearse(
                f"the supervisor did not start: {(why or ['no message'])[-1]}", where="process"
            )
        found: dict[str, Any] = json.loads(text)
        return found

    def _listen(self) -> None:
        while True:
            try:
                text = self._events.recv(MOST)
            except OSError:
                text = b""
            if not text:
                if self._exit is None:
                    self._exit = Exit(-1, 9)
                self._ended.set()
                return
            event = json.loads(text)
            if event["event"] == "accept":
                self._accepted_at = event["at"]
                self._accepted.set()
            elif event["event"] == "exit":
                self._exit = self._how(int(event["code"]))
                self._ended.set()

    def _how(self, code: int) -> Exit:
        # bubblewrap passes a signal on as 128 and its number, as shells do.
        number = -code if code < 0 else code - 128 if 128 < code < 160 else 0
        if self._evicted or self._too_much():
            return Exit(code, evicted=True)
        oom = self._out_of_memory or self.group.kills() > 0
        return Exit(-1 if number else code, number, out_of_memory=oom and (number == 9 or code != 0))

    def _read(self, reading: int, log: Log) -> None:
        with os.fdopen(reading, "rb") as file:
            while line := file.readline(MOST):
                log(line.decode("utf-8", "replace").rstrip("\r\n"))
        self._read_all.set()

    def _account(self) -> None:
        """Memory where no control group limits it, and disk."""
        limits, number = self.spec.limits, 0
        while not self._ended.wait(LOOK) and not self._stopped:
            number += 1
            if not self.group.limited:
                rss = sum(descendants.memory(pid) for pid, _ in self.processes())
                self._peak = max(self._peak, rss)
                if rss > limits.memory:
                    self._out_of_memory = True
                    self._kill()
            if number % 2 == 0 and self._too_much():
                self._evicted = True
                self._kill()

    def _too_much(self) -> bool:
        """Whether the app wrote more than its disk has."""
        return sum(used(folder) for folder, _ in self.writable) - self._used > self.spec.limits.disk

    def _kill(self) -> None:
        for pid, _ in descendants.of(self.process.pid):
            with contextlib.suppress(OSError):
                os.kill(pid, 9)

    def _own(self) -> tuple[Socket, ...]:
        """On the machine's own network: only what the app's processes hold."""
        from unstick.rehearse.sockets import table

        pids = [pid for pid, _ in self.processes()]
        return tuple(item for item in table("self", pids=pids) if item.pid)

    def _files(self) -> Iterable[tuple[str, tuple[int, int]]]:
        """Path inside, size and time of every file in the writable folders."""
        for folder, target in self.writable:
            for where, names, files in os.walk(folder):
                names[:] = [name for name in names if not os.path.islink(os.path.join(where, name))]
                for name in files:
                    path = os.path.join(where, name)
                    with contextlib.suppress(OSError):
                        found = os.lstat(path)
                        inside = os.path.normpath(os.path.join(target, os.path.relpath(path, folder)))
                        yield inside, (found.st_size, found.st_mtime_ns)


def _own_environment() -> dict[str, str]:
    """The supervisor's variables: enough to run unstick, nothing of the person's."""
    import unstick

    parent = os.path.dirname(os.path.dirname(os.path.abspath(unstick.__file__)))
    return {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": parent, "LC_ALL": "C.UTF-8"}


def _own_address() -> str:
    """This machine's address that is not loopback; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.2"


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return True
    return False
