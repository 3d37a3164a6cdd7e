"""The Python program that a Space starts: its modules, functions and calls, each with when it runs and what
catches its errors.

One pass over the syntax trees of the files that the start command reaches (`unstick.space.modules`); nothing
is run.
"""

from __future__ import annotations

import ast
import posixpath
from functools import cached_property

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.image_shell import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unstick.space.python_source import PythonSource
    from unstick.space.space import Space
    from unstick.space.values import Evaluator

MAX_FILES = 200
MAX_SITES = 20_000
"""Calls kept of one file; no real one comes near it."""

Condition = tuple[ast.expr, bool]


class Site(NamedTuple):
    """One call in the program.

    `caught` says that a broad `except` around it swallows what it raises, `conditions` are the tests of the
    `if`s around it, `guarded` that it stands under `if __name__ == "__main__"`, `missing_ok` that a missing
    file is caught.
    """

    call: ast.Call
    unit: Unit
    function: Function | None
    caught: bool
    conditions: tuple[Condition, ...]
    guarded: bool
    missing_ok: bool = False


class Function:
    """A function or method: parameters with their defaults, simple assignments, what it returns."""

    __slots__ = (
        "bindings",
        "called_as",
        "decorators",
        "name",
        "outer",
        "owner",
        "parameters",
        "positional",
        "returns",
        "unit",
    )

    def __init__(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, unit: Unit, outer: Function | None, owner: str
    ) -> None:
        self.name = node.name
        self.unit = unit
        self.outer = outer
        self.owner = owner
        self.called_as = owner if node.name == "__init__" else node.name
        self.decorators = tuple(_label(d) for d in node.decorator_list)
        self.bindings: dict[str, ast.expr] = {}
        self.returns: list[ast.expr] = []
        arguments = node.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        self.positional = names[1:] if owner and names[:1] in (["self"], ["cls"]) else names
        self.parameters: dict[str, ast.expr | None] = dict.fromkeys(self.positional)
        for name, default in zip(reversed(names), reversed(arguments.defaults), strict=False):
            self.parameters[name] = default
        for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            self.parameters[argument.arg] = value

    def argument(self, call: ast.Call, name: str) -> ast.expr | None:
        """What a call passes for a parameter."""
        for keyword in call.keywords:
            if keyword.arg == name:
                return keyword.value
        at = self.positional.index(name) if name in self.positional else -1
        return (
            call.args[at] if 0 <= at < len(call.args) and not isinstance(call.args[at], ast.Starred) else None
        )


class Unit:
    """One module: `location` is its path in the image, `when` as `unstick.space.modules` says, `script`
    whether it runs as main.
    """

    def __init__(self, source: PythonSource, location: str, when: str, script: bool) -> None:
        self.path = source.path
        self.source = source
        self.location = location
        self.when = when
        self.script = script
        self.bindings: dict[str, ast.expr] = {}
        self.imported: dict[str, tuple[Unit, str]] = {}
        self.classes: dict[str, dict[str, tuple[ast.expr, Function | None] | None]] = {}
        self.settings: dict[str, ast.expr] = {}
        self.sites: list[Site] = []
        self.mentions: set[str] = set()
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.packages: dict[str, ast.AST] = {}
        self.origins: dict[str, str] = {}


