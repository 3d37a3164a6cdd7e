"""One started container, watched from outside."""

from __future__ import annotations

import itertools
import os
import socket
import threading
import time

from unstick.record import TYPE_CHECKING
from unstick.rehearse import accounting, namespaces, readiness, registry, sockets
from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.docker import api, machine, network
from unstick.rehearse.package_settings import CA_VARIABLES
from unstick.rehearse.types import Exit, Socket, Written

if TYPE_CHECKING:
    import subprocess
    from typing import Any

    from unstick.rehearse.backend import Log
    from unstick.rehearse.docker.client import Client
    from unstick.rehearse.types import Plan

LOOK = 0.2
"""Seconds between two looks at memory; disk is looked at every fifth time."""

UNPRIVILEGED_FROM = "net.ipv4.ip_unprivileged_port_start=1024"
"""Docker opens all ports to everybody since 20.10; the platform's kernel default does not."""

LOOPBACK_6 = "net.ipv6.conf.lo.disable_ipv6=0"
"""Gives the container ::1, which Docker takes away on networks without IPv6; nothing gets out by it."""

CAPABILITIES = ("NET_RAW", "MKNOD", "AUDIT_WRITE")
"""Dropped besides what Docker drops by itself."""

PLACES = (
    "{root}/memory/docker/{id}", "{root}/memory/system.slice/docker-{id}.scope",
    "{root}/docker/{id}", "{root}/system.slice/docker-{id}.scope",
)  # fmt: skip
"""Where Docker puts a container's group: version 1 and 2, by its cgroupfs and systemd drivers."""

LONGEST_LINE = 64 * 1024
FEW = 20
PAUSE = 0.003
NOT_STARTED = (126, 127)
"""What Docker says of a command that cannot be executed, or is not there: the Space's own fault."""

_numbers = itertools.count(1)


class Group(accounting.Readings):
    """The control group of a container, where it can be seen from here."""

    def __init__(self, container: str) -> None:
        places = (place.format(root=accounting.ROOT, id=container) for place in PLACES)
        self.paths = [place for place in places if os.path.isdir(place)][:1]


