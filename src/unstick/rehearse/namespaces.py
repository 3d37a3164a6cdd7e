"""Connections from inside another network namespace."""

from __future__ import annotations

import ctypes
import os
import socket
import threading

CLONE_NEWNET = 0x40000000
"""linux/sched.h."""


def connect(pid: int, address: str, port: int, seconds: float = 10.0) -> socket.socket:
    """A TCP connection made in the network namespace of a process.

    A thread of its own enters the namespace, opens the socket and ends: the socket stays in there, everything
    else of this process does not. Raises OSError, also where that is not allowed (it needs root).
    """
    got: list[socket.socket] = []
    failed: list[OSError] = []

    def enter() -> None:
        try:
            got.append(_connect(pid, address, port, seconds))
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=enter, daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return got[0]


def _connect(pid: int, address: str, port: int, seconds: float) -> socket.socket:
    space = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(space, CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(space)
    return socket.create_connection((address, port), timeout=seconds)