class Program:
    """Everything that is reached. `cwd` is where it runs, `environment` its variables, `home` its home
    folder.
    """

    def __init__(self, cwd: str, home: str, environment: dict[str, str]) -> None:
        self.cwd = cwd
        self.home = home
        self.environment = {"SPACE_ID": UNKNOWN, "SPACE_HOST": UNKNOWN, "SYSTEM": "spaces", **environment}
        self.units: dict[str, Unit] = {}
        self.functions: dict[str, list[Function]] = {}
        self.calls: dict[str, list[tuple[ast.Call, Unit, Function | None]]] = {}
        self.keywords: dict[str, list[tuple[ast.expr, Unit, Function | None]]] = {}

    @cached_property
    def evaluator(self) -> Evaluator:
        """Works out values inside this program."""
        from unstick.space.values import Evaluator

        return Evaluator(self)

    def sites(self) -> Iterable[Site]:
        """Every call that can run: not behind a guard that is never passed, not in a function that nothing
        mentions.
        """
        for unit in self.units.values():
            for site in unit.sites:
                if site.guarded and not unit.script:
                    continue
                if any(
                    self.evaluator.truth(t, unit, site.function) is (not wanted)
                    for t, wanted in site.conditions
                ):
                    continue
                if site.function is None or not self._dead(site.function):
                    yield site

    def when(self, site: Site) -> str:
        """'import' while modules are loaded or the script runs, 'start' in a start-up hook, else 'later'."""
        if site.function is None:
            return "import" if site.unit.when == "start" else "later"
        return self._runs.get(id(site.function), "later")

    def swallowed(self, site: Site) -> bool:
        """Whether an error of this call is caught around it, or around every call of the function it stands
        in.
        """
        if site.caught:
            return True
        function = site.function
        if function is None or function.name == "__init__":
            return False
        around = self._catches.get(function.called_as, [])
        return bool(around) and all(around)

    @cached_property
    def _catches(self) -> dict[str, list[bool]]:
        """For each called name, whether an error is caught around each call."""
        out: dict[str, list[bool]] = {}
        for unit in self.units.values():
            for site in unit.sites:
                out.setdefault(_called(site.call), []).append(site.caught)
        return out

    @cached_property
    def _mentions(self) -> set[str]:
        return {name for unit in self.units.values() for name in unit.mentions}

    @cached_property
    def _runs(self) -> dict[int, str]:
        out: dict[int, str] = {}
        todo: list[tuple[Function, str]] = []
        for unit in self.units.values():
            if unit.when != "start":
                continue
            for site in unit.sites:
                if site.function is None and (unit.script or not site.guarded):
                    todo += [(f, "import") for f in self._meant(site)]
        for functions in self.functions.values():
            todo += [(f, "start") for f in functions if f.unit.when == "start" and _is_hook(f)]
        inside: dict[int, list[Site]] = {}
        for unit in self.units.values():
            for site in unit.sites:
                if site.function is not None:
                    inside.setdefault(id(site.function), []).append(site)
        while todo:
            function, when = todo.pop()
            if out.get(id(function)) in (when, "import"):
                continue
            out[id(function)] = when
            for site in inside.get(id(function), ()):
                todo += [(f, when) for f in self._meant(site)]
        return out

    def _meant(self, site: Site) -> list[Function]:
        """The functions of that name that a call can mean: `f()` no method, `module.f()` one of that module,
        `value.f()` a method.
        """
        rows, node = self.functions.get(_called(site.call), []), site.call.func
        if isinstance(node, ast.Name):
            return [f for f in rows if not f.owner or f.outer or f.called_as == f.owner]
        while isinstance(node, ast.Attribute):
            node = node.value
        found = site.unit.imported.get(node.id) if isinstance(node, ast.Name) else None
        if found is None:
            return [f for f in rows if f.owner]
        return rows if found[1] else [f for f in rows if f.owner or f.unit is found[0]]

    def _dead(self, function: Function) -> bool:
        at: Function | None = function
        while at is not None:
            if not at.decorators and not at.name.startswith("__") and at.name not in self._mentions:
                return True
            at = at.outer
        return False


_HOOKS = (
    "on_event",
    "startup",
    "before_first_request",
    "before_serving",
    "asynccontextmanager",
    "contextmanager",
    "on_startup",
    "lifespan",
)


def _is_hook(function: Function) -> bool:
    return function.name in ("lifespan", "startup", "startup_event", "on_startup", "app_lifespan") or any(
        (d.endswith(_HOOKS) and "context" not in d) or ("context" in d and "lifespan" in function.name)
        for d in function.decorators
    )


def program_of(space: Space) -> Program | None:
    """The program of a Space, read once; None where no Python file is started."""
    if "_program" not in space.__dict__:
        space.__dict__["_program"] = _build(space)
    known: Program | None = space.__dict__["_program"]
    return known


