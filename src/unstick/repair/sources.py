"""Where the program of a Space says something about its server: words and literals of the files it runs."""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Space

MOST_FILES, MOST_EDITS, MOST_CHARACTERS = 200, 4, 200_000
PROGRAMS = (".py", ".js", ".mjs", ".cjs", ".ts", ".sh", ".toml", ".go", ".rb")
LEFT_OUT = lazy(
    r"(?:^|/)(?:node_modules|tests?|docs|examples|\.git|dist|build|static|public)/|(?:^|/)test_|_test\.|\.min\.js$"
)
_SERVES = lazy(r"(?i)host|port|listen|bind|serve|\.run\(|launch|address|uvicorn|gunicorn")


def programs(space: Space) -> list[str]:
    """The files that may start a server, those nearest the root first."""
    found = [n for n in space.tree.names() if n.endswith(PROGRAMS) and not LEFT_OUT.search(n)]
    return sorted(found, key=lambda n: (n.count("/"), n))[:MOST_FILES]


def reads(space: Space, word: str) -> bool:
    """Whether the word stands in the Dockerfile, the requirements or a program."""
    pattern = re.compile(rf"\b{re.escape(word)}\b")
    for path in ("Dockerfile", "requirements.txt", "package.json", *programs(space)):
        if pattern.search((space.text(path) or "")[:MOST_CHARACTERS]):
            return True
    return False


def literals(space: Space, pattern: str, text: str, title: str) -> Iterator[Edit]:
    """Edits that write `text` for what matches `pattern`, on lines that speak of a server; one each."""
    wanted = re.compile(pattern)
    count = 0
    for path in programs(space):
        source = (space.text(path) or "")[:MOST_CHARACTERS]
        for found in wanted.finditer(source):
            start = source.rfind("\n", 0, found.start()) + 1
            end = source.find("\n", found.end())
            line = source[start : end if end >= 0 else len(source)]
            if line.lstrip().startswith(("#", "//")) or not _SERVES.search(line):
                continue
            yield Edit(path, found.start(), found.end(), text, False, title)
            count += 1
            if count >= MOST_EDITS:
                return
