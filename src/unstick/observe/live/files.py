"""The files of a Space at one commit, as a tree that the checkout observer reads.

Nothing touches the disk: names come from outside. Only what a person wrote is fetched (code, configuration,
requirements); of everything else name and size are known.
"""

from __future__ import annotations

import asyncio
import re
from functools import cached_property
from urllib.parse import quote

from unstick.observe.live.fields import integer, items, mapping
from unstick.observe.live.hub import Got, Hub, decoded
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.files import NOT_ENTERED, Entry, Tree, normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_FILES = 20_000
MOST_PAGES = 25
MOST_FETCHED = 400
MOST_SIZE = 1024 * 1024
MOST_TOTAL = 24 * 1024 * 1024
AT_ONCE = 8
TEXTS = (
    ".py", ".md", ".txt", ".toml", ".yaml", ".yml", ".json", ".cfg", ".ini", ".sh", ".bash", ".js", ".mjs",
    ".cjs", ".ts", ".tsx", ".jsx", ".html", ".htm", ".conf", ".template", ".r", ".go", ".rs", ".java", ".php",
    ".rb", ".ipynb", ".env", ".lock", ".mod", ".xml", ".gradle", ".dockerignore", ".gitattributes",
    ".gitignore", ".gitmodules", ".css", ".prisma", ".service", ".properties",
)  # fmt: skip
NAMES = ("dockerfile", "procfile", "makefile", "license", ".python-version", ".npmrc", ".nvmrc", "nginx.conf")
_NEXT = lazy(r'<([^>]{1,2000})>;\s*rel="?next', re.IGNORECASE)


class Listed(NamedTuple):
    """One file of a commit: path, bytes, whether its content is large-file storage's."""

    path: str
    size: int
    lfs: bool = False


class Files(NamedTuple):
    """What came of a repository. `tree` is None when it could not be listed, `reason` says why; `missing`
    are the files that should have been fetched and could not be."""

    tree: FetchedTree | None
    reason: str = ""
    missing: tuple[str, ...] = ()


class FetchedTree(Tree):
    """Files of which all names and sizes are known, and the texts of some."""

    def __init__(
        self, listed: Iterable[Listed], contents: Mapping[str, bytes], complete: bool = True
    ) -> None:
        self.listed = tuple(listed)
        self.contents = dict(contents)
        self.complete = complete

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Every name by path, sorted; folders are those that the paths speak of."""
        out: dict[str, Entry] = {}
        for file in self.listed:
            parts = file.path.split("/")
            for end in range(1, len(parts)):
                out.setdefault("/".join(parts[:end]), Entry("folder", 0, 0o755))
            out[file.path] = Entry("file", file.size)
        return dict(sorted(out.items()))

    def _read(self, path: str, limit: int) -> bytes | None:
        content = self.contents.get(path)
        return None if content is None else content[:limit]

    def _target(self, path: str) -> str | None:
        return None


async def fetch(hub: Hub, space: str, revision: str) -> Files:
    """The files of a commit, within the options' time for files."""
    try:
        async with asyncio.timeout(hub.options.files):
            listed, reason = await listing(hub, space, revision)
            if reason:
                return Files(None, reason)
            wanted = chosen(listed)
            contents = await _contents(hub, space, revision, wanted)
    except TimeoutError:
        return Files(None, f"the repository did not come within {hub.options.files:g} s")
    missing = tuple(file.path for file in wanted if file.path not in contents)
    important = [path for path in missing if path in ("README.md", "Dockerfile")]
    tree = FetchedTree(listed, contents, complete=not important)
    return Files(tree, "", missing)


async def listing(hub: Hub, space: str, revision: str) -> tuple[list[Listed], str]:
    """Every file of a commit, or the reason why it is not known."""
    path = f"/api/spaces/{space}/tree/{quote(revision, safe='')}?recursive=true&expand=false"
    found: list[Listed] = []
    for _ in range(MOST_PAGES):
        answer = await hub.get(path)
        got: Got = decoded(answer, hub.endpoint + path, bool(hub.options.token))
        if got.reason:
            return [], got.reason
        found += [file for file in map(_listed, items(got.data)) if file is not None]
        match = _NEXT.search(answer.headers.get("link", ""))
        if not match or not match.group(1).startswith(hub.endpoint + "/") or len(found) >= MOST_FILES:
            break
        path = match.group(1)[len(hub.endpoint) :]
    return found[:MOST_FILES], ""


def _listed(item: object) -> Listed | None:
    given = mapping(item)
    path = given.get("path")
    if given.get("type") != "file" or not isinstance(path, str) or not valid(path):
        return None
    return Listed(path, max(integer(given.get("size")) or 0, 0), bool(mapping(given.get("lfs"))))


def valid(path: str) -> bool:
    """Whether a path stays below its root and can be a file's on any system."""
    return (
        0 < len(path) <= 1000
        and normal(path) == path
        and path.isprintable()
        and "\\" not in path
        and not path.startswith(("..", "/"))
        and path.split("/", 1)[0].lower() != ".git"
    )


def chosen(listed: Iterable[Listed]) -> list[Listed]:
    """The files worth fetching, those near the root first, up to the limits."""
    rows = [
        file
        for file in listed
        if 0 < file.size <= MOST_SIZE
        and _is_text(file.path)
        and not NOT_ENTERED.intersection(file.path.split("/"))
    ]
    rows.sort(
        key=lambda file: (file.path.count("/"), file.path.endswith((".css", ".json", ".lock")), file.path)
    )
    total, out = 0, []
    for file in rows[:MOST_FETCHED]:
        total += file.size
        if total > MOST_TOTAL:
            break
        out.append(file)
    return out


def _is_text(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name.endswith(TEXTS) or name.startswith(NAMES) or "." not in name


async def _contents(hub: Hub, space: str, revision: str, wanted: list[Listed]) -> dict[str, bytes]:
    gate = asyncio.Semaphore(AT_ONCE)
    out: dict[str, bytes] = {}

    async def one(file: Listed) -> None:
        async with gate:
            content = await content_of(hub, space, revision, file.path, MOST_SIZE)
        if content is not None:
            out[file.path] = content

    await asyncio.gather(*(one(file) for file in wanted))
    return out


async def content_of(hub: Hub, space: str, revision: str, path: str, most: int) -> bytes | None:
    """The content of one file, or None. Where the Hub sends elsewhere for it (large-file storage) that is
    followed once, to public addresses only and without the token."""
    at = f"/spaces/{space}/resolve/{quote(revision, safe='')}/{quote(path)}"
    answer = await hub.get(at, most=most)
    if answer.status in (301, 302, 303, 307, 308):
        to = answer.headers.get("location", "")
        answer = await hub.wire.ask(to, seconds=hub.options.patience, most=most, anywhere=hub.options.local)
    return answer.body if answer.status == 200 and not answer.cut else None
