"""Starting Python: a file, a module, code on the command line, an installed command."""

from __future__ import annotations

import ast
import re

from unstick.space.launch.known import start_server
from unstick.space.launch.py_invoke import call_value
from unstick.space.launch.py_modules import find_module
from unstick.space.launch.py_values import Module
from unstick.space.launch.py_walk import PyWalk
from unstick.space.launch.table import QUIET, kind_of
from unstick.space.launch.types import Value
from unstick.space.launch.walk import Argument, Arguments, Context, Walk, find_source
from unstick.space.python_source import PythonSource, parse_python
from unstick.space.types import Place

_TAKES_VALUE = ("-W", "-X", "--check-hash-based-pycs")
_NO_SERVER = frozenset(
    (
        "pip",
        "venv",
        "celery",
        "pytest",
        "compileall",
        "spacy",
        "nltk.downloader",
        "playwright",
        "alembic",
        "unittest",
        "ensurepip",
        "build",
        "debugpy",
    )
)


class _Inline(PythonSource):
    """Code given with `-c`: everything in it has the place of the command."""

    __slots__ = ()

    def place(self, node: ast.AST) -> Place:
        return self.error_place or Place(self.path)


def run_python(walk: Walk, context: Context, rest: Arguments) -> None:
    """`python …`."""
    i = 0
    while i < len(rest):
        text = rest[i].text
        if text in _TAKES_VALUE:
            i += 2
        elif text in ("-m", "-um", "-Im"):
            _module(walk, context, rest[i + 1 :])
            return
        elif text in ("-c", "-uc", "-Ic"):
            _code(walk, context, rest[i + 1 :])
            return
        elif text == "-":
            return
        elif text.startswith("-") and len(text) > 1:
            i += 1
        else:
            _script(walk, context, rest[i], rest[i + 1 :])
            return


def _script(walk: Walk, context: Context, first: Argument, rest: Arguments) -> None:
    name = first.text
    if name.rsplit("/", 1)[-1] == "manage.py":
        kind = kind_of("manage.py", tuple(a.text for a in rest))
        if kind is not None:
            start_server(walk, context, kind, first, rest)
        return
    program = name.rsplit("/", 1)[-1]
    if kind_of(program, tuple(a.text for a in rest)) is not None and not name.endswith(".py"):
        from unstick.space.launch.commands import run

        run(walk, context.deeper(), (first, *rest))
        return
    source = find_source(walk, context, name) if name else None
    if source is None:
        source = find_source(walk, context, f"{name.rstrip('/')}/__main__.py") if name else None
    if source is None:
        walk.cannot_tell(f"{name or 'the Python file to start'} is not at hand")
        return
    if source.text is not None:
        inline = _parse(source.text, context.place)
        _run_source(walk, context, inline, rest)
        return
    run_file(walk, context, source.path, rest)


def run_file(walk: Walk, context: Context, path: str, rest: Arguments) -> PyWalk | None:
    """Follow a file of the Space as `__main__`."""
    key = (path, " ".join(a.text for a in rest))
    if key in walk.seen:
        return None
    walk.seen.add(key)
    python = _new(walk, context.deeper(path), rest)
    python.run_main(path)
    return python


def _new(walk: Walk, context: Context, rest: Arguments) -> PyWalk:
    context = context._replace(variables=context.variables.copy())
    return PyWalk(walk, context, rest, search_folders(walk, context))


def search_folders(walk: Walk, context: Context) -> tuple[str, ...]:
    """Folders of the repository where modules are looked for: the work folder, PYTHONPATH, src, the root."""
    out: list[str] = []
    here = walk.image.folder_at(context.cwd, "/")
    if here is not None:
        out.append(here)
    said = context.variables.get("PYTHONPATH")
    for part in (said.text or "").split(":") if said else ():
        folder = walk.image.folder_at(part, context.cwd) if part else None
        if folder is not None:
            out.append(folder)
    return tuple(dict.fromkeys([*out, *(f"{f}/src" if f else "src" for f in out[:1]), "", "src"]))


def _module(walk: Walk, context: Context, rest: Arguments) -> None:
    if not rest:
        return
    first = rest[0]
    name = first.text
    kind = kind_of(name, tuple(a.text for a in rest[1:]))
    if kind is not None:
        start_server(walk, context, kind, first, rest[1:])
        return
    if name in _NO_SERVER or name in QUIET:
        return
    folders = search_folders(walk, context)
    tree = walk.space.tree
    path = find_module(tree, f"{name}.__main__", folders) or find_module(tree, name, folders)
    if not path:
        walk.cannot_tell(f"the Python module {name or '(unknown)'} is not part of the Space")
        return
    python = _new(walk, context.deeper(path), rest[1:])
    python.load(path, True)


def _code(walk: Walk, context: Context, rest: Arguments) -> None:
    if rest and rest[0].value.text is not None:
        _run_source(
            walk,
            context,
            _parse(rest[0].text, rest[0].place if rest[0].place.path else context.place),
            rest[1:],
        )


def _parse(text: str, place: Place) -> PythonSource:
    import textwrap

    source = parse_python(place.path, text, textwrap.dedent(text).encode("utf-8", "surrogateescape"))
    return _Inline(source.path, text, source.tree, source.lines, source.error, place)


def _run_source(walk: Walk, context: Context, source: PythonSource, rest: Arguments) -> None:
    from unstick.space.launch.py_values import Frame

    if source.tree is None:
        return
    python = _new(walk, context.deeper(), rest)
    module = Module(source.path, source, True)
    module.folder = ""
    python.modules["-c"] = module
    python.block(source.tree.body, Frame(module, module.names))


def run_console_script(walk: Walk, context: Context, name: str, rest: Arguments) -> bool:
    """An installed command that the Space's own pyproject.toml or setup.cfg defines; False when it defines
    none.
    """
    import posixpath

    wanted = re.escape(posixpath.basename(name))
    here = walk.image.folder_at(context.cwd, "/") or ""
    for path in dict.fromkeys(
        (posixpath.join(here, "pyproject.toml"), "pyproject.toml", "setup.cfg", "setup.py")
    ):
        text = (walk.space.tree.read_text(path) or "")[:200_000]
        match = re.search(rf"(?m)^[ \t]*['\"]?{wanted}['\"]?\s*=\s*['\"]?([\w.]+):(\w+)", text)
        if match is None:
            continue
        module_path = find_module(walk.space.tree, match.group(1), search_folders(walk, context))
        if not module_path:
            return False
        python = _new(walk, context.deeper(module_path), rest)
        module = python.load(module_path)
        function = module.names.get(match.group(2)) if module is not None else None
        if function is None:
            return False
        call_value(python, function, [], {}, context.place)
        return True
    return False


def module_value(walk: Walk, context: Context, path: str, name: str) -> Value | None:
    """The value of a name in a Python configuration file, or None when it is not set there."""
    python = _new(walk, context.deeper(path), ())
    module = python.load(path)
    value = module.names.get(name) if module is not None else None
    if value is None:
        return None
    if isinstance(value.obj, list) and value.obj:
        return value.obj[0].value()  # type: ignore[no-any-return]
    return value.value()
