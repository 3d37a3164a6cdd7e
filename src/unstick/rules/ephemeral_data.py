"""Data that people would miss after a restart.

What it finds: SQLite files, vector stores (Chroma, Qdrant, LanceDB), JSON or text files of users, histories,
orders and the like that the app both writes and reads again, uploads that it serves, database servers started
inside the container, all on the container's own disk. Not: caches, temporary files, results that are only
downloaded, apps that copy their data to a dataset or another store, or that look for a volume first.

Why it matters: the disk of a Space is lost at every restart, rebuild and sleep. Accounts and chats are gone,
and nobody sees an error.

Example:

    conn = sqlite3.connect("chat.db")

Instead: a database outside (address in a secret), a volume mounted on /data, or `CommitScheduler`, which
copies a folder to a dataset repository.

Repair safety: none is offered; where data should live is the author's choice.

Source: Hub docs spaces-storage and spaces-gpus (the disk is ephemeral).
"""

from __future__ import annotations

import ast
import posixpath
import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules._volume import looked_for
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Place, Space
    from unstick.space.image import Image
    from unstick.space.program import Program, Site
    from unstick.space.writes import Write

RULE = Rule(
    code="A103",
    title="Data that a restart loses",
    severity="warning",
    confidence=0.75,
    causes=(("ephemeral-loss", 4.0),),
)

SYNCED = frozenset(
    (
        "CommitScheduler",
        "upload_file",
        "upload_folder",
        "push_to_hub",
        "create_commit",
        "upload_blob",
        "upload_fileobj",
        "put_object",
    )
)
PEOPLE = lazy(
    r"histor|user|conversation|chat|profile|session|order|account|message|memor|(?:^|[_/.-])db(?:[_.-]|$)"
    r"|record|booking|custom|feedback"
    r"|interaction|customer|member|todo|note|transaction|ledger|leaderboard|score|registr"
    r"|favou?rite|review|comment|database",
    re.IGNORECASE,
)
PASSING = lazy(
    r"cache|temp|tmp|log(?:s|ging)?\b|telemetry|monitor|metric|output|result|debug|train|predict",
    re.IGNORECASE,
)
KNOWN_BY_AUTHOR = lazy(
    r"ephemeral|lost (?:on|at|after) (?:a |each |every )?restart|resets? on (?:container )?restart",
    re.IGNORECASE,
)
CHANGES = lazy(r"\b(?:INSERT|UPDATE|DELETE|REPLACE)\s|\.commit\(|to_sql\(|\.add\(", re.IGNORECASE)
"""What changes a database, in the text of a module."""
SERVERS = {
    "neo4j": "Neo4j",
    "mongod": "MongoDB",
    "postgres": "PostgreSQL",
    "pg_ctl": "PostgreSQL",
    "mysqld": "MySQL",
    "mariadbd": "MariaDB",
}


def check(space: Space) -> Iterator[Finding]:
    """One finding for the Space, at the store that matters most, with the others beside it."""
    from unstick.space.image import image_of
    from unstick.space.program import program_of
    from unstick.space.writes import writes_of

    image, program = image_of(space), program_of(space)
    if image is None or (program is not None and SYNCED & program.calls.keys()):
        return
    read = _read_paths(program) if program is not None else set()
    anew = _made_anew(program, writes_of(space)) if program is not None else set()
    stores = [
        (w, kind)
        for w in writes_of(space)
        if (kind := _store(space, image, w, read)) and not (kind == "database" and w.path in anew)
    ]
    servers = list(_servers(space))
    if not stores and not servers:
        return
    order = ("database", "index", "people", "uploads", "other")
    stores.sort(key=lambda pair: (order.index(pair[1]), pair[0].caught))
    if servers and (not stores or stores[0][1] == "other"):
        place, name = servers[0]
        yield _say(space, place, f"{name} runs inside the container and keeps its data there", False, [])
        return
    write, kind = stores[0]
    words = {
        "database": "the database",
        "index": "the store",
        "people": "what people leave behind",
        "uploads": "uploads",
    }
    shown = (write.path if ".." in write.given else write.given).replace("\x00", "…")
    verb = "lie" if kind == "uploads" else "lies"
    text = f"{words.get(kind, 'data')} {verb} in {shown!r} on the container's own disk"
    minor = kind == "other" or write.caught or (kind != "people" and PASSING.search(write.path) is not None)
    yield _say(space, _place(image, write), text, minor, [w.place for w, _ in stores[1:6]])


def _say(space: Space, place: Place, text: str, minor: bool, related: list[Place]) -> Finding:
    texts = (space.text("README.md") or "")[:100_000] + (space.text("Dockerfile") or "")[:100_000]
    minor = minor or KNOWN_BY_AUTHOR.search(texts) is not None
    return RULE.finding(
        place,
        f"{text}: a restart, a rebuild or sleep loses it.",
        "Use a database outside, a volume mounted on /data, or copy it to a dataset"
        " (huggingface_hub.CommitScheduler).",
        severity="advice" if minor else "warning",
        confidence=0.5 if minor else 0.75,
        related=tuple(dict.fromkeys(p for p in related if p != place)),
    )


