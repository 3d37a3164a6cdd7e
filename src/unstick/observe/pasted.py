"""What a text is: a person's words, a build log, a container log, or all pasted together."""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import NamedTuple

BUILD_HEAD = lazy(
    r"^=+ ?Build Queued at|^-->|^#\d+ \[|^Step \d+/\d+ :|^cache miss:|^Job failed with exit code",
    re.MULTILINE,
)
RUN_HEAD = lazy(r"^=+ ?Application Startup at", re.MULTILINE)
_LOG_LINE = lazy(
    r"^\s*(?:\d{4}-\d\d-\d\d|\[?\d\d:\d\d:\d\d|\d\d/\w{3}/\d{4}|[A-Z]+:\s{2,}"
    r"|(?:INFO|WARN(?:ING)?|ERROR|DEBUG|CRITICAL|FATAL|npm|E|W|remote):?[\s:]"
    r"|Traceback|File \"|=====|-->|#\d+ |DONE\b|CACHED\b|RUN |COPY |FROM |\$ |>>> |\* "
    r"|http://|https://|\{|\[|\(|/|<|!|  +\S|at \w+|\w*Error:|\w*Exception:"
    r"|Collecting |Downloading |Installing |Requirement already|Building wheel|Successfully "
    r"|Get:\d|Hit:\d|Setting up |Unpacking |Fetching \d|Loading |URL:|Killed|Exit code)"
)
_OF_A_BUILD = lazy(
    r"^\s*(?:Collecting |Building wheel|E: |npm ERR!"
    r"|ERROR: (?:Could not|No matching|Failed|Cannot|failed|Ignored|ResolutionImpossible)"
    r"|error: subprocess|remote: |Get:\d|× )",
    re.MULTILINE,
)
_PROSE = lazy(r"^[^\W\d_][\w'’,;:()\"“”/\-–. ]*\s[\w'’]+\s[\w'’]+", re.UNICODE)
_WIDE = lazy(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{4,}")

FEW = 3
"""So many lines, none of which looks like a log's, are a person's short words: 'Space not loading'."""


class Pasted(NamedTuple):
    """The parts of a text; each may be empty."""

    description: str
    build_log: str
    run_log: str


def split(text: str) -> Pasted:
    """The parts of a text. What is neither marked as a build log nor looks like one counts as container
    log."""
    build = BUILD_HEAD.search(text)
    run = RUN_HEAD.search(text)
    prose, lines = _separate(text)
    if not lines:
        return Pasted(text, "", "")
    if build and run:
        first, second = (build.start(), run.start())
        head = text[: min(first, second)]
        told, before = _separate(head)
        build_text, run_text = (
            (text[first:second], text[second:]) if first < second else (text[first:], text[second:first])
        )
        tail_told, run_lines = _separate(run_text)
        return Pasted(_join(told, tail_told), _join([*before, build_text]), _join(run_lines))
    log = _join(lines)
    if build or (not run and looks_like_build(log)):
        return Pasted(_join(prose), log, "")
    return Pasted(_join(prose), "", log)


def looks_like_build(log: str) -> bool:
    """Whether the lines without a mark are those of a build."""
    return _OF_A_BUILD.search(log) is not None


def _separate(text: str) -> tuple[list[str], list[str]]:
    """The lines of prose and the lines of logs, in order."""
    prose: list[str] = []
    lines: list[str] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        (prose if is_prose(line[:400]) else lines).append(line)
    if prose and len(lines) <= 1 and len(lines) < len(prose):
        return [text], []
    if not prose and len(lines) <= FEW and not any(map(_LOG_LINE.match, lines)):
        return [text], []
    return prose, lines


def is_prose(line: str) -> bool:
    """Whether a line reads like a sentence of a person."""
    if not line.isascii() and _WIDE.search(line) and not _LOG_LINE.match(line):
        return True
    if _LOG_LINE.match(line) or not _PROSE.match(line):
        return False
    words = line.split()
    letters = sum(character.isalpha() or character.isspace() for character in line)
    return len(words) >= 4 and letters >= 0.8 * len(line)


def _join(parts: list[str], *more: list[str]) -> str:
    return "\n".join([*parts, *(line for part in more for line in part)])
