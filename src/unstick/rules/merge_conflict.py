"""Markers of a merge conflict in a file that the build or the Hub reads.

What it finds: lines of <<<<<<< and >>>>>>> in README.md, Dockerfile, packages.txt, the entry file and the
requirement files that the build installs.

Why it matters: in README.md the block is no longer the first thing or no YAML; pip, apt, Docker and Python
stop at the marker. Usual after merging the history of a Space's template.

Example:

    <<<<<<< HEAD
    gradio
    =======
    streamlit
    >>>>>>> main

Instead:

    gradio

Repair safety: safe when both sides are the same or only one holds anything; else a person has to choose.

Source: git's marker lines.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rules.base import Rule
from unstick.space.installed import installed
from unstick.space.lines import Lines
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C107",
    title="Merge conflict markers",
    confidence=0.97,
    causes=(("readme-config", 5.0), ("dependency-conflict", 2.0)),
)
FIXABLE = True

FILES = (
    "README.md",
    "requirements.txt",
    "pre-requirements.txt",
    "packages.txt",
    "Dockerfile",
    "pyproject.toml",
    "package.json",
)


class Conflict(NamedTuple):
    """Offsets of one conflict: its lines from `start` to `end`, and the two sides' texts."""

    start: int
    end: int
    ours: str
    theirs: str


def check(space: Space) -> Iterator[Finding]:
    """One finding a file, at its first marker."""
    for path in dict.fromkeys((*FILES, space.app_file, *(file.path for file in installed(space).files))):
        text = space.text(path) if path and space.tree.is_file(path) else None
        found = whole(text or "")
        if text is None or not found:
            continue
        readme = space.readme
        harmless = path == "README.md" and readme.state == "top" and found[0].start >= readme.end
        edits = tuple(
            Edit(path, c.start, c.end, c.ours or c.theirs, True, "settle the conflict") for c in found
        )
        clear = all(c.ours == c.theirs or not c.ours.strip() or not c.theirs.strip() for c in found)
        many = f"{len(found)} merge conflicts" if len(found) > 1 else "a merge conflict"
        yield RULE.finding(
            Lines(text, path).place(found[0].start, found[0].start + 7),
            f"{path} was committed with {many}",
            "Keep one side and remove the lines of <<<<<<<, ======= and >>>>>>>.",
            severity="advice" if harmless else "",
            edits=edits if clear else (),
        )


def whole(text: str) -> list[Conflict]:
    """The conflicts of a text whose markers are all there."""
    return list(conflicts(text)) if "<<<<<<<" in text else []


def conflicts(text: str) -> Iterator[Conflict]:
    """Every conflict of a text: markers at line starts, in their order."""
    start = middle = -1
    at = 0
    for line in text.split("\n"):
        bare = line.rstrip("\r")
        end = min(at + len(line) + 1, len(text))
        if bare.startswith("<<<<<<< ") or bare == "<<<<<<<":
            start, middle, ours = at, -1, end
        elif bare == "=======" and start >= 0:
            middle, theirs = at, end
        elif (bare.startswith(">>>>>>> ") or bare == ">>>>>>>") and start >= 0:
            if middle >= 0:
                yield Conflict(start, end, text[ours:middle], text[theirs:at])
            else:
                yield Conflict(start, end, text[ours:at], text[ours:at])
            start = -1
        at = end
