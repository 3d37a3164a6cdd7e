"""What calls of Python's own and of well-known libraries give, as far as a start command needs it."""

from __future__ import annotations

import posixpath

from unstick.record import TYPE_CHECKING
from unstick.space.launch.py_values import UNKNOWN_PY, Extern, Instance, Py
from unstick.space.launch.types import Value
from unstick.space.launch.walk import Argument
from unstick.space.types import Place

if TYPE_CHECKING:
    from typing import Any

    from unstick.space.launch.py_walk import PyWalk

Positional = list[Py]
Keywords = dict[str, Py]

_PATHS: dict[str, Any] = {
    "os.path.dirname": posixpath.dirname,
    "os.path.basename": posixpath.basename,
    "os.path.abspath": posixpath.normpath,
    "os.path.realpath": posixpath.normpath,
}
_CASTS = {"int": int, "str": str, "float": float}
_GET = frozenset(
    ("os.environ.get", "os.getenv", "environ.get", "decouple.config", "starlette.config.Config.__call__")
)
_PROCESS = frozenset(
    [
        "subprocess.run",
        "subprocess.Popen",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "os.system",
        "os.popen",
        "subprocess.getoutput",
        "os.execvp",
        "os.execv",
        "os.execvpe",
        "os.execve",
        "os.execlp",
        "os.execl",
        "asyncio.create_subprocess_exec",
        "asyncio.create_subprocess_shell",
        "os.spawnlp",
        "os.spawnvp",
    ]
)
_TARGETS = frozenset(
    ("threading.Thread", "multiprocessing.Process", "threading.Timer", "multiprocessing.context.Process")
)
_CALLERS = frozenset(
    [
        "fire.Fire",
        "typer.run",
        "absl.app.run",
        "anyio.run",
        "trio.run",
        "asyncio.to_thread",
        "threading.start_new_thread",
        "_thread.start_new_thread",
        "asyncio.get_event_loop.run_in_executor",
        "concurrent.futures.Executor.submit",
    ]
)


def environment(walk: PyWalk, name: Py, default: Py | None) -> Py:
    """`os.environ.get(name, default)`: the variable where something sets it, else the default."""
    if not isinstance(name.obj, str):
        return UNKNOWN_PY
    given = walk.variables.get(name.obj)
    if given is not None:
        if given.text is None:
            return UNKNOWN_PY._replace(variable=name.obj)
        return Py(given.text, given.known, given.place, given.exact, name.obj)
    if default is None:
        return Py(None, "env-default", variable=name.obj)
    return default._replace(known="env-default" if default.seen else "unknown", variable=name.obj)


def call_extern(walk: PyWalk, name: str, args: Positional, keywords: Keywords, place: Place) -> Py:
    """The result of calling something outside the Space; servers and processes it starts are noted."""
    first = args[0] if args else keywords.get("key") if name in _GET else None
    value = _value_of_call(walk, name, first, args, keywords)
    if value is not None:
        return value
    if name in ("dotenv.load_dotenv", "load_dotenv"):
        _load_dotenv(walk, first)
    elif name in _PROCESS:
        _process(walk, name, args, keywords, place)
    elif name in _TARGETS:
        target = keywords.get("target") or (args[1] if len(args) > 1 else None)
        passed, named = keywords.get("args"), keywords.get("kwargs")
        values = passed.obj if passed is not None and isinstance(passed.obj, list) else []
        words = named.obj if named is not None and isinstance(named.obj, dict) else {}
        walk.call_back(target, values, words, True)
        return Py(Instance(name))
    elif name in _CALLERS or name.endswith((".run_in_executor", ".submit", ".call_soon", ".create_task")):
        for argument in args:
            walk.call_back(argument, [], {}, not name.startswith(("fire", "typer", "absl", "anyio", "trio")))
    elif name in ("exec", "runpy.run_path", "runpy.run_module", "importlib.import_module", "__import__"):
        return _dynamic(walk, name, first, keywords)
    elif name in ("sys.exit", "exit", "quit", "os._exit"):
        walk.exited = True
    elif name not in ("os.path.exists", "os.path.isdir", "os.path.isfile"):
        return walk.serve_call(name, args, keywords, place)
    return UNKNOWN_PY


