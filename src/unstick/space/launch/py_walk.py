"""Python code followed on paper: assignments, branches, calls into the Space's own modules, servers
started.
"""

from __future__ import annotations

import ast
import posixpath

from unstick.record import TYPE_CHECKING
from unstick.space.launch.py_evaluate import evaluate, truth
from unstick.space.launch.py_modules import absolute_name, find_module
from unstick.space.launch.py_serve import serve_call
from unstick.space.launch.py_values import UNKNOWN_PY, Class, Extern, Frame, Function, Instance, Module, Py
from unstick.space.launch.variables import Variables
from unstick.space.launch.walk import Argument, Context, Walk
from unstick.space.types import Place

if TYPE_CHECKING:
    from typing import Any


MAX_NODES = 30_000
MAX_MODULES = 80
MAX_CALLS = 24


class PyWalk:
    """Follows one Python process."""

    def __init__(
        self, walk: Walk, context: Context, arguments: tuple[Argument, ...], folders: tuple[str, ...]
    ) -> None:
        self.walk = walk
        self.space = walk.space
        self.context = context
        self.variables: Variables = context.variables
        self.arguments = arguments
        self.folders = folders
        self.modules: dict[str, Module] = {}
        self.nodes = 0
        self.depth = 0
        self.exited = False
        self.main_folder = ""
        self.active: list[Any] = []
        self.background = 0
        self.doubt = 0
        self.blind = False
        """Whether something was called that might start a server and could not be followed."""

    def cannot_tell(self, reason: str) -> None:
        """Note why a server may be missing."""
        self.walk.cannot_tell(reason)

    # modules

    def run_main(self, path: str) -> Module | None:
        """Run a file as `__main__`."""
        self.main_folder = posixpath.dirname(path)
        return self.load(path, True)

    def load(self, path: str, is_main: bool = False) -> Module | None:
        """A module of the Space, its top level followed once."""
        if path in self.modules:
            return self.modules[path]
        source = self.space.python(path)
        if source is None or source.tree is None or len(self.modules) >= MAX_MODULES:
            if is_main or source is None:
                self.cannot_tell(f"{path} cannot be read as Python")
            return None
        module = Module(path, source, is_main)
        self.modules[path] = module
        frame = Frame(module, module.names)
        self.block(source.tree.body, frame)
        if is_main:
            self.exited = False
        return module

    def import_names(self, node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
        """Bind what an import statement binds."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                path = self.module_path(alias.name)
                if alias.asname or "." not in alias.name:
                    frame.names[alias.asname or alias.name] = self._module_value(path, alias.name)
                else:
                    top = alias.name.split(".", 1)[0]
                    if path:
                        self.load(path)
                    frame.names[top] = self._module_value(self.module_path(top), top)
            return
        base = (
            absolute_name(frame.module.file, node.level, node.module or "")
            if node.level
            else node.module or ""
        )
        path = self._relative_path(base) if node.level else self.module_path(base)
        module = self.load(path) if path else None
        for alias in node.names:
            if alias.name == "*":
                if module is not None:
                    frame.names.update({k: v for k, v in module.names.items() if not k.startswith("_")})
                continue
            frame.names[alias.asname or alias.name] = self._member(
                module, path, base, alias.name, bool(node.level)
            )

    def _member(self, module: Module | None, path: str, base: str, name: str, relative: bool) -> Py:
        if module is not None and name in module.names:
            return module.names[name]
        if path.endswith("__init__.py") or (relative and not path):
            inner = posixpath.join(posixpath.dirname(path) if path else base, name)
            found = self._relative_path(inner)
            if found:
                return self._module_value(found, name)
        if module is not None:
            return UNKNOWN_PY
        found = "" if relative else self.module_path(f"{base}.{name}")
        return self._module_value(found, f"{base}.{name}".replace("/", "."))

    def module_path(self, dotted: str) -> str:
        """The file of a module of the Space, or an empty string."""
        return find_module(self.space.tree, dotted, tuple(dict.fromkeys((self.main_folder, *self.folders))))

    def _relative_path(self, base: str) -> str:
        for path in (f"{base}.py", f"{base}/__init__.py"):
            if self.space.tree.is_file(path):
                return path
        return ""

    def _module_value(self, path: str, dotted: str) -> Py:
        if not path:
            return Py(Extern(dotted))
        module = self.load(path)
        return Py(module) if module is not None else UNKNOWN_PY

    # statements

    def block(self, body: list[ast.stmt], frame: Frame) -> None:
        """Follow statements in order until the frame ends."""
        for node in body:
            if frame.ended or self.exited:
                return
            self.nodes += 1
            if self.nodes > MAX_NODES:
                self.cannot_tell("the program is too large to follow")
                return
            self.statement(node, frame)

    def statement(self, node: ast.stmt, frame: Frame) -> None:
        """Follow one statement."""
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self.import_names(node, frame)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._define(node, frame)
        elif isinstance(node, ast.ClassDef):
            frame.names[node.name] = Py(Class(frame.module, node))
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            if node.value is not None:
                value = evaluate(self, node.value, frame)
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    self.assign(target, value, frame)
        elif isinstance(node, ast.AugAssign):
            evaluate(self, node.value, frame)
            self.assign(node.target, UNKNOWN_PY, frame)
        elif isinstance(node, ast.Expr):
            evaluate(self, node.value, frame)
        elif isinstance(node, ast.If):
            self._if(node, frame)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                value = evaluate(self, item.context_expr, frame)
                if item.optional_vars is not None:
                    self.assign(item.optional_vars, value, frame)
            self.block(node.body, frame)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            found = evaluate(self, node.iter, frame)
            items = found.obj if isinstance(found.obj, list) and 0 < len(found.obj) <= 4 else [UNKNOWN_PY]
            for one in items[:4]:
                self.assign(node.target, one, frame)
                self.maybe(node.body, frame, certain=frame.certain)
        elif isinstance(node, ast.While):
            self.maybe(node.body, frame, certain=frame.certain)
        elif isinstance(node, (ast.Try, *_TRY_STAR)):
            self._try(node, frame)
        elif isinstance(node, ast.Return):
            value = evaluate(self, node.value, frame) if node.value is not None else Py(None)
            frame.result = value if frame.result is None or frame.result.obj is None else frame.result
            frame.ended = True
        elif isinstance(node, ast.Raise):
            frame.ended = True
        elif isinstance(node, ast.Match):
            for case in node.cases:
                self.maybe(case.body, frame)

    def maybe(self, body: list[ast.stmt], frame: Frame, certain: bool = False) -> None:
        """Follow a body that may not be run: it does not end the frame."""
        ended, exited = frame.ended, self.exited
        self.doubt += not certain
        self.block(body, frame)
        self.doubt -= not certain
        frame.ended, self.exited = ended, exited

    def _if(self, node: ast.If, frame: Frame) -> None:
        answer = truth(evaluate(self, node.test, frame))
        if answer is not None:
            self.block(node.body if answer else node.orelse, frame)
            return
        before = dict(frame.names)
        self.maybe(node.body, frame)
        ends = bool(node.body) and isinstance(node.body[-1], (ast.Return, ast.Raise))
        then = dict(frame.names)
        frame.names.update(before)
        self.maybe(node.orelse, frame, certain=ends and not node.orelse)
        for name, value in then.items():
            other = frame.names.get(name)
            if other is None:
                frame.names[name] = value
            elif other.obj != value.obj and not ends:
                frame.names[name] = UNKNOWN_PY

    def _try(self, node: Any, frame: Frame) -> None:
        self.block(node.body, frame)
        ended, exited = frame.ended, self.exited
        frame.ended = self.exited = False
        for handler in node.handlers:
            kept = dict(frame.names)
            self.maybe(handler.body, frame)
            frame.names.update(kept)
        frame.ended, self.exited = ended, exited
        self.block(node.orelse, frame)
        ended = frame.ended
        frame.ended = False
        self.block(node.finalbody, frame)
        frame.ended = frame.ended or ended

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> None:
        closure = {} if frame.names is frame.module.names else {**frame.closure, **frame.names}
        function = Py(Function(frame.module, node, None, closure))
        frame.names[node.name] = function
        for decorator in node.decorator_list:
            # `@app.command()` of typer and `@cli.command()` of click: calling the app calls the function.
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(call, ast.Attribute) and call.attr in ("command", "callback"):
                owner = evaluate(self, call.value, frame)
                if isinstance(owner.obj, Instance):
                    owner.obj.commands.append(function)

    def assign(self, target: ast.expr, value: Py, frame: Frame) -> None:
        """Bind a value to a name, an attribute, an item, or several names."""
        if isinstance(target, ast.Name):
            frame.names[target.id] = value
        elif isinstance(target, ast.Attribute):
            owner = evaluate(self, target.value, frame).obj
            if isinstance(owner, Instance):
                owner.attributes[target.attr] = value
            elif isinstance(owner, Module):
                owner.names[target.attr] = value
            elif (
                isinstance(owner, Extern)
                and f"{owner.name}.{target.attr}" == "sys.argv"
                and isinstance(value.obj, list)
            ):
                frame.module.names[" argv"] = value
                self.arguments = tuple(Argument(v.value(), v.place) for v in value.obj[1:])
        elif isinstance(target, ast.Subscript):
            owner = evaluate(self, target.value, frame).obj
            key = evaluate(self, target.slice, frame).obj
            if isinstance(owner, dict) and isinstance(key, str):
                owner[key] = value if not self.doubt else UNKNOWN_PY
            elif isinstance(owner, Extern) and owner.name == "os.environ" and isinstance(key, str):
                self.variables.set(key, value.value())
        elif isinstance(target, (ast.Tuple, ast.List)):
            items = value.obj if isinstance(value.obj, list) and len(value.obj) == len(target.elts) else None
            for i, part in enumerate(target.elts):
                self.assign(part, items[i] if items else UNKNOWN_PY, frame)

    # what calls lead to

    def call_back(self, target: Py | None, args: list[Py], keywords: dict[str, Py], background: bool) -> None:
        """A function handed to a thread, a process or a runner."""
        if target is None:
            return
        from unstick.space.launch.py_invoke import call_value

        self.background += background
        call_value(self, target, args, keywords, target.place)
        self.background -= background

    def serve_call(self, name: str, args: list[Py], keywords: dict[str, Py], place: Place) -> Py:
        """A call of a library: perhaps it starts a server."""
        return serve_call(self, name, args, keywords, place)

    def current(self) -> Context:
        """The context for what is started right here."""
        context = self.context.deeper()
        via = tuple(dict.fromkeys((*context.via, *(m for m in self.modules if self.modules[m].is_main))))
        return context._replace(
            certain=context.certain and not self.doubt,
            background=context.background or bool(self.background),
            via=via,
        )

    def shell_text(self, text: str, place: Place, folder: str, name: str) -> None:
        """Shell text handed to os.system or subprocess."""
        from unstick.space.launch.scripts import run_text

        context = self._child(folder, name)
        run_text(self.walk, context, text, place)

    def process(self, arguments: tuple[Argument, ...], place: Place, folder: str, name: str) -> None:
        """A child process."""
        from unstick.space.launch.commands import run

        run(self.walk, self._child(folder, name)._replace(place=place), arguments)

    def _child(self, folder: str, name: str) -> Context:
        context = self.current()
        context = context._replace(variables=self.variables.copy())
        if name.endswith(("Popen", "create_subprocess_exec", "create_subprocess_shell")):
            context = context._replace(background=True)
        return context.at(folder) if folder and not folder.startswith(self.main_folder or "\0") else context


_TRY_STAR = (ast.TryStar,) if hasattr(ast, "TryStar") else ()
