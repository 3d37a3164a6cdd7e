"""Runs inside the rehearsal's network namespace, beside the app: starts it, watches its port, dials for unstick.

Started by `unstick.rehearse.process.running` with a spec on standard input and three open files: one for
events (JSON, one a message), one for requests, one for the app's output. It dies with unstick, and the app
with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

from unstick.record import TYPE_CHECKING
from unstick.rehearse import descendants, readiness, sockets
from unstick.rehearse.process import bubblewrap, network
from unstick.rehearse.process import spec as specs

if TYPE_CHECKING:
    from typing import Any

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 1, 38, 36
MOST = 64 * 1024
GRACE = 1.0
MARGIN = 1024 * 1024
ROUNDS = 50
DIAL_SECONDS = 10.0


class Supervisor:
    """One start."""

    def __init__(self, spec: specs.Spec, events: socket.socket, requests: socket.socket, output: int) -> None:
        self.spec, self.events, self.requests, self.output = spec, events, requests, output
        self.root = os.geteuid() == 0
        """The machine's root: in a user namespace of its own everybody looks like root."""
        self.address = network.ALONE
        self.files = ""
        self.confined = True
        self.isolated = False
        self.groups: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.ended = threading.Event()

    def main(self) -> int:
        """Enter the namespace, start, serve requests until unstick goes away."""
        self.isolated = self._enter()
        self.tell(event="namespace", isolated=self.isolated)
        told = json.loads(self.requests.recv(MOST))
        self.files, self.groups, self.confined = told["files"], told["groups"], told["confined"]
        if not self.confined:
            self._keep()
        if self.isolated:
            way = network.Way(told["address"], told["out"])
            network.inside(way)
            self.address = way.address
        else:
            self.address = told["address"]
        self._start()
        threading.Thread(target=self._watch, daemon=True).start()
        threading.Thread(target=self._wait, daemon=True).start()
        self._serve()
        self._stop()
        if not self.confined:
            self._rest()
        return 0

    def tell(self, **event: Any) -> None:
        """Send one event."""
        with contextlib.suppress(OSError):
            self.events.send(json.dumps(event).encode())

    def _enter(self) -> bool:
        libc = ctypes.CDLL(None, use_errno=True)
        if self.root:
            done = bool(libc.unshare(CLONE_NEWNET) == 0)
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            return done
        uid, gid = os.getuid(), os.getgid()
        if not _allowed():
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            return False
        _own_namespaces(uid, gid)
        # A new user namespace takes the wish back, so it comes last.
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        return True

    def _start(self) -> None:
        spec, argv, cwd = self.spec, list(self.spec.argv), self.spec.cwd
        if self.confined:
            argv, cwd = bubblewrap.wrapped(spec, self.files, self.root), "/"
        try:
            self.process = subprocess.Popen(
                argv, cwd=cwd, env=dict(spec.environment), stdin=subprocess.DEVNULL, stdout=self.output,
                stderr=self.output, preexec_fn=self._before, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            os.write(self.output, f"{argv[0]}: {error.strerror}\n".encode())
            self.tell(event="exit", code=127 if isinstance(error, FileNotFoundError) else 126)
            self.ended.set()
            return
        finally:
            os.close(self.output)
        self.tell(event="started", pid=self.process.pid)

    def _before(self) -> None:
        """Between fork and exec: limits, and without bubblewrap the user."""
        for path in self.groups:
            with open(path, "w", encoding="ascii") as file:
                file.write(str(os.getpid()))
        limits = self.spec.limits
        # A little more than the disk has: so one file alone is seen to be too much.
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.disk + MARGIN, limits.disk + MARGIN))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if not self.root:
            hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
            most = limits.processes if hard == resource.RLIM_INFINITY else min(limits.processes, hard)
            resource.setrlimit(resource.RLIMIT_NPROC, (most, hard))
        if self.confined:
            return
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if self.root and self.spec.uid:
            os.setgroups([])
            os.setgid(self.spec.uid)
            os.setuid(self.spec.uid)
        elif self.isolated and not self.root:
            # Root in the supervisor's namespace is what this user is there; the app is to be what it asked for.
            _become(self.spec.uid)

    def _watch(self) -> None:
        """Report the first connection that the port takes."""
        if not self.spec.port:
            return
        deadline = time.monotonic() + self.spec.timeout
        moment = readiness.first_accept(
            lambda: socket.create_connection((self.address, self.spec.port), timeout=2),
            deadline,
            lambda: not self.ended.is_set(),
        )
        if moment is not None:
            self.tell(event="accept", at=moment)

    def _wait(self) -> None:
        if self.process is None:
            return
        code = self.process.wait()
        self.ended.set()
        self.tell(event="exit", code=code)

    def _serve(self) -> None:
        """Answer requests until unstick closes its end."""
        while True:
            try:
                text = self.requests.recv(MOST)
            except OSError:
                return
            if not text:
                return
            asked = json.loads(text)
            if "dial" in asked:
                self._dial(*asked["dial"])
            elif "sockets" in asked:
                found = [list(item) for item in sockets.table("self", pids=[])]
                self.requests.send(json.dumps(found[:200]).encode())
            else:
                return

    def _dial(self, address: str, port: int) -> None:
        try:
            opened = socket.create_connection((address or self.address, port), timeout=DIAL_SECONDS)
        except OSError as error:
            self.requests.send(json.dumps([error.errno or 0, error.strerror or str(error)]).encode())
            return
        with opened:
            socket.send_fds(self.requests, [b"[]"], [opened.fileno()])

    def _keep(self) -> None:
        """Without a sandbox nobody else ends what leaves the app's group: it becomes a child of this process,
        which has to outlive unstick for a moment."""
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0)
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def _rest(self) -> None:
        """End all that the app left behind."""
        for _ in range(ROUNDS):
            found = [pid for pid, _ in descendants.of(os.getpid())]
            if not found:
                return
            for pid in found:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            time.sleep(0.02)

    def _stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        # With bubblewrap it is the init of the app's process namespace that has to go.
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, number)
            try:
                self.process.wait(GRACE)
                return
            except subprocess.TimeoutExpired:
                continue


def _own_namespaces(uid: int, gid: int) -> None:
    """A user and a network namespace of this process, in which it is root. Raises OSError."""
    _unshare(CLONE_NEWUSER | CLONE_NEWNET, f"0 {uid} 1", f"0 {gid} 1")


def _become(uid: int) -> None:
    """Another number in a user namespace of one's own, and no rights. Raises OSError."""
    _unshare(CLONE_NEWUSER, f"{uid} {os.getuid()} 1", f"{uid} {os.getgid()} 1")


def _unshare(flags: int, users: str, groups: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", users), ("gid_map", groups)):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _allowed() -> bool:
    """Whether an ordinary user gets namespaces that are of use, tried in another process: some systems give
    them and take every right in them away (Ubuntu since 23.10)."""
    uid, gid = os.getuid(), os.getgid()
    child = os.fork()
    if not child:
        code = 1
        with contextlib.suppress(OSError):
            _own_namespaces(uid, gid)
            network.inside(network.Way(network.ALONE, False))
            code = 0
        os._exit(code)
    return os.waitpid(child, 0)[1] == 0


def main() -> int:
    """Entry: file numbers of events, requests and output are the arguments."""
    events, requests, output = (int(word) for word in sys.argv[1:4])
    spec = specs.from_json(sys.stdin.read())
    with socket.socket(fileno=events) as told, socket.socket(fileno=requests) as asked:
        return Supervisor(spec, told, asked, output).main()


if __name__ == "__main__":
    sys.exit(main())