def _value_of_call(
    walk: PyWalk, name: str, first: Py | None, args: Positional, keywords: Keywords
) -> Py | None:
    """What a function that only computes, or reads or sets variables, gives; None for all others."""
    if name == "dict":
        if first is None:
            return Py(dict(keywords))
        return first._replace(obj={**first.obj, **keywords}) if isinstance(first.obj, dict) else UNKNOWN_PY
    if name in ("os.path.join", "posixpath.join") and all(isinstance(a.obj, str) for a in args):
        return Py(posixpath.join(*[a.obj for a in args]) if args else "")
    if first is None:
        return None
    if name in _GET:
        default = keywords.get("default", args[1] if len(args) > 1 else None)
        return _cast(environment(walk, first, default), keywords.get("cast"))
    if name in _CASTS:
        return _cast(first, Py(Extern(name)))
    if name == "bool" and first.seen:
        plain = isinstance(first.obj, (str, int, type(None)))
        return first._replace(obj=bool(first.obj), exact=False) if plain else Py(True)
    if name == "os.environ.setdefault" and len(args) > 1 and isinstance(first.obj, str):
        if walk.variables.get(first.obj) is None:
            walk.variables.set(first.obj, args[1].value())
        return UNKNOWN_PY
    if name == "os.environ.update" and isinstance(first.obj, dict):
        for key, value in first.obj.items():
            walk.variables.set(str(key), value.value())
        return UNKNOWN_PY
    if name in _PATHS and isinstance(first.obj, str):
        return first._replace(obj=_PATHS[name](first.obj), exact=False)
    return first if name == "list" and isinstance(first.obj, list) else None


def _cast(value: Py, kind: Py | None) -> Py:
    if kind is None or not value.seen or not isinstance(kind.obj, Extern):
        return value
    cast: Any = _CASTS.get(kind.obj.name)
    if cast is None or not isinstance(value.obj, (str, int, float)):
        return value if cast is not None and value.obj is None else UNKNOWN_PY
    try:
        return value._replace(obj=cast(value.obj))
    except ValueError:
        return UNKNOWN_PY


def _dynamic(walk: PyWalk, name: str, first: Py | None, keywords: Keywords) -> Py:
    """Code that is loaded by name: followed where the name is written out."""
    given = first.obj if first is not None and isinstance(first.obj, str) else ""
    if name in ("importlib.import_module", "__import__"):
        path = walk.module_path(given) if given and not given.startswith(".") else ""
    else:
        path = {"runpy.run_path": given, "runpy.run_module": walk.module_path(given)}.get(name, "")
    if not given or (name == "exec") or (not path and name.startswith("runpy")):
        walk.cannot_tell(f"{name} loads code that is not known here")
        return UNKNOWN_PY
    if not path:
        return Py(Extern(given))
    said = keywords.get("run_name")
    module = walk.load(path, said is not None and said.obj == "__main__")
    return Py(module) if module is not None else UNKNOWN_PY


def _load_dotenv(walk: PyWalk, path: Py | None) -> None:
    name = path.obj if path is not None and isinstance(path.obj, str) else ".env"
    text = (
        walk.space.tree.read_text(posixpath.join(walk.main_folder, name))
        or walk.space.tree.read_text(name)
        or ""
    )
    for number, row in enumerate(text[:100_000].split("\n"), 1):
        key, equals, value = row.strip().removeprefix("export ").partition("=")
        if equals and key.strip().isidentifier() and walk.variables.get(key.strip()) is None:
            walk.variables.set(key.strip(), Value(value.strip().strip("\"'"), "literal", Place(name, number)))


def _process(walk: PyWalk, name: str, args: Positional, keywords: Keywords, place: Place) -> None:
    """A child process: its arguments as a list, or a shell's text."""
    if name.startswith(("os.exec", "os.spawn")):
        words = args[1:] if name.startswith("os.exec") else args[2:]
        if (len(words) == 1 and isinstance(words[0].obj, list)) or (
            name.endswith(("vpe", "ve")) and words and isinstance(words[0].obj, list)
        ):
            words = words[0].obj
    elif name == "asyncio.create_subprocess_exec":
        words = args
    else:
        command = args[0] if args else keywords.get("args", UNKNOWN_PY)
        if isinstance(command.obj, str):
            walk.shell_text(command.obj, place, _folder(keywords), name)
            return
        if not isinstance(command.obj, list):
            walk.cannot_tell("a child process is started whose command is not known here")
            return
        words = command.obj
        if len(words) == 1 and isinstance(words[0].obj, str) and " " in words[0].obj:
            walk.shell_text(words[0].obj, place, _folder(keywords), name)
            return
    walk.process(tuple(_argument(w, place) for w in words), place, _folder(keywords), name)


def _folder(keywords: Keywords) -> str:
    cwd = keywords.get("cwd")
    return cwd.obj if cwd is not None and isinstance(cwd.obj, str) else ""


def _argument(word: Py, place: Place) -> Argument:
    if isinstance(word.obj, Extern) and word.obj.name == "sys.executable":
        return Argument(Value("python", "literal", place), place)
    return Argument(word.value(), word.place if word.place.path else place)
