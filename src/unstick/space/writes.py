"""What a Space's Python program writes at run time, and where in the image that is."""

from __future__ import annotations

import ast
import posixpath

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.image_shell import UNKNOWN
from unstick.space.write_table import WRITE_CALLS, WriteCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space.program import Program, Site
    from unstick.space.space import Space
    from unstick.space.types import Place

_BY_NAME: dict[str, list[WriteCall]] = {}
for _row in WRITE_CALLS:
    _BY_NAME.setdefault(_row.name, []).append(_row)
_MODES = frozenset("wax+")
_NO_PATH = frozenset(("PNG", "JPEG", "JPG", "S", "F", "D", "records", "wb", "w", "utf-8"))


class Write(NamedTuple):
    """One write.

    `path` is absolute; UNKNOWN stands in it for what is not known, never for its first part. `kind` is that
    of the table (`unstick.space.write_table`), `when` import, start or later, `caught` whether its failure is
    swallowed. `given` is the path as the program computes it (relative ones as they are).
    """

    path: str
    given: str
    kind: str
    when: str
    caught: bool
    place: Place
    site: Site | None = None

    @property
    def known(self) -> str:
        """The longest part of the path that is known as a whole: the path itself, or a folder above it."""
        if UNKNOWN not in self.path:
            return self.path
        return posixpath.dirname(self.path[: self.path.index(UNKNOWN)] + "x") or "/"


def writes_of(space: Space) -> tuple[Write, ...]:
    """Every write that can be placed, in the order of the files; worked out once."""
    if "_writes" not in space.__dict__:
        from unstick.space.javascript import javascript_writes
        from unstick.space.program import program_of

        program = program_of(space)
        found = tuple(_find(program)) if program is not None else ()
        space.__dict__["_writes"] = (*found, *javascript_writes(space))
    known: tuple[Write, ...] = space.__dict__["_writes"]
    return known


def _find(program: Program) -> Iterator[Write]:
    for site in program.sites():
        for node, kind in _targets(site):
            given = program.evaluator.text(node, site.unit, site.function)
            given = _address(given, kind) if kind == "database" else given
            path = absolute(given, program.cwd)
            if path is None or given is None or _is_noise(given, kind):
                continue
            place = site.unit.source.place(site.call)
            yield Write(path, given, kind, program.when(site), program.swallowed(site), place, site)
    yield from _chosen_caches(program)
    yield from _django(program)
    yield from _flask(program)


def _django(program: Program) -> Iterator[Write]:
    """The SQLite file of Django's DATABASES."""
    for unit in program.units.values():
        table = unit.bindings.get("DATABASES")
        for entry in table.values if isinstance(table, ast.Dict) else ():
            pairs = zip(entry.keys, entry.values, strict=True) if isinstance(entry, ast.Dict) else ()
            fields = {k.value: v for k, v in pairs if isinstance(k, ast.Constant)}
            engine = program.evaluator.text(fields.get("ENGINE"), unit) or ""
            given = program.evaluator.text(fields.get("NAME"), unit)
            path = absolute(given, program.cwd)
            if "sqlite" in engine and path is not None and given is not None:
                place = unit.source.place(fields["NAME"])
                yield Write(path, given, "database", "start", False, place)


def _chosen_caches(program: Program) -> Iterator[Write]:
    """Cache folders that the program chooses itself: `os.environ["HF_HOME"] = "./cache"`."""
    from unstick.space.cache_table import CACHES

    names = {f"environ:{name}" for cache in CACHES for name, _ in cache.variables if not cache.needed}
    for unit in program.units.values():
        for key in sorted(names & unit.settings.keys()):
            node = unit.settings[key]
            given = program.evaluator.text(node, unit)
            path = absolute(given, program.cwd)
            if path is not None and given is not None:
                yield Write(path, given, "model", "import", True, unit.source.place(node), None)


