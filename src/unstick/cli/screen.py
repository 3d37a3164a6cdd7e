"""The terminal that the output goes to: how wide it is, and whether it wants colour."""

from __future__ import annotations

import os
import sys

USUAL_WIDTH = 80


def columns() -> int:
    """The width to write for: COLUMNS when it is set, else the terminal's, else 80."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or USUAL_WIDTH
    except (OSError, ValueError):
        return USUAL_WIDTH


def color() -> bool:
    """Whether to write colours: on a terminal that knows them, unless NO_COLOR is set; FORCE_COLOR wins."""
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty()
