"""Files that a Space's program reads and that have to be there: models, tables, configuration."""

from __future__ import annotations

import ast
import posixpath

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.image_shell import UNKNOWN
from unstick.space.writes import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space.program import Program, Site
    from unstick.space.space import Space
    from unstick.space.types import Place

READERS: dict[str, tuple[str, ...]] = {
    "open": ("",), "load": ("joblib", "torch", "np", "numpy", "pickle5", "xgb", "lgb"), "read_csv": ("",),
    "read_excel": ("",),
    "read_parquet": ("",), "read_json": ("",), "read_pickle": ("",), "load_model": ("",), "loadtxt": ("",),
    "YOLO": ("",),
    "read_text": ("",), "read_bytes": ("",), "listdir": ("os",), "Booster": ("",),
    "InferenceSession": ("",), "imread": ("",),
    "read_index": ("faiss",), "load_weights": ("",), "from_file": ("Tokenizer",),
    "load_facebook_model": ("",), "iterdir": ("",),
    "load_local": ("FAISS",), "from_service_account_file": ("",), "FileResponse": ("",),
    "load_learner": ("",), "CascadeClassifier": ("",),
}  # fmt: skip
"""Calls that read a file, and what may stand before the name ('' for anything)."""

_KEYWORDS = ("filepath_or_buffer", "filename", "path", "model_file", "model_path", "file", "fname")


class Read(NamedTuple):
    """One read. `path` is absolute, `given` as the program computes it, `when` as for writes, `caught`
    whether a failure is swallowed.
    """

    path: str
    given: str
    when: str
    caught: bool
    place: Place
    site: Site | None
    folder: bool = False


def reads_of(space: Space) -> tuple[Read, ...]:
    """Every read whose path is known as a whole; worked out once."""
    if "_reads" not in space.__dict__:
        from unstick.space.program import program_of

        program = program_of(space)
        space.__dict__["_reads"] = tuple(_find(program)) if program is not None else ()
    known: tuple[Read, ...] = space.__dict__["_reads"]
    return known


def _find(program: Program) -> Iterator[Read]:
    for site in program.sites():
        node = _target(site)
        if node is None:
            continue
        given = program.evaluator.text(node, site.unit, site.function)
        path = absolute(given, program.cwd)
        if (
            path is None
            or given is None
            or UNKNOWN in path
            or given in (".", "..", "/")
            or not _is_path(site, given)
        ):
            continue
        folder = _name(site.call) in ("listdir", "iterdir", "load_local")
        yield Read(
            path,
            given,
            program.when(site),
            program.swallowed(site),
            site.unit.source.place(site.call),
            site,
            folder,
        )
    for unit in program.units.values():
        node = unit.settings.get("environ:GOOGLE_APPLICATION_CREDENTIALS")
        given = program.evaluator.text(node, unit) if node is not None else None
        path = absolute(given, program.cwd)
        if node is not None and path is not None and given is not None and UNKNOWN not in path:
            yield Read(path, given, "later", False, unit.source.place(node), None)


def asked_for(program: Program) -> dict[str, Place]:
    """The paths whose existence the program checks, each with the first place that does."""
    out: dict[str, Place] = {}
    for name in ("exists", "isfile", "isdir", "is_file", "is_dir"):
        for call, unit, function in program.calls.get(name, ())[:300]:
            node = (
                call.args[0]
                if call.args
                else call.func.value
                if isinstance(call.func, ast.Attribute)
                else None
            )
            path = absolute(program.evaluator.text(node, unit, function), program.cwd)
            if path is not None:
                out.setdefault(path, unit.source.place(call))
    return out


def _target(site: Site) -> ast.expr | None:
    call = site.call
    name = _name(call)
    owners = READERS.get(name)
    if owners is None:
        return None
    owner = _owner(call)
    if owners != ("",) and owner not in owners:
        return None
    if name == "open":
        mode = (
            call.args[1]
            if len(call.args) > 1
            else next((k.value for k in call.keywords if k.arg == "mode"), None)
        )
        value = mode.value if isinstance(mode, ast.Constant) else "r"
        if owner not in ("", "io", "codecs", "gzip", "aiofiles", "Image") or set(str(value)) & set("wax"):
            return None
    if name in ("read_text", "read_bytes", "iterdir"):
        return call.func.value if isinstance(call.func, ast.Attribute) else None
    keyword = next((k.value for k in call.keywords if k.arg in _KEYWORDS), None)
    return call.args[0] if call.args else keyword


def _is_path(site: Site, given: str) -> bool:
    """A plain name without a folder and without an ending names a model of a hub, not a file."""
    name = _name(site.call)
    if name == "YOLO":
        # Well-known weights are fetched by the library itself.
        return "/" in given and not posixpath.basename(given).startswith(("yolo", "rtdetr", "sam"))
    if name == "load_model":
        return "." in posixpath.basename(given) or given.startswith(("/", "./"))
    return not given.startswith(("http:", "https:", "hf:", "s3:", "gs:"))


def _name(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _owner(call: ast.Call) -> str:
    func = call.func
    return (
        func.value.id
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)
        else ""
        if isinstance(func, ast.Name)
        else "?"
    )
