"""Whether an app failed for what this machine could not install, so that its failure says nothing of the Space."""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MISSING = lazy(
    r"(?i)cannot open shared object file|unable to find \S+ shared library|cannot load library|library not found"
    r"|\bcommand not found|: not found$|no such file or directory: '[\w.+-]+'|executable (?:file )?(?:was )?not found"
    r"|not (?:installed|found|in your|in the) .{0,20}\bPATH\b|is not installed or|no library called"
    r"|could not find (?:the )?(?:lib\w+|\w+ (?:library|binary|executable|program))"
    r"|\bENOENT\b|no such program|failed to execute"
)
"""What programs say of a library or a program that is not there (wording of ld.so, ctypes, Python, Node, shells)."""

LAST = 200
ROOT = re.compile(
    r"^lib|[-.\d]+(?:dev|utils|server|bin|ocr|tools|dbg)?\d*$|-(?:dev|utils|server|bin|ocr|tools)$"
)
"""What Debian adds to the name of a thing: libzbar0 is zbar, tesseract-ocr is tesseract."""


def why(missing: Sequence[str], code: int | None, lines: Sequence[str]) -> str:
    """A sentence, where Debian packages are `missing` and the end of the app looks like their absence: by its
    exit code (127: no such program) or by the last lines of its log. '' otherwise."""
    if not missing:
        return ""
    last = lines[-LAST:]
    names = [name for name in (ROOT.sub("", package) for package in missing) if len(name) > 2]
    named = re.compile("|".join(map(re.escape, names)), re.IGNORECASE) if names else None
    error = re.compile(r"(?i)error|not found|missing|no such|failed|unable")
    seen = code == 127 or any(
        MISSING.search(line) or (named is not None and named.search(line) and error.search(line))
        for line in last
    )
    if not seen:
        return ""
    return (
        f"the app fails where it needs a Debian package ({', '.join(missing[:8])}), and none is installed here: "
        "start Docker"
    )