class DockerRunning:
    """A container of an image, started at once."""

    def __init__(self, client: Client, image: str, plan: Plan, log: Log, user: str, data: str) -> None:
        self.client, self.plan = client, plan
        self.name = f"unstick-{registry.owner()}-{next(_numbers)}"
        self._exit: Exit | None = None
        self._ended = threading.Event()
        self._stopping = threading.Event()
        self._out_of_memory = self._evicted = False
        self._peak = 0
        self._first_lines: list[str] = []
        kept = registry.scratch("environment")
        try:
            command = creation(image, plan, self.name, user, data, kept)
            self._output = client.popen(*command)
            self._reader = threading.Thread(target=self._read, args=(self._output, log), daemon=True)
            self._reader.start()
            self._state = self._begun()
        finally:
            registry.remove(kept)
        self.id = str(self._state.get("Id", ""))
        self.pid = int(self._state.get("State", {}).get("Pid", 0))
        networks = self._state.get("NetworkSettings", {}).get("Networks") or {}
        self.address = str(networks.get(network.NAME, {}).get("IPAddress", ""))
        graph = self._state.get("GraphDriver", {}).get("Data") or {}
        self.layer = str(graph.get("UpperDir", ""))
        self.group = Group(self.id)
        threading.Thread(target=self._account, daemon=True).start()

    def first_accept(self, seconds: float) -> float | None:
        """See the protocol."""
        deadline = time.monotonic() + seconds
        if not self.address:
            return None
        return readiness.first_accept(
            lambda: self.dial(self.plan.port), deadline, lambda: not self._ended.is_set()
        )

    def dial(self, port: int, address: str = "") -> socket.socket:
        """See the protocol."""
        if not address or address == self.address:
            if not self.address:
                raise ConnectionRefusedError("the container has ended")
            return socket.create_connection((self.address, port), timeout=10)
        if self._ended.is_set():
            raise ConnectionRefusedError("the container has ended")
        return namespaces.connect(self.pid, address, port)

    def sockets(self) -> tuple[Socket, ...]:
        """See the protocol."""
        if not self.pid or self._ended.is_set():
            return ()
        found = sockets.table(self.pid)
        if not found and os.geteuid():
            found = self._asked_inside()
        # The engine's own name server listens at 127.0.0.11.
        return tuple(item for item in found if item.address != "127.0.0.11")

    def wait(self, seconds: float) -> Exit | None:
        """See the protocol."""
        if not self._ended.wait(seconds):
            return None
        if self._exit is None:
            self._exit = self._how()
        return self._exit

    def processes(self) -> tuple[tuple[int, str], ...]:
        """See the protocol."""
        return self.group.processes() or self._top()

    def peak(self) -> int:
        """See the protocol."""
        self._peak = max(self._peak, self.group.peak())
        return self._peak

    def written(self) -> tuple[Written, ...]:
        """See the protocol."""
        from unstick.rehearse.kept import lost

        done = self.client.run("diff", self.id, check=False)
        paths = [line[2:] for line in done.stdout.splitlines() if line[:2] in ("A ", "C ")]
        return lost(paths, self.layer)

    def stop(self) -> None:
        """See the protocol."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self.client.run("rm", "--force", "--volumes", self.name, check=False)
        self._ended.wait(10)
        if self._output.poll() is None:
            self._output.kill()
        self._output.wait()

    def _read(self, process: subprocess.Popen[bytes], log: Log) -> None:
        assert process.stdout is not None
        while line := process.stdout.readline(LONGEST_LINE):
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if len(self._first_lines) < FEW:
                self._first_lines.append(text)
            log(text)
        process.wait()
        self._ended.set()

    def _begun(self) -> dict[str, Any]:
        """The container's state once it runs or has ended. Raises CannotRehearse when the engine refuses."""
        while True:
            ended = self._ended.wait(PAUSE)
            state = self._inspect()
            if state.get("State", {}).get("Status", "created") != "created":
                return state
            if ended:
                break
        if not state or int(state.get("State", {}).get("ExitCode", 0)) not in NOT_STARTED:
            self.stop()
            said = next((line for line in reversed(self._first_lines) if line.strip()), "no message")
            raise CannotRehearse(f"the container engine refused: {said[:300]}", where="docker run")
        return state

    def _inspect(self) -> dict[str, Any]:
        found = api.get(f"/containers/{self.name}/json") if api.path() else None
        if found is None:
            found = self.client.json("inspect", "--type", "container", self.name)
        if isinstance(found, list):
            found = found[0] if found else {}
        return found if isinstance(found, dict) else {}

    def _how(self) -> Exit:
        state = self._inspect().get("State", {})
        code = int(state.get("ExitCode", 1))
        oom = bool(state.get("OOMKilled")) or (self._out_of_memory and code in (137, 1, 255))
        if self._evicted:
            return Exit(code, evicted=True)
        if oom:
            self._peak = max(self._peak, self.plan.options.limits.memory)
        # The shell's convention, which Docker follows: 128 and the number of the signal.
        signal = code - 128 if code in (132, 134, 135, 136, 137, 139, 143) else 0
        return Exit(-1 if signal else code, signal, out_of_memory=oom)

    def _account(self) -> None:
        """Memory, kills and disk, as long as the container runs."""
        number = 0
        while not self._ended.wait(LOOK) and not self._stopping.is_set():
            self.peak()
            self._out_of_memory = self._out_of_memory or self.group.kills() > 0
            number += 1
            if number % 5 == 0 and self.layer and accounting.used(self.layer) > self.plan.options.limits.disk:
                self._evicted = True
                self.client.run("kill", self.id, check=False)
                return

    def _top(self) -> tuple[tuple[int, str], ...]:
        done = self.client.run("top", self.id, "-eo", "pid,args", check=False)
        rows = [line.split(None, 1) for line in done.stdout.splitlines()[1:]]
        return tuple((int(row[0]), row[1]) for row in rows if len(row) == 2 and row[0].isdigit())

    def _asked_inside(self) -> tuple[Socket, ...]:
        texts = [
            self.client.run("exec", self.id, "cat", f"/proc/net/{name}", check=False).stdout
            for name in ("tcp", "tcp6")
        ]
        entries = [item for item in sockets.parse(*texts) if item.state in sockets.SHOWN]
        return tuple(Socket(e.state, e.address, e.port, e.peer, e.peer_port) for e in entries)


def creation(image: str, plan: Plan, name: str, user: str, data: str, folder: str) -> list[str]:
    """The arguments of `docker run`, under the contract's limits.

    Values of variables are written to a file in `folder`: `ps` does not show them, and the client does not
    take them for its own.
    """
    limits = plan.options.limits
    command = [
        "run", "--name", name, "--label", f"{registry.LABEL}={registry.owner()}", "--network", network.NAME,
        "--memory", str(limits.memory), "--memory-swap", str(limits.memory),
        "--cpus", f"{min(limits.cpus, float(os.cpu_count() or 1)):g}", "--pids-limit", str(limits.processes),
        "--security-opt", "no-new-privileges", "--sysctl", UNPRIVILEGED_FROM, "--pull", "never",
        "--shm-size", str(min(limits.memory // 2, 1024**3)),
    ]  # fmt: skip
    if os.path.isdir("/proc/sys/net/ipv6"):
        command += ["--sysctl", LOOPBACK_6]
    for capability in CAPABILITIES:
        command += ["--cap-drop", capability]
    if user:
        command += ["--user", user]
    if data:
        command += ["--volume", f"{os.path.abspath(data)}:/data"]
    given = dict(plan.environment)
    bundle = machine.certificates()
    if bundle:
        command += ["--volume", f"{os.path.realpath(bundle)}:{machine.CA}:ro"]
        given = {**dict.fromkeys(CA_VARIABLES, machine.CA), **given}
    path = os.path.join(folder, "environment")
    lines = []
    for key, value in given.items():
        if "\n" in value or "\r" in value:
            command += ["--env", f"{key}={value}"]
        else:
            lines.append(f"{key}={value}\n")
    machine.write_private(path, "".join(lines))
    return [*command, "--env-file", path, image]
