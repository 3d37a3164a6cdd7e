"""What a Streamlit session says of its script: its messages understood, and one run followed to its end.

Streamlit's health page answers 200 while every session is broken, because the script runs for the first
time when a browser connects. Source: Streamlit's public protocol (proto/streamlit/proto/ForwardMsg.proto,
BackMsg.proto, Delta.proto, Element.proto, Exception.proto; the numbers used here are the same in 1.12 and
1.67) and its server's routes (`_stcore/stream` since 1.13, `stream` before).
"""

from __future__ import annotations

from unstick.observe import protobuf
from unstick.observe.quotes import quoted
from unstick.record import NamedTuple

ROUTES = (("/_stcore/health", "/_stcore/stream"), ("/healthz", "/stream"))
"""The health page and the WebSocket of new and old versions."""

PROTOCOL = "streamlit"
"""The subprotocol that a browser asks for."""

RERUN = b"\x5a\x00"
"""BackMsg with rerun_script (11), an empty ClientState: what a browser sends first."""

DELTA, SCRIPT_FINISHED, NEW_SESSION, SESSION_EVENT = 5, 6, 4, 10
NEW_ELEMENT, EXCEPTION = 3, 8
COMPILATION_EXCEPTION = 3
TYPE, MESSAGE, IS_WARNING = 1, 2, 5
FINISHED, COMPILE_ERROR, EARLY_FOR_RERUN = 0, 1, 2

QUIET = 20.0
"""Seconds without a message after which the script is taken to be waiting for something."""

AFTER_COMPILE_ERROR = 1.0
"""Seconds in which the exception of a script that cannot be compiled follows."""


class Told(NamedTuple):
    """What one message says: `started` a run, `finished` with this status (-1: not), raised `error`."""

    started: bool = False
    finished: int = -1
    error: str = ""


class Run:
    """A run of the script, from the messages that come after `RERUN`; where it runs more than once, the last
    one counts. Times are those of `time.monotonic`.

    `finished` says whether it came to its end, `raised` in which exception ('' for none).
    """

    def __init__(self, now: float, seconds: float) -> None:
        self._until = now + seconds
        self._error = ""
        self._uncompiled = False
        self.finished = False

    @property
    def raised(self) -> str:
        """The exception, in words."""
        return self._error or ("the script cannot be compiled" if self._uncompiled else "")

    def patience(self, now: float) -> float:
        """For how many seconds the next message is worth waiting for; none when it is 0 or less."""
        return min(self._until - now, QUIET)

    def heard(self, message: bytes, now: float) -> bool:
        """Take in one message; whether it was the last that matters."""
        told = understood(message)
        if told.started:
            self._error = ""
        self._error = self._error or told.error
        if told.finished == COMPILE_ERROR:
            self._uncompiled = True
            self._until = min(self._until, now + AFTER_COMPILE_ERROR)
        if told.finished == EARLY_FOR_RERUN:
            self._error = ""
        elif told.finished >= 0 and not self._uncompiled:
            self.finished = True
        return self.finished or (self._uncompiled and bool(self._error))


def understood(message: bytes) -> Told:
    """What a ForwardMsg says about the run. Never fails: a message that is not one says nothing."""
    started, finished, error = False, -1, ""
    for number, value in protobuf.fields(message):
        if number == NEW_SESSION:
            started = True
        elif number == SCRIPT_FINISHED and isinstance(value, int):
            finished = value
        elif number == DELTA:
            error = error or _raised(protobuf.messages(value, NEW_ELEMENT, EXCEPTION))
        elif number == SESSION_EVENT:
            error = error or _raised(protobuf.messages(value, COMPILATION_EXCEPTION))
    return Told(started, finished, error)


def _raised(exceptions: list[bytes]) -> str:
    """The first of these Exception messages that is not a warning, in words."""
    for raw in exceptions:
        named = dict(protobuf.fields(raw))
        if not named.get(IS_WARNING):
            kind, message = protobuf.text(named.get(TYPE)), protobuf.text(named.get(MESSAGE))
            return quoted(f"{kind}: {message}" if kind and message else kind or message or "exception")
    return ""
