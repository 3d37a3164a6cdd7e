"""The backend that rehearses as processes; it needs uv, and Linux."""

from __future__ import annotations

import os
import shutil
import sys

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse import registry, sweeping
from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.copying import copy_files
from unstick.rehearse.process.running import ProcessRunning
from unstick.rehearse.process.spec import Mount, Spec

if TYPE_CHECKING:
    from unstick.rehearse.backend import Log
    from unstick.rehearse.types import Plan

HOME = "/home/user"
BYTECODE = "/var/cache/bytecode"
KEPT = 40


class Folder(NamedTuple):
    """A folder of the built Space: where it lies, where the app sees it, whether each start gets a copy of
    its own that the app may change."""

    source: str
    target: str
    copied: bool


class ProcessBuilt(NamedTuple):
    """What was built: how to start it, and what it consists of.

    `missing_system` are Debian packages that the Space asks for and this machine lacks; `user` is the uid that
    the image names (-1: none, 0: root). `bytecode` is a folder for compiled Python that is kept between
    rehearsals of this Space ('' for none): the platform's pip compiles, uv does not.
    """

    argv: tuple[str, ...]
    cwd: str
    environment: tuple[tuple[str, str], ...]
    folders: tuple[Folder, ...]
    passed_over: tuple[str, ...] = ()
    missing_system: tuple[str, ...] = ()
    user: int = 1000
    home: str = HOME
    bytecode: str = ""


class ProcessBackend:
    """Builds with uv, runs confined."""

    name = "process"

    def __init__(self) -> None:
        if not sys.platform.startswith("linux"):
            raise CannotRehearse(
                "the process backend needs Linux", where="--backend process", todo="Use Docker."
            )
        self.folder = ""
        self.data = ""
        sweeping.sweep()

    def build(self, plan: Plan, log: Log) -> ProcessBuilt:
        """See the protocol."""
        from unstick.rehearse.process import docker_space, sdk_space

        self.folder = registry.scratch("build")
        files = os.path.join(self.folder, "files")
        os.mkdir(files)
        copy_files(plan, files)
        cache = os.path.join(self.folder, "uv-cache") if plan.options.factory else ""
        if plan.sdk == "docker":
            return docker_space.build(plan, files, self.folder, cache, log)
        return sdk_space.build(plan, files, self.folder, cache, log)

    def start(self, built: ProcessBuilt, plan: Plan, log: Log) -> ProcessRunning:
        """See the protocol."""
        uid = 0 if plan.options.user == "root" else built.user if built.user > 0 else 1000
        own = registry.scratch("run")
        mounts, writable = [], []
        for number, folder in enumerate(built.folders):
            source = folder.source
            if folder.copied:
                source = os.path.join(own, str(number))
                _copy(folder.source, source)
                writable.append((source, folder.target))
            mounts.append(Mount(source, folder.target, folder.copied))
        targets = {mount.target for mount in mounts}
        for name, target in (("tmp", "/tmp"), ("home", built.home)):
            if (
                not any(target == known or target.startswith(known + "/") for known in targets)
                and target != "/"
            ):
                path = os.path.join(own, name)
                os.mkdir(path)
                os.chmod(path, 0o1777 if name == "tmp" else 0o755)
                _give(path, uid)
                mounts.append(Mount(path, target, True))
                writable.append((path, target))
        data = self._data(plan)
        if data:
            mounts.append(Mount(data, "/data", True))
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": built.home if uid else "/root"}
        environment.update(built.environment)
        environment.update(plan.environment)
        if built.bytecode:
            mounts.append(Mount(built.bytecode, BYTECODE, True))
            environment["PYTHONPYCACHEPREFIX"] = BYTECODE
        if uid == 0 and environment.get("HOME") == built.home:
            environment["HOME"] = "/root"
        spec = Spec(
            built.argv, tuple(environment.items()), built.cwd, tuple(mounts), plan.options.limits, plan.port, uid,
            built.home, plan.timeout,
        )  # fmt: skip
        try:
            return _Started(spec, log, writable, own)
        except BaseException:
            registry.remove(own)
            raise

    def close(self) -> None:
        """See the protocol."""
        for folder in (self.folder, self.data):
            if folder:
                registry.remove(folder)
        self.folder = self.data = ""

    def _data(self, plan: Plan) -> str:
        if plan.options.data == "new" and not self.data:
            self.data = registry.scratch("data")
            os.chmod(self.data, 0o777)
        return self.data or plan.options.data


class _Started(ProcessRunning):
    """A start whose own copies go away with it."""

    def __init__(self, spec: Spec, log: Log, writable: list[tuple[str, str]], own: str) -> None:
        self.own = own
        super().__init__(spec, log, writable)

    def stop(self) -> None:
        """See the protocol."""
        super().stop()
        registry.remove(self.own)


def bytecode(environment: str, plan: Plan) -> str:
    """The folder for compiled Python of this environment and this Space: what one Space's app writes there is
    never run by another's. A factory rehearsal gets none."""
    import hashlib

    if not environment or plan.options.factory:
        return ""
    name = hashlib.sha256(f"{environment} {plan.root}".encode()).hexdigest()[:16]
    folder = os.path.join(os.path.dirname(registry.top()), "bytecode", name)
    if not os.path.isdir(folder):
        os.makedirs(folder)
        _give(folder, 1000)
        _trim(os.path.dirname(folder))
    return folder


def _trim(top: str) -> None:
    """Keep the newest folders of compiled Python."""
    rows = sorted((os.stat(os.path.join(top, name)).st_mtime, name) for name in os.listdir(top))
    for _, name in rows[:-KEPT]:
        registry.remove(os.path.join(top, name))


def _copy(source: str, target: str) -> None:
    """A copy with links, modes and owners as they are."""
    if not os.path.isdir(source) or os.path.islink(source):
        _file(source, target)
        if os.geteuid() == 0:
            found = os.lstat(source)
            os.lchown(target, found.st_uid, found.st_gid)
        return
    shutil.copytree(source, target, symlinks=True, copy_function=_file)
    if os.geteuid() == 0:
        for where, folders, files in os.walk(source):
            for name in (".", *folders, *files):
                path = os.path.join(where, name)
                found = os.lstat(path)
                os.lchown(os.path.join(target, os.path.relpath(path, source)), found.st_uid, found.st_gid)


def _file(source: str, target: str) -> str:
    return str(shutil.copy2(source, target, follow_symlinks=False))


def _give(path: str, uid: int) -> None:
    if os.geteuid() == 0:
        os.chown(path, uid, uid)