def _flask(program: Program) -> Iterator[Write]:
    """What Flask's configuration decides: Flask-SQLAlchemy's SQLite file, Flask-Session's folder."""
    for unit in program.units.values():
        known = dict(unit.settings)
        for members in unit.classes.values():
            known.update((k, v[0]) for k, v in members.items() if v is not None and k.isupper())
        known.update(
            (k, v) for k, v in unit.bindings.items() if k in ("SQLALCHEMY_DATABASE_URI", "SESSION_TYPE")
        )
        node = known.get("SQLALCHEMY_DATABASE_URI")
        value = program.evaluator.text(node, unit)
        given = _address(value, "database") if value is not None and "://" in value else None
        if node is not None and given is not None:
            # A relative file lies in Flask's instance folder, beside the application.
            below = given if given.startswith("/") else posixpath.join("instance", given)
            path = absolute(below, program.cwd)
            if path is not None:
                yield Write(path, below, "database", "start", False, unit.source.place(node))
        node = known.get("SESSION_TYPE")
        if node is not None and program.evaluator.text(node, unit) == "filesystem":
            given = program.evaluator.text(known.get("SESSION_FILE_DIR"), unit) or "flask_session"
            path = absolute(given, program.cwd)
            if path is not None:
                yield Write(path, given, "folder", "later", False, unit.source.place(node))


def absolute(given: str | None, cwd: str) -> str | None:
    """A computed path from the root, or None where its beginning is not known."""
    if not given or given.startswith(UNKNOWN) or "\n" in given or len(given) > 400 or "://" in given:
        return None
    if UNKNOWN in given[: given.find("/") + 1] and given.startswith("/"):
        return None
    return posixpath.normpath(posixpath.join(cwd, given))


def _targets(site: Site) -> Iterator[tuple[ast.expr, str]]:
    call = site.call
    name, owner = _name_and_owner(call)
    if name == "open":
        yield from _open(call, owner)
    if name == "mkdir" and owner != "os" and isinstance(call.func, ast.Attribute):
        yield call.func.value, "folder"
    for row in _BY_NAME.get(name, ()):
        if (
            row.owner
            and owner.rpartition(".")[2] not in row.owner.split("|")
            and owner not in row.owner.split("|")
        ):
            continue
        node = _argument(call, row)
        if node is not None:
            yield node, row.kind


def _open(call: ast.Call, owner: str) -> Iterator[tuple[ast.expr, str]]:
    plain = not owner or owner in ("io", "codecs", "aiofiles", "gzip", "bz2", "tarfile")
    position = 1 if plain else 0
    mode = next((k.value for k in call.keywords if k.arg == "mode"), None)
    mode = mode if mode is not None else call.args[position] if len(call.args) > position else None
    if not (
        isinstance(mode, ast.Constant)
        and isinstance(mode.value, str)
        and _MODES & set(mode.value)
        and len(mode.value) <= 5
    ):
        return
    if plain and call.args:
        yield call.args[0], "file"
    elif isinstance(call.func, ast.Attribute):
        yield call.func.value, "file"


def _argument(call: ast.Call, row: WriteCall) -> ast.expr | None:
    if row.position == -1:
        return call.func.value if isinstance(call.func, ast.Attribute) else None
    for keyword in call.keywords:
        if keyword.arg == row.keyword and row.keyword:
            return keyword.value
    return call.args[row.position] if 0 <= row.position < len(call.args) else None


def _name_and_owner(call: ast.Call) -> tuple[str, str]:
    func = call.func
    if isinstance(func, ast.Name):
        return func.id, ""
    if not isinstance(func, ast.Attribute):
        return "", "?"
    parts: list[str] = []
    node: ast.expr = func.value
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "?")
    return func.attr, ".".join(reversed(parts))


def _address(value: str | None, kind: str) -> str | None:
    """The file behind `sqlite:///relative.db` and `sqlite:////absolute.db`; None for other databases."""
    if value is None or value in ("", ":memory:"):
        return None
    scheme, found, rest = value.partition("://")
    if not found:
        return (
            value.removeprefix("file:").partition("?")[0] if not value.startswith("file::memory:") else None
        )
    if not scheme.startswith(("sqlite", "duckdb")) or rest in ("", "/", "/:memory:"):
        return None
    return rest[1:].partition("?")[0] if rest.startswith("/") else None


def _is_noise(given: str, kind: str) -> bool:
    """What only looks like a path: a format's name, a single word for a call that means many things."""
    if kind != "saved":
        return kind == "log" and given in ("", UNKNOWN)
    base = given.rpartition("/")[2]
    return given in _NO_PATH or ("/" not in given and "." not in given) or not base
