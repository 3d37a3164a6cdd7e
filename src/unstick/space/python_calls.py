"""One pass over a module's syntax tree: its assignments, classes, functions and calls."""

from __future__ import annotations

import ast

from unstick.space.program import MAX_SITES, Condition, Function, Program, Site, Unit

_BROAD = frozenset(
    ("Exception", "BaseException", "OSError", "IOError", "PermissionError", "EnvironmentError")
)
_MISSING = _BROAD | {"FileNotFoundError"}
_SETTINGS = frozenset(("BaseSettings", "BaseModel", "Settings"))
MAX_DEPTH = 60


class _Here:
    """Where the reader is: function, class, what is caught, conditions."""

    __slots__ = ("caught", "conditions", "fallback", "function", "guarded", "missing_ok", "owner")

    def __init__(
        self,
        function: Function | None = None,
        owner: str = "",
        caught: bool = False,
        conditions: tuple[Condition, ...] = (),
        guarded: bool = False,
        missing_ok: bool = False,
        fallback: bool = False,
    ) -> None:
        self.function, self.owner, self.caught = function, owner, caught
        self.conditions, self.guarded, self.missing_ok = conditions, guarded, missing_ok
        self.fallback = fallback

    def but(self, **changes: object) -> _Here:
        """A copy with some fields changed."""
        out = _Here(
            self.function,
            self.owner,
            self.caught,
            self.conditions,
            self.guarded,
            self.missing_ok,
            self.fallback,
        )
        for name, value in changes.items():
            setattr(out, name, value)
        return out


def read_unit(program: Program, unit: Unit) -> None:
    """Fill a unit, and the program's tables of functions and calls."""
    tree = unit.source.tree
    if tree is not None:
        _Reader(program, unit).block(tree.body, _Here(), 0)


