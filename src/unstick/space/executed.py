"""What runs before a Space's server listens: module bodies, and the functions and classes that these call.

A careful guess, not an interpreter: names are followed through the files that the start command loads,
methods by their
class where it is known, else where the name is unique. Threads, tasks and callbacks are not followed,
since they do not block.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.modules import modules
from unstick.space.start import start

if TYPE_CHECKING:
    from unstick.space import Space
    from unstick.space.python_source import PythonSource

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_LEAVES = (ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.cmpop)
"""Nothing is called inside of these, and they are most of a tree."""
_LISTEN = {
    "launch",
    "serve",
    "serve_forever",
    "run_forever",
    "run_polling",
    "run_app",
    "mainloop",
    "infinity_polling",
}
_MAX = 400
_LISTEN_FIRST = {"streamlit", "chainlit"}
"""Servers that listen before they run the app's file; beside another server their file does not count."""
_FACTORIES = {"create_app", "make_app", "build_app", "get_app"}
"""Functions that a start command or a server with --factory calls."""


class Step(NamedTuple):
    """One node that runs before the server listens. `caught` says that it stands in a try whose handler
    does not raise,
    `called` the name of the function it stands in (empty: the module itself)."""

    source: PythonSource
    node: ast.AST
    caught: bool
    called: str


class _Body(NamedTuple):
    source: PythonSource
    body: list[ast.stmt]
    called: str
    owner: str
    script: bool


def executed(space: Space) -> tuple[Step, ...]:
    """All calls, subscripts and raises that run before the server listens, worked out once a Space."""
    known = space.__dict__.get("_executed")
    if known is None:
        known = space.__dict__["_executed"] = tuple(_Walk(space).run())
    return known


class _Walk:
    def __init__(self, space: Space) -> None:
        self.space = space
        self.functions: dict[str, list[_Body]] = {}
        self.methods: dict[str, list[_Body]] = {}
        self.seen: set[int] = set()
        self.todo: list[_Body] = []

    def run(self) -> Iterator[Step]:
        entries = start(self.space).entries
        scripts = {e.path for e in entries if e.script}
        programs = {name for name, _ in start(self.space).programs}
        files = [path for path, when in modules(self.space).files.items() if when == "start"]
        listening = {e.path for e in entries if e.by in _LISTEN_FIRST}
        if listening == {e.path for e in entries}:
            listening = set()
        for path in (p for p in files if p not in listening):
            source = self.space.python(path)
            if source is not None and source.tree is not None:
                self._index(source)
                self.todo.append(_Body(source, source.tree.body, "", "", path in scripts))
        for entry in entries:
            if entry.by in programs:
                self.todo += [b for b in self.functions.get("main", []) if b.source.path == entry.path]
        done = 0
        while self.todo and done < _MAX:
            body = self.todo.pop(0)
            if id(body.body) in self.seen:
                continue
            self.seen.add(id(body.body))
            done += 1
            for statement in body.body:
                if _listens(statement, body):
                    break
                yield from self._node(statement, body, False)

    def _index(self, source: PythonSource) -> None:
        for node in source.tree.body if source.tree else ():
            if isinstance(node, _FUNCTION):
                body = _Body(source, node.body, node.name, "", False)
                self.functions.setdefault(node.name, []).append(body)
                if node.name in _FACTORIES or _runs_at_startup(node):
                    self.todo.append(body)
            elif isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, _FUNCTION):
                        name = f"{node.name}.{inner.name}"
                        body = _Body(source, inner.body, name, node.name, False)
                        self.methods.setdefault(name, []).append(body)
                        self.methods.setdefault("." + inner.name, []).append(body)

    def _node(self, node: ast.AST, body: _Body, caught: bool) -> Iterator[Step]:
        if isinstance(node, (*_FUNCTION, ast.Lambda)):
            return
        if isinstance(node, ast.If) and _is_main(node.test):
            if body.script:
                for statement in node.body:
                    if _listens(statement, body):
                        return
                    yield from self._node(statement, body, caught)
            return
        if isinstance(node, ast.Try):
            quiet = caught or any(not _raises(handler) for handler in node.handlers)
            for inner in node.body:
                yield from self._node(inner, body, quiet)
            for inner in (*node.orelse, *node.finalbody):
                yield from self._node(inner, body, caught)
            return
        if isinstance(node, (ast.Call, ast.Subscript, ast.Raise)):
            yield Step(body.source, node, caught, body.called)
        if isinstance(node, ast.Call):
            self._call(node, body)
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, _LEAVES):
                yield from self._node(child, body, caught)

    def _call(self, node: ast.Call, body: _Body) -> None:
        function = node.func
        if isinstance(function, ast.Name):
            self.todo += self.functions.get(function.id, [])[:2]
            self.todo += self.methods.get(f"{function.id}.__init__", [])[:1]
        elif isinstance(function, ast.Attribute):
            base = function.value
            if isinstance(base, ast.Name) and base.id in ("self", "cls") and body.owner:
                self.todo += self.methods.get(f"{body.owner}.{function.attr}", [])[:1]
            elif isinstance(base, ast.Name) and f"{base.id}.{function.attr}" in self.methods:
                self.todo += self.methods[f"{base.id}.{function.attr}"][:1]
            else:
                rows = self.methods.get("." + function.attr, [])
                if len(rows) == 1:
                    self.todo += rows
                if isinstance(base, ast.Name):
                    rows = self.functions.get(function.attr, [])
                    self.todo += [row for row in rows if _is_module(base.id, row.source, body.source)][:1]


def _is_module(name: str, module: PythonSource, here: PythonSource) -> bool:
    """Whether `name` stands for that module in the file `here`: its own name, or the alias of an import."""
    own = posixpath.basename(module.path.removesuffix("/__init__.py")).removesuffix(".py")
    return name == own or f"{own} as {name}" in here.text


def _listens(statement: ast.stmt, body: _Body) -> bool:
    """Whether a statement at the top starts the server: what follows it runs later."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return False
    name, base = value.func.attr, value.func.value
    return name in _LISTEN or (
        name == "run"
        and isinstance(base, ast.Name)
        and base.id in {"uvicorn", "app", "hypercorn", "socketio", "mcp", "server"}
    )


def _runs_at_startup(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A lifespan function, or a handler of the startup event."""
    for decorator in node.decorator_list:
        text = ast.unparse(decorator)
        if (
            "asynccontextmanager" in text
            or ("on_event" in text and "startup" in text)
            or "before_serving" in text
        ):
            return True
    return False


def _is_main(test: ast.expr) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(test))


def _raises(handler: ast.ExceptHandler) -> bool:
    """Whether a handler raises again or leaves the process."""
    for node in ast.walk(handler):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"sys.exit", "exit", "quit", "os._exit"}:
            return True
    return False