def _build(space: Space) -> Program | None:
    from unstick.space.image import image_of
    from unstick.space.modules import modules
    from unstick.space.python_calls import read_unit
    from unstick.space.start import start

    image, reached = image_of(space), modules(space)
    if image is None or not reached.files:
        return None
    program = Program(working_folder(space), image.home() or "/", image.environment)
    scripts = {e.path for e in start(space).entries if e.script}
    for path, when in list(reached.files.items())[:MAX_FILES]:
        source = space.python(path)
        if source is None or source.tree is None:
            continue
        location = image.location(path) or posixpath.join(image.workdir, path)
        script = path in scripts or (when == "page" and space.sdk == "streamlit")
        program.units[path] = Unit(source, location, when, script)
    for unit in program.units.values():
        read_unit(program, unit)
    for unit in program.units.values():
        _link(program, unit, reached.roots)
    return program


def working_folder(space: Space) -> str:
    """The folder the Python program runs in: the image's, after every `cd` of the command before it."""
    from unstick.space.image import image_of
    from unstick.space.image_ops import join
    from unstick.space.image_shell import shell_commands
    from unstick.space.start import start

    image = image_of(space)
    if image is None:
        return "/"
    cwd, layers = image.workdir, image.layers
    texts = [_command_text(step) for step in (layers.entrypoint, layers.command) if step is not None]
    texts += [space.text(name) or "" for name in start(space).scripts if name.endswith(".sh")]
    for text in texts:
        for command in shell_commands(text, image.environment):
            words = list(command.words)
            if (
                words[:1] == ["cd"]
                and len(words) > 1
                and UNKNOWN not in words[1]
                and "dirname" not in words[1]
            ):
                cwd = join(cwd, words[1])
            elif "--chdir" in words[:-1]:
                cwd = join(cwd, words[words.index("--chdir") + 1])
            elif any(w.startswith("--chdir=") for w in words):
                cwd = join(cwd, next(w for w in words if w.startswith("--chdir="))[8:])
    return cwd


def _command_text(step: object) -> str:
    words = step.word_texts()  # type: ignore[attr-defined]
    if step.form == "shell":  # type: ignore[attr-defined]
        return str(step.text)  # type: ignore[attr-defined]
    if "-c" in words[:-1]:
        return str(words[words.index("-c") + 1])
    return " ".join("'" + w.replace("'", "'\\''") + "'" for w in words)


def _link(program: Program, unit: Unit, roots: tuple[str, ...]) -> None:
    """Resolve the imports of one module to other modules of the program."""
    folder = posixpath.dirname(unit.path)
    for node in unit.imports:
        if isinstance(node, ast.Import):
            for alias in node.names:
                other = _find(program, alias.name, roots, folder)
                if other is not None:
                    unit.imported[alias.asname or alias.name.partition(".")[0]] = (other, "")
            continue
        base = folder
        for _ in range(node.level - 1):
            base = posixpath.dirname(base)
        for alias in node.names:
            name = alias.asname or alias.name
            module = node.module or ""
            if node.level:
                other = _at(program, posixpath.join(base, module.replace(".", "/")))
                inner = _at(program, posixpath.join(base, module.replace(".", "/"), alias.name))
            else:
                other = _find(program, module, roots, folder)
                inner = _find(program, f"{module}.{alias.name}", roots, folder)
            if inner is not None:
                unit.imported[name] = (inner, "")
            elif other is not None:
                unit.imported[name] = (other, alias.name)


def _find(program: Program, module: str, roots: tuple[str, ...], folder: str) -> Unit | None:
    inner = module.replace(".", "/")
    for root in (*roots, folder, ""):
        found = _at(program, posixpath.join(root, inner))
        if found is not None:
            return found
    return None


def _at(program: Program, base: str) -> Unit | None:
    base = posixpath.normpath(base)
    return program.units.get(base + ".py") or program.units.get(base + "/__init__.py")


def _called(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _label(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else "?"