class _Reader:
    def __init__(self, program: Program, unit: Unit) -> None:
        self.program = program
        self.unit = unit

    def block(self, body: list[ast.stmt], here: _Here, depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        for statement in body:
            self._statement(statement, here, depth + 1)

    def _statement(self, node: ast.stmt, here: _Here, depth: int) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._function(node, here, depth)
        elif isinstance(node, ast.ClassDef):
            self._class(node, here, depth)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            self._assign(node, here)
        elif isinstance(node, ast.If):
            self._if(node, here, depth)
        elif isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            self._try(node, here, depth)  # type: ignore[arg-type]
        elif isinstance(node, ast.Return):
            if here.function is not None and node.value is not None:
                here.function.returns.append(node.value)
            self._expressions(node, here)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            self._with(node, here, depth)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            self._expressions(node.iter if not isinstance(node, ast.While) else node.test, here)
            self.block(node.body, here, depth)
            self.block(node.orelse, here, depth)
        elif isinstance(node, ast.Match):
            self._expressions(node.subject, here)
            for case in node.cases:
                self.block(case.body, here, depth)
        else:
            self._expressions(node, here)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, here: _Here, depth: int) -> None:
        function = Function(node, self.unit, here.function, here.owner)
        self.program.functions.setdefault(function.called_as, []).append(function)
        for part in (*node.decorator_list, *node.args.defaults):
            self._expressions(part, here)
        self.block(node.body, _Here(function, here.owner), depth)

    def _class(self, node: ast.ClassDef, here: _Here, depth: int) -> None:
        known = self.unit.classes.setdefault(node.name, {})
        for base in node.bases:
            name = (
                base.attr
                if isinstance(base, ast.Attribute)
                else base.id
                if isinstance(base, ast.Name)
                else ""
            )
            self.unit.mentions.add(name)
            if name in _SETTINGS:
                known["__settings__"] = (base, None)
        self.block(node.body, here.but(owner=node.name), depth)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.unit.imports.append(node)
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.unit.packages.setdefault(alias.name.partition(".")[0], node)
                self.unit.origins[alias.asname or alias.name.partition(".")[0]] = alias.name.partition(".")[0]
        elif node.module and not node.level:
            self.unit.packages.setdefault(node.module.partition(".")[0], node)
            self.unit.mentions.update(a.name for a in node.names)
            self.unit.origins.update((a.asname or a.name, node.module.partition(".")[0]) for a in node.names)

    def _assign(self, node: ast.Assign | ast.AnnAssign, here: _Here) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        value = node.value
        if value is not None:
            for target in targets:
                self._bind(target, value, here)
            self._expressions(value, here)
        for target in targets:
            self._expressions(target, here)

    def _bind(self, target: ast.expr, value: ast.expr, here: _Here) -> None:
        if isinstance(target, ast.Name):
            if here.owner and here.function is None:
                self.unit.classes[here.owner].setdefault(target.id, (_field(value), None))
            else:
                table = here.function.bindings if here.function is not None else self.unit.bindings
                if here.fallback and target.id in table:
                    # What an `except` sets instead: the ordinary way counts.
                    pass
                elif not here.conditions or target.id not in table:
                    table[target.id] = value
                else:
                    self._choose(table, target.id, value, here)
        elif (
            isinstance(target, ast.Attribute)
            and isinstance(target.value, ast.Name)
            and target.value.id in ("self", "cls")
        ):
            known = self.unit.classes.setdefault(here.owner, {})
            if known.get(target.attr) is None or isinstance(known[target.attr][0], ast.Constant):  # type: ignore[index]
                known[target.attr] = (value, here.function)
        elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            self._item(target, value, here)
        elif (
            isinstance(target, ast.Tuple)
            and isinstance(value, ast.Tuple)
            and len(target.elts) == len(value.elts)
        ):
            for one, other in zip(target.elts, value.elts, strict=True):
                self._bind(one, other, here)

    def _item(self, target: ast.Subscript, value: ast.expr, here: _Here) -> None:
        """`app.config["X"] = …` and `os.environ["X"] = …`."""
        key = target.slice.value if isinstance(target.slice, ast.Constant) else None
        if not isinstance(key, str) or not isinstance(target.value, ast.Attribute):
            return
        holds = self.program.evaluator.truth
        if any(holds(test, self.unit, here.function) is (not wanted) for test, wanted in here.conditions):
            return
        if target.value.attr == "config":
            self.unit.settings.setdefault(key, value)
        elif target.value.attr == "environ":
            self.unit.settings.setdefault(f"environ:{key}", value)

    def _choose(self, table: dict[str, ast.expr], name: str, value: ast.expr, here: _Here) -> None:
        """A second assignment below a condition counts where the condition is known to hold."""
        test, wanted = here.conditions[-1]
        if self.program.evaluator.truth(test, self.unit, here.function) is wanted:
            table[name] = value

    def _if(self, node: ast.If, here: _Here, depth: int) -> None:
        self._expressions(node.test, here)
        if _is_main(node.test):
            self.block(node.body, here.but(guarded=True), depth)
            self.block(node.orelse, here, depth)
            return
        self.block(node.body, here.but(conditions=(*here.conditions, (node.test, True))), depth)
        self.block(node.orelse, here.but(conditions=(*here.conditions, (node.test, False))), depth)

    def _try(self, node: ast.Try, here: _Here, depth: int) -> None:
        caught = here.caught or any(_swallows(handler) for handler in node.handlers)
        missing_ok = here.missing_ok or any(_swallows(h, _MISSING) for h in node.handlers)
        self.block(node.body, here.but(caught=caught, missing_ok=missing_ok), depth)
        for handler in node.handlers:
            self.block(handler.body, here.but(fallback=True), depth)
        self.block(node.orelse, here, depth)
        self.block(node.finalbody, here, depth)

    def _with(self, node: ast.With | ast.AsyncWith, here: _Here, depth: int) -> None:
        caught = here.caught
        for item in node.items:
            self._expressions(item.context_expr, here)
            call = item.context_expr
            if isinstance(call, ast.Call):
                name = (
                    call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                )
                caught = caught or name == "suppress"
                if isinstance(item.optional_vars, ast.Name):
                    self._bind(item.optional_vars, call, here)
        self.block(node.body, here.but(caught=caught), depth)

    def _expressions(self, node: ast.AST, here: _Here) -> None:
        """Every call inside, and every name that is mentioned."""
        for part in _parts(node):
            if isinstance(part, ast.Call) and len(self.unit.sites) < MAX_SITES:
                site = Site(
                    part,
                    self.unit,
                    here.function,
                    here.caught,
                    here.conditions,
                    here.guarded,
                    here.missing_ok,
                )
                self.unit.sites.append(site)
                func = part.func
                name = (
                    func.attr
                    if isinstance(func, ast.Attribute)
                    else func.id
                    if isinstance(func, ast.Name)
                    else ""
                )
                self.program.calls.setdefault(name, []).append((part, self.unit, here.function))
                for keyword in part.keywords:
                    if keyword.arg:
                        known = self.program.keywords.setdefault(keyword.arg, [])
                        known.append((keyword.value, self.unit, here.function))
            elif isinstance(part, ast.Name):
                self.unit.mentions.add(part.id)
            elif isinstance(part, ast.Attribute):
                self.unit.mentions.add(part.attr)
            elif isinstance(part, ast.NamedExpr):
                self._bind(part.target, part.value, here)


def _parts(node: ast.AST) -> list[ast.AST]:
    """A node and everything below it, in the order of the text; three times as fast as `ast.walk`, which
    matters here.
    """
    out: list[ast.AST] = []
    todo = [node]
    while todo:
        part = todo.pop()
        out.append(part)
        below = part.__dict__
        for name in reversed(part._fields):
            value = below.get(name)
            if isinstance(value, list):
                todo += [v for v in reversed(value) if isinstance(v, ast.AST)]
            elif isinstance(value, ast.AST) and name != "ctx":
                todo.append(value)
    return out


def _field(value: ast.expr) -> ast.expr:
    """The default inside `Field(…)`, pydantic's way of writing one."""
    if isinstance(value, ast.Call) and getattr(value.func, "id", "") in ("Field", "field"):
        found = next((k.value for k in value.keywords if k.arg == "default"), None)
        return found if found is not None else value.args[0] if value.args else value
    return value


def _is_main(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value == "__main__"
    )


def _swallows(handler: ast.ExceptHandler, broad: frozenset[str] = _BROAD) -> bool:
    """Whether a handler takes the error and goes on: broad enough, and it neither raises nor exits."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {k.attr if isinstance(k, ast.Attribute) else getattr(k, "id", "") for k in kinds if k is not None}
    if handler.type is not None and not names & broad:
        return False
    for part in ast.walk(handler):
        if isinstance(part, ast.Raise):
            return False
        if isinstance(part, ast.Call):
            name = part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
            if name in ("exit", "_exit", "quit", "abort"):
                return False
    return True
