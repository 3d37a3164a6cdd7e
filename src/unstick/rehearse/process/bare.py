"""Does for a rehearsal what bubblewrap does, where it is not installed: `python bare.py OPTION... -- COMMAND`.

It takes the options that `bubblewrap.command` gives, and no others, in the same order and with the same
meaning (bwrap(1)), so both see the same files. A program of its own that imports nothing of unstick: it is run
with the app's environment, and has to be started by a process with one thread.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000
BIND, REC, SLAVE, PRIVATE, NOSUID, NODEV, NOEXEC = 0x1000, 0x4000, 0x80000, 0x40000, 2, 4, 8
DETACH = 2
PDEATHSIG, NO_NEW_PRIVS, BOUNDING_DROP = 1, 38, 24
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41}
SYS_MOUNT_SETATTR = 442
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 1, 2, 4
CAPABILITIES = {
    "CHOWN": 0, "DAC_OVERRIDE": 1, "FOWNER": 3, "FSETID": 4, "KILL": 5, "SETGID": 6, "SETUID": 7, "SETPCAP": 8,
    "NET_BIND_SERVICE": 10,
}  # fmt: skip
MOST_CAPABILITIES = 64
BASE = "/tmp"
"""Any folder: a file system is laid over it, in a mount namespace of its own."""

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
LINKS = (
    ("/proc/self/fd", "fd"), ("/proc/self/fd/0", "stdin"), ("/proc/self/fd/1", "stdout"),
    ("/proc/self/fd/2", "stderr"), ("pts/ptmx", "ptmx"),
)  # fmt: skip
NO_VALUE = (
    "--die-with-parent",
    "--new-session",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-user",
)
TWO_VALUES = ("--bind", "--ro-bind", "--symlink")

libc = ctypes.CDLL(None, use_errno=True)


def main(words: list[str]) -> int:
    """Make the sandbox, run the command in it, and end as it does (128 and the number of a signal)."""
    options, command = parsed(words)
    settings = {name: values[0] for name, values in options if len(values) == 1}
    user = any(name == "--unshare-user" for name, _ in options)
    uid, gid = os.geteuid(), os.getegid()
    flags = NEWNS | NEWPID | NEWIPC | NEWUTS | (NEWUSER if user else 0)
    _check(libc.unshare(flags), "unshare")
    if user:
        _write("/proc/self/setgroups", "deny", missing=True)
        _write("/proc/self/uid_map", f"{settings['--uid']} {uid} 1")
        _write("/proc/self/gid_map", f"{settings['--gid']} {gid} 1")
    libc.prctl(PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    first = os.fork()
    if first:
        return _code(os.waitpid(first, 0)[1])
    # The first process of the namespace: all others end with it.
    libc.prctl(PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    try:
        _root(options)
        socket.sethostname(settings["--hostname"])
        os.chdir(settings["--chdir"])
        _rights(options)
    except (OSError, KeyError) as error:
        os.write(2, f"bare: {error}\n".encode())
        os._exit(126)
    app = os.fork()
    if not app:
        os.setsid()
        try:
            os.execvp(command[0], command)
        except OSError as error:
            os.write(2, f"bare: {command[0]}: {error.strerror}\n".encode())
            os._exit(127 if isinstance(error, FileNotFoundError) else 126)
    while True:
        ended, status = os.wait()
        if ended == app:
            os._exit(_code(status))


def parsed(words: list[str]) -> tuple[list[tuple[str, list[str]]], list[str]]:
    """The options with their values, in order, and the command behind `--`."""
    end = words.index("--")
    out, place = [], 0
    while place < end:
        name = words[place]
        count = 0 if name in NO_VALUE else 2 if name in TWO_VALUES else 1
        out.append((name, words[place + 1 : place + 1 + count]))
        place += 1 + count
    return out, words[end + 1 :]


def _root(options: list[tuple[str, list[str]]]) -> None:
    """Put a new tree together and make it the only one."""
    _mount("", "/", "", REC | SLAVE)
    _mount("tmpfs", BASE, "tmpfs", NOSUID | NODEV, "mode=0755")
    for name in ("new", "old"):
        os.mkdir(f"{BASE}/{name}", 0o755)
    _mount("tmpfs", f"{BASE}/new", "tmpfs", NOSUID | NODEV, "mode=0755")
    _pivot(BASE, f"{BASE}/old")
    os.chdir("/")
    mode = 0o755
    for name, values in options:
        if name == "--perms":
            mode = int(values[0], 8)
            continue
        _step(name, values, mode)
        mode = 0o755
    _mount("", "/old", "", REC | PRIVATE)
    _check(libc.umount2(b"/old", DETACH), "umount")
    os.chdir("/new")
    _pivot(".", ".")
    _check(libc.umount2(b".", DETACH), "umount")
    os.chdir("/")


def _step(name: str, values: list[str], mode: int) -> None:
    """One option that makes something in the new tree, at /new; this machine's is at /old."""
    target = "/new" + values[-1] if values else ""
    if name in ("--dir", "--tmpfs", "--proc", "--dev") and not os.path.isdir(target):
        os.makedirs(target)
        os.chmod(target, mode)
    if name == "--dir":
        return
    if name == "--tmpfs":
        _mount("tmpfs", target, "tmpfs", NOSUID | NODEV, f"mode={mode:o}")
    elif name == "--proc":
        _mount("proc", target, "proc", NOSUID | NODEV | NOEXEC)
    elif name == "--dev":
        _devices(target)
    elif name == "--symlink":
        os.symlink(values[0], target)
    elif name == "--remount-ro":
        _attributes(target, ATTR_RDONLY)
    elif name in ("--bind", "--ro-bind"):
        _bind("/old" + os.path.realpath("/old" + values[0]).removeprefix("/old"), target)
        _attributes(
            target, ATTR_NOSUID | ATTR_NODEV | (ATTR_RDONLY if name == "--ro-bind" else 0), AT_RECURSIVE
        )


