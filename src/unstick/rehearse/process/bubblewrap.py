"""The file system that a confined process sees: the system read-only, its own folders, nothing else."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile

from unstick.record import TYPE_CHECKING
from unstick.rehearse.process.spec import Spec
from unstick.rehearse.types import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
ETC = (
    "alternatives", "ca-certificates", "ca-certificates.conf", "fonts", "gai.conf", "host.conf", "ld.so.cache",
    "ld.so.conf", "ld.so.conf.d", "localtime", "magic", "mime.types", "nsswitch.conf", "protocols",
    "resolv.conf", "services", "ssl", "timezone", "ImageMagick-6",
)  # fmt: skip
"""What programs need of /etc to resolve names, check certificates, load libraries and find fonts."""

AS_ROOT = (
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "SETUID",
    "SETGID",
    "NET_BIND_SERVICE",
    "KILL",
    "SETPCAP",
)
"""What a root inside may do, as in a container; no mounting, tracing, raw network or devices."""

KERNEL = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
"""The paths that container engines make read-only (runtime-spec, `readonlyPaths` of Docker's default): by
/proc/sys/kernel/core_pattern alone a root without any capability gets out."""

SHARED_MOST = 1024**3
"""Bytes of shared memory (/dev/shm): semaphores of multiprocessing live there."""

INSIDE = "/usr/sbin:/usr/bin:/sbin:/bin"
"""Where the system's programs are in the sandbox."""

BARE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bare.py")


def program() -> str:
    """The path of bubblewrap, '' where it is not installed."""
    return shutil.which("bwrap") or ""


def sandbox() -> tuple[str, ...]:
    """The words that begin a confined command: bubblewrap, or what takes its place."""
    here = program()
    return (here,) if here else (sys.executable, "-I", "-S", BARE)


def wrapped(spec: Spec, files: str, root: bool | None = None) -> list[str]:
    """The command line that runs the spec in this machine's sandbox; arguments as for `command`."""
    start = sandbox()
    return [*start, *command(spec, start[0], files, root)[1:]]


@functools.cache
def problem() -> str:
    """Why there is no sandbox on this machine, '' where there is: tried with a program that does nothing."""
    with tempfile.TemporaryDirectory() as files:
        made_files(files, "/home/user")
        spec = Spec(("/bin/sh", "-c", ":"), (), "/", (), Limits())
        try:
            done = subprocess.run(wrapped(spec, files), capture_output=True, timeout=20, env={})
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return (lines or [f"exit code {done.returncode}"])[-1] if done.returncode else ""


def command(spec: Spec, bwrap: str, files: str, root: bool | None = None) -> list[str]:
    """The command line that runs the spec confined; `files` is a folder with the made passwd, group, hosts,
    `root` whether the machine's root does it: one that is root in a user namespace only has to say False."""
    root = os.geteuid() == 0 if root is None else root
    targets = [mount.target for mount in spec.mounts]
    out = [
        bwrap, "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--new-session",
        "--hostname", "space", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/run", "--tmpfs", "/var",
        "--dir", "/root", "--dir", "/etc",
    ]  # fmt: skip
    # Both by themselves belong to whoever runs bubblewrap: without the second no lock of `multiprocessing` works.
    out += ["--perms", "1777", "--tmpfs", "/var/tmp", "--perms", "1777", "--tmpfs", "/dev/shm"]
    if root:
        out += _kernel()
    out += _system(targets)
    for name in ("passwd", "group", "hosts"):
        out += ["--ro-bind", os.path.join(files, name), f"/etc/{name}"]
    for mount in sorted(spec.mounts, key=lambda item: item.target.count("/")):
        out += _parents(mount.target)
        out += ["--bind" if mount.writable else "--ro-bind", mount.source, mount.target]
    if spec.uid and not root:
        # Here the top folders belong to the app's user; on the platform they are root's.
        for path in sorted({"/run", "/var", "/"}.difference(targets)):
            out += ["--remount-ro", path]
    out += ["--chdir", spec.cwd, *_identity(spec, root), "--"]
    if root and spec.uid:
        out += [
            shutil.which("setpriv", path=INSIDE) or "setpriv", f"--reuid={spec.uid}", f"--regid={spec.uid}",
            "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--",
        ]  # fmt: skip
    return [*out, *spec.argv]


def _identity(spec: Spec, root: bool) -> list[str]:
    if not root:
        return ["--unshare-user", "--uid", str(spec.uid), "--gid", str(spec.uid), "--cap-drop", "ALL"]
    kept = ("SETUID", "SETGID", "SETPCAP") if spec.uid else AS_ROOT
    out = ["--cap-drop", "ALL"]
    for name in kept:
        out += ["--cap-add", f"CAP_{name}"]
    return out


def _kernel() -> list[str]:
    """Settings of the kernel that a root inside could write: they are this machine's, so read-only."""
    out: list[str] = []
    for path in KERNEL:
        if os.path.exists(path):
            out += ["--ro-bind", path, path]
    return out


def _system(targets: Sequence[str]) -> list[str]:
    """The machine's programs and libraries, folder by folder where the Space has something among them."""
    out: list[str] = []
    for source in _spread("/usr", targets):
        out += [*_parents(source), "--ro-bind", source, source]
    for name in SYSTEM:
        path = f"/{name}"
        if os.path.islink(path):
            out += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            out += ["--ro-bind", path, path]
    for name in ETC:
        path = os.path.realpath(f"/etc/{name}")
        if os.path.exists(path):
            out += ["--ro-bind", path, f"/etc/{name}"]
    return out


def _spread(folder: str, targets: Sequence[str]) -> Iterator[str]:
    """The folder as a whole, or its parts without those that something is mounted on."""
    if not any(target == folder or target.startswith(folder + "/") for target in targets):
        yield folder
        return
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if path not in targets and not os.path.islink(path):
            yield from _spread(path, targets) if os.path.isdir(path) else (path,)


def _parents(path: str) -> list[str]:
    """The folders above a target: bubblewrap by itself makes them for their owner only."""
    out: list[str] = []
    above = os.path.dirname(path)
    while above not in ("/", ""):
        out = ["--dir", above, *out]
        above = os.path.dirname(above)
    return out


def made_files(folder: str, home: str) -> None:
    """Write the passwd, group and hosts that the app sees."""
    texts = {
        "passwd": f"root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:{home}:/bin/sh\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
        "group": "root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n",
        "hosts": "127.0.0.1 localhost\n::1 localhost\n127.0.1.1 space\n",
    }
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)
