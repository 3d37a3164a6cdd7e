"""Tells systemd that the watcher is ready and alive (`Type=notify`, `WatchdogSec=`)."""

from __future__ import annotations

import socket
from collections.abc import Mapping


class Notices:
    """Sends notices to the socket that systemd names; does nothing where there is none (sd_notify(3))."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")

    def ready(self) -> None:
        """Start-up is done."""
        self._send(b"READY=1")

    def alive(self) -> None:
        """A round has ended."""
        self._send(b"WATCHDOG=1")

    def _send(self, message: bytes) -> None:
        if not self._address:
            return
        # A leading @ stands for the abstract namespace.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto(message, address)
        except OSError:
            return
