"""Whether a start misses what the app itself keeps on the container's disk, while a mark of its on a volume says
that it is there: then it went with an earlier container."""

from __future__ import annotations

import posixpath
import re

from unstick.case import Evidence
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Space
    from unstick.space.writes import Write

SIGN = "own-data-gone"

NO_TABLE = lazy(r"no such table: (?:main\.)?(\w{1,64})")
NO_FILE = lazy(r"No such file or directory: ['\"]([^'\"\n]{1,300})['\"]")
VOLUME = "/data/"
"""Where a volume is mounted; what lies there outlasts a restart (Hub docs, spaces-storage)."""

PASSING = ("/tmp/", "/dev/", "/run/", "/proc/")
MOST_FILES = 200
TAIL = 20_000
"""Characters of the log's end that are read."""


def evidence(space: Space, run_log: str) -> Iterator[Evidence]:
    """At most one sign. Without anything that outlasts a restart each start is like the first one: what it then
    misses was never made, and that is another cause."""
    tail = run_log[-TAIL:]
    tables = NO_TABLE.findall(tail) if "no such table" in tail else []
    files = NO_FILE.findall(tail) if "No such file" in tail else []
    if not tables and not files:
        return
    from unstick.space.writes import writes_of

    writes = writes_of(space)
    if not any(write.path.startswith(VOLUME) for write in writes):
        return
    names, folder = frozenset(space.tree.names()), _folder(space)
    for write in writes:
        if not _is_lost(write, folder, names):
            continue
        if tables and write.kind == "database" and (where := _made_in(space, tables[-1])):
            told = f"table {tables[-1]}, which {where} makes, in {write.given}"
        elif files and write.path == posixpath.normpath(posixpath.join(folder, files[-1])):
            told = f"{files[-1]}, which the app writes itself"
        else:
            continue
        yield Evidence(
            SIGN,
            True,
            "files",
            str(write.place),
            f"missing is {told}: on the container's own disk; a mark is on /data",
        )
        return


def _is_lost(write: Write, folder: str, names: frozenset[str]) -> bool:
    """Written at run time, neither on a volume nor in the repository, whose files are `names`."""
    if write.path.startswith((VOLUME, *PASSING)) or write.path != write.known:
        return False
    return posixpath.relpath(write.path, folder) not in names


def _folder(space: Space) -> str:
    """Where the app starts, and its relative paths begin."""
    from unstick.space.image import image_of

    image = image_of(space)
    return image.workdir if image is not None else "/home/user/app"


def _made_in(space: Space, table: str) -> str:
    """The file whose code creates a table, or ''."""
    create = re.compile(
        rf"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?[\"'`\[]?{re.escape(table)}\b", re.IGNORECASE
    )
    for name in [name for name in space.tree.names() if name.endswith((".py", ".sql"))][:MOST_FILES]:
        if create.search((space.text(name) or "")[:200_000]):
            return name
    return ""