def _bind(source: str, target: str) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.lexists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o644))
    _mount(source, target, "", BIND | REC)


def _devices(target: str) -> None:
    _mount("tmpfs", target, "tmpfs", NOSUID, "mode=0755")
    for name in DEVICES:
        _bind(f"/old/dev/{name}", f"{target}/{name}")
    for name in ("pts", "shm"):
        os.mkdir(f"{target}/{name}", 0o755)
    _mount("devpts", f"{target}/pts", "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    for source, name in LINKS:
        os.symlink(source, f"{target}/{name}")


def _rights(options: list[tuple[str, list[str]]]) -> None:
    """Give up for good every capability that is not named: the next exec takes them away."""
    kept = {CAPABILITIES[values[0].removeprefix("CAP_")] for name, values in options if name == "--cap-add"}
    for number in range(MOST_CAPABILITIES):
        if number not in kept:
            libc.prctl(BOUNDING_DROP, number, 0, 0, 0)
    _check(libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def _attributes(path: str, attributes: int, recursive: int = 0) -> None:
    """Restrict a mount, and with AT_RECURSIVE all below it (Linux 5.12 and later)."""
    values = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    arguments = (AT_FDCWD, path.encode(), recursive, ctypes.byref(values), ctypes.sizeof(values))
    _check(libc.syscall(SYS_MOUNT_SETATTR, *arguments), f"mount_setattr {path}")


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    words = (source.encode() or None, target.encode(), kind.encode() or None)
    _check(libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None), f"mount {target}")


def _pivot(new: str, old: str) -> None:
    number = SYS_PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError(0, "not known how to change the root on this processor")
    _check(libc.syscall(number, new.encode(), old.encode()), "pivot_root")


def _write(path: str, text: str, missing: bool = False) -> None:
    if missing and not os.path.exists(path):
        return
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as error:
        sys.exit(f"bare: {error}")
