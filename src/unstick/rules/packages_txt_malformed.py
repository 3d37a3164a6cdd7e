"""packages.txt is not a list of Debian packages.

What it finds: in packages.txt of a gradio or streamlit Space: comments, commands (apt-get install ...),
version
comparisons, pip requirements, options, separators.

Why it matters: every word of the file goes to `apt-get install`; one that is no package ends the build.

Example:

    # for OpenCV
    apt-get install libgl1

Instead:

    libgl1

Repair safety: comments and commands are removed safely; other lines are left to a person.

Source: Hub docs spaces-dependencies; build logs of 2026.
"""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="B147",
    title="packages.txt is no list of Debian packages",
    confidence=0.9,
    needs=("packages", "sdk:gradio|streamlit"),
    causes=(("system-package", 4.0),),
)
FIXABLE = True

_PACKAGE = lazy(r"[a-z0-9][a-z0-9+.-]*(?::[a-z0-9]+)?(?:=[^\s=<>]+)?[+-]?")
_COMMAND = lazy(r"(?:sudo\s+)?(?:apt-get|apt)\s+(?:-\S+\s+)*install\s+(?:-\S+\s+)*")
_PYTHON_ONLY = {
    "streamlit",
    "gradio",
    "torch",
    "transformers",
    "pandas",
    "numpy",
    "opencv-python",
    "opencv-python-headless",
    "requests",
    "flask",
}


def check(space: Space) -> Iterator[Finding]:
    """One finding a line."""
    text = space.text("packages.txt")
    if text is None:
        return
    offset = 0
    for number, raw in enumerate(text.splitlines(keepends=True), 1):
        line = raw.rstrip("\r\n")
        bare = line.lstrip("\ufeff").strip()
        problem = _problem(bare)
        if problem:
            start = offset + line.find(bare)
            place = Place("packages.txt", number, line.find(bare) + 1, start, start + len(bare))
            new = (
                _COMMAND.sub("", bare)
                if _COMMAND.match(bare)
                else ""
                if bare.startswith(("#", "//", "```"))
                else None
            )
            edits = (
                ()
                if new is None
                else (Edit("packages.txt", start, start + len(bare), new, True, "leave the package names"),)
            )
            yield RULE.finding(
                place,
                f"{bare[:60]!r} {problem}; every word here is given to apt-get",
                "Write one Debian package a line.",
                edits=edits,
            )
        offset += len(raw)


def _problem(line: str) -> str:
    if not line:
        return ""
    if line.startswith(("#", "//", "```")):
        return "is a remark"
    if _COMMAND.match(line) or line.startswith(("apt", "sudo ", "pip ", "RUN ")):
        return "is a command"
    if re.search(r"[<>]=?|==|~=", line):
        return "is a Python requirement"
    words = line.split()
    if any(word in _PYTHON_ONLY for word in words):
        return "names a Python package"
    bad = next((word for word in words if not _PACKAGE.fullmatch(word)), "")
    return f"holds {bad[:40]!r}, which is no package name" if bad else ""
