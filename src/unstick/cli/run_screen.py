"""What a person sees while a rehearsal runs: the timeline, both logs, and what is being waited for."""

from __future__ import annotations

import sys
import threading
import time

from unstick.cli.screen import color, columns
from unstick.record import TYPE_CHECKING
from unstick.rehearse.recording import Listener
from unstick.report.paint import Painter

if TYPE_CHECKING:
    from unstick.rehearse.types import Event, Line, Rehearsal

TURN = 0.1
WHEEL = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
KEPT = 20
"""So many rehearsals' logs are kept."""


class Screen(Listener):
    """Prints as things happen; on a terminal with a line below that shows the time. `on` is False for JSON."""

    def __init__(self, on: bool, *, logs: bool = True) -> None:
        self.on, self.logs = on, logs
        self.columns = columns()
        self.paint = Painter(color())
        self.live = on and sys.stdout.isatty()
        self.began = time.monotonic()
        self.doing = ""
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._turner: threading.Thread | None = None

    def __enter__(self) -> Screen:
        if self.live:
            self._turner = threading.Thread(target=self._turn, daemon=True)
            self._turner.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        if self._turner is not None:
            self._turner.join()
            self._write("")

    def event(self, event: Event) -> None:
        """A line of the timeline."""
        from unstick.report.rehearsal import event_line

        if event.kind == "stage":
            self.doing = event.text if event.text in ("BUILDING", "APP_STARTING") else ""
        if self.on:
            self._write(event_line(event, self.columns, self.paint))

    def line(self, log: str, line: Line) -> None:
        """A line of a log."""
        from unstick.report.rehearsal import log_line

        if self.on and self.logs:
            self._write(log_line(line, self.columns, self.paint))

    def say(self, text: str) -> None:
        """A sentence of its own."""
        if self.on:
            self._write(text)

    def serving(self, rehearsal: Rehearsal, url: str) -> None:
        """The app is up: how to reach it."""
        from unstick.redact import redact
        from unstick.report.rehearsal import headline

        self.doing = ""
        self._write("")
        self._write(
            f"{self.paint('for', headline(rehearsal))}\nOpen {self.paint('code', redact(url))}   (Ctrl-C stops it)\n"
        )

    def _write(self, text: str) -> None:
        with self._lock:
            sys.stdout.write(("\r\x1b[K" if self.live else "") + (text + "\n" if text else ""))
            sys.stdout.flush()

    def _turn(self) -> None:
        number = 0
        while not self._end.wait(TURN):
            if not self.doing:
                continue
            number += 1
            seconds = time.monotonic() - self.began
            with self._lock:
                wheel = WHEEL[number % len(WHEEL)]
                sys.stdout.write(f"\r\x1b[K{wheel} {self.doing}, {seconds:.0f} s")
                sys.stdout.flush()


def kept_logs(rehearsal: Rehearsal) -> str:
    """Write both logs, redacted as they are, below the state folder; '' where that cannot be done.

    The newest `KEPT` rehearsals are kept.
    """
    import os
    import shutil

    state = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    top = os.path.join(state, "unstick", "logs")
    name = time.strftime("%Y%m%d-%H%M%S") + f"-{os.getpid()}"
    folder = os.path.join(top, name)
    try:
        os.makedirs(folder, mode=0o700)
        for log, lines in (("build", rehearsal.build_log), ("run", rehearsal.run_log)):
            with open(os.path.join(folder, f"{log}.log"), "w", encoding="utf-8", errors="replace") as file:
                file.writelines(line.text + "\n" for line in lines)
        for old in sorted(os.listdir(top))[:-KEPT]:
            shutil.rmtree(os.path.join(top, old), ignore_errors=True)
    except OSError:
        return ""
    return folder
