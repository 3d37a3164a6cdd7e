"""The command line's entry."""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    """Run the command line and leave the process with its exit code.

    A run is short: the collector looks for cycles rarely, and the process ends without taking apart what
    it built, together some 10 ms of a check. Nothing here relies on what Python does at exit.
    """
    gc.set_threshold(100_000, 50, 50)
    from unstick.cli.main import run, show_traceback

    try:
        code = run()
    except Exception:  # a mistake of unstick's own: what it shows of its data holds no secrets either
        show_traceback()
        code = 1
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass  # the reader went away
    os._exit(code)


if __name__ == "__main__":
    main()