def _store(space: Space, image: Image, write: Write, read: set[str]) -> str:
    """What kind of lasting data a write keeps, or an empty string."""
    path = write.path
    if path.startswith(("/tmp", "/var/tmp", "/dev", "/run")) or (
        path.startswith("/data/") and space.sdk in ("gradio", "streamlit")
    ):
        return ""
    if looked_for(space, image, path):
        return ""
    if write.kind == "database":
        return "" if _only_asked(write, image) else "database"
    if write.kind == "index":
        called = "" if write.site is None else _called(write)
        return "other" if called in ("write_index", "save_local", "persist") else "index"
    base = posixpath.basename(path)
    if write.kind == "folder":
        return "uploads" if write.site is None and "upload" in path and _serves(space) else ""
    if (
        not base.endswith((".json", ".jsonl", ".csv", ".txt", ".pkl", ".db", ".yaml", ".xlsx"))
        or write.when == "never"
    ):
        return ""
    again = path in read or write.site is None
    if not again and not re.search(r"order|user|account", base, re.IGNORECASE):
        return ""
    below = path.removeprefix(image.workdir)
    if PASSING.search(below):
        return "people" if re.search(r"order|user|account|customer", base, re.IGNORECASE) else ""
    return "people" if PEOPLE.search("/".join(below.split("/")[-2:])) and "embedding" not in base else ""


def _only_asked(write: Write, image: Image) -> bool:
    """A database that comes with the repository and is only read."""
    from unstick.rules._image import read_only

    return read_only(write, image)


def _made_anew(program: Program, writes: tuple[Write, ...]) -> set[str]:
    """Databases that one function deletes and fills, with nothing in its file that changes them afterwards."""
    from unstick.space.writes import absolute

    deleted: set[tuple[str, int]] = set()
    for name in ("remove", "unlink"):
        for call, unit, function in program.calls.get(name, ())[:200]:
            node = call.args[0] if call.args else getattr(call.func, "value", None)
            path = absolute(program.evaluator.text(node, unit, function), program.cwd) if node else None
            if path is not None and function is not None:
                deleted.add((path, id(function)))
    out: set[str] = set()
    for write in writes:
        site = write.site
        if site is None or site.function is None or (write.path, id(site.function)) not in deleted:
            continue
        if CHANGES.search(_outside(site)) is None:
            out.add(write.path)
    return out


def _outside(site: Site) -> str:
    """The text of a file without the function that holds the call."""
    text, tree = site.unit.source.text, site.unit.source.tree
    around = [
        node
        for node in ast.walk(tree or ast.Module([], []))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.lineno <= site.call.lineno <= (node.end_lineno or node.lineno)
    ]
    if not around:
        return text
    inner = max(around, key=lambda node: node.lineno)
    lines = text.split("\n")
    return "\n".join((*lines[: inner.lineno - 1], *lines[inner.end_lineno or inner.lineno :]))


def _called(write: Write) -> str:
    func = write.site.call.func if write.site is not None else None
    return getattr(func, "attr", "") or getattr(func, "id", "")


def _read_paths(program: Program) -> set[str]:
    """The paths that the program opens for reading or asks for."""
    from unstick.space.writes import absolute

    out: set[str] = set()
    for name in (
        "open",
        "exists",
        "isfile",
        "read_text",
        "read_csv",
        "load",
        "is_file",
        "read_excel",
        "read_json",
    ):
        for call, unit, function in program.calls.get(name, ())[:200]:
            func = call.func
            inner = getattr(func, "value", None)
            node = (
                inner
                if name in ("read_text", "exists", "is_file") and not call.args
                else call.args[0]
                if call.args
                else None
            )
            mode = call.args[1] if name == "open" and len(call.args) > 1 else None
            if node is None or set(str(getattr(mode, "value", "r"))) & set("wax"):
                continue
            path = absolute(program.evaluator.text(node, unit, function), program.cwd)
            if path is not None:
                out.add(path)
    return out


def _serves(space: Space) -> bool:
    """Whether a Node program hands out files from a folder, and takes uploads to disk."""
    texts = [
        space.text(n) or ""
        for n in space.tree.names()
        if n.endswith((".js", ".ts", ".mjs")) and "node_modules" not in n
    ][:200]
    return any("express.static(" in t or "sendFile(" in t for t in texts) and any(
        "diskStorage(" in t or "multer({" in t for t in texts
    )


def _servers(space: Space) -> Iterator[tuple[Place, str]]:
    from unstick.rules._programs import certain
    from unstick.space.start import start

    for name, place in start(space).programs:
        if name in SERVERS and certain(space, name, place):
            yield place, SERVERS[name]


def _place(image: Image, write: Write) -> Place:
    """Where the folder is chosen: a variable of the image, else the write."""
    for name, value in image.environment.items():
        value = value.removeprefix("sqlite:///")
        chosen = name in image.layers.env_places and name not in ("HOME", "PATH", "PYTHONPATH")
        if not chosen or len(value) < 2 or not value.startswith("/"):
            continue
        if write.path == value or write.path.startswith(value.rstrip("/") + "/"):
            return image.layers.env_places[name]
    return write.place
