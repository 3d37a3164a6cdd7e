"""Paths and texts that a Python program computes without running it.

A value is a text in which `UNKNOWN` stands for each part that only a run could tell; None means that nothing
is known. Known are constants, f-strings, `os.path`, `pathlib`, `os.environ` with the image's variables, names
of other modules of the Space, attributes set in a class, and parameters by their default or by a caller.
"""

from __future__ import annotations

import ast
import posixpath

from unstick.record import TYPE_CHECKING
from unstick.space.image_shell import UNKNOWN
from unstick.space.value_nodes import (
    ABSENT,
    NODES,
    default_of,
    dotted,
    join_known,
    last_name,
    parent,
    variable_read,
)

if TYPE_CHECKING:
    from unstick.space.program import Function, Program, Unit

DEPTH = 14
"""How far names, callers and modules are followed for one value."""

STEPS = 2000
"""Expressions looked at for one value: names may refer to each other in circles, many times over."""

TOTAL = 500_000
"""The same for all values of a program."""

LONGEST = 2000
"""Characters of a value; no path comes near it."""

_SAME = frozenset(
    (
        "str",
        "Path",
        "PurePath",
        "PosixPath",
        "PurePosixPath",
        "abspath",
        "realpath",
        "normpath",
        "fspath",
        "expandvars",
    )
)
_SAME_METHODS = frozenset(
    (
        "resolve",
        "absolute",
        "as_posix",
        "strip",
        "expanduser",
        "lower",
        "rstrip",
        "lstrip",
        "__str__",
        "__fspath__",
    )
)


class Evaluator:
    """Works values out inside one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.left = STEPS
        self.total = TOTAL

    def text(
        self, node: ast.expr | None, unit: Unit, function: Function | None = None, depth: int = 0
    ) -> str | None:
        """The value of an expression as it stands in a module, or in one of its functions."""
        self.left = STEPS if depth == 0 else self.left - 1
        self.total -= 1
        if node is None or depth > DEPTH or self.left < 0 or self.total < 0:
            return None
        handler = NODES.get(type(node).__name__)
        value = handler(self, node, unit, function, depth + 1) if handler else None
        return value if value is None or len(value) <= LONGEST else None

    def truth(
        self, node: ast.expr, unit: Unit, function: Function | None = None, depth: int = 0
    ) -> bool | None:
        """Whether a condition holds in a Space, where that can be told."""
        if depth > DEPTH:
            return None
        if isinstance(node, ast.Constant):
            return bool(node.value)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.truth(node.operand, unit, function, depth + 1)
            return None if inner is None else not inner
        if isinstance(node, ast.BoolOp):
            parts = [self.truth(v, unit, function, depth + 1) for v in node.values]
            decided = isinstance(node.op, ast.Or)
            return decided if decided in parts else None if None in parts else not decided
        if isinstance(node, ast.Call) and last_name(node.func) == "bool" and node.args:
            return self.truth(node.args[0], unit, function, depth + 1)
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._compare(node, unit, function, depth + 1)
        variable = variable_read(node)
        if variable:
            return (
                True if self.program.environment.get(variable) else None if variable not in ABSENT else False
            )
        if isinstance(node, ast.Name):
            bound = unit.bindings.get(node.id)
            return self.truth(bound, unit, None, depth + 1) if bound is not None else None
        return None

    def _compare(self, node: ast.Compare, unit: Unit, function: Function | None, depth: int) -> bool | None:
        left, right, sign = node.left, node.comparators[0], node.ops[0]
        if (
            isinstance(sign, (ast.In, ast.NotIn))
            and isinstance(left, ast.Constant)
            and dotted(right).endswith("environ")
        ):
            inside = left.value in self.program.environment
            return inside if isinstance(sign, ast.In) else not inside
        if isinstance(sign, (ast.IsNot, ast.Is)) and isinstance(right, ast.Constant) and right.value is None:
            there = self.truth(left, unit, function, depth)
            return None if there is None else there if isinstance(sign, ast.IsNot) else not there
        if isinstance(sign, (ast.Eq, ast.NotEq)):
            one, two = self.text(left, unit, function, depth), self.text(right, unit, function, depth)
            if one is not None and two is not None and UNKNOWN not in one + two:
                return (one == two) == isinstance(sign, ast.Eq)
        return None

    def variable(self, name: str) -> str | None:
        """An environment variable as the image sets it."""
        return self.program.environment.get(name)

    def call(self, node: ast.Call, unit: Unit, function: Function | None, depth: int) -> str | None:
        """The value of a call, for the functions that make paths."""
        name, whole = last_name(node.func), dotted(node.func)
        first = node.args[0] if node.args else None
        if variable_read(node):
            value = self.variable(variable_read(node))
            return value if value is not None else self.text(default_of(node), unit, function, depth)
        if name == "join" and whole.endswith("path.join"):
            return join_known([self.text(a, unit, function, depth) for a in node.args])
        if name in ("cwd", "getcwd"):
            return self.program.cwd
        if name in ("gettempdir", "mkdtemp", "mkstemp", "TemporaryDirectory", "NamedTemporaryFile"):
            return "/tmp" if name == "gettempdir" else f"/tmp/{UNKNOWN}"
        if whole in ("Path.home", "pathlib.Path.home"):
            return self.program.home
        if name == "expanduser" and first is not None:
            return self._home(self.text(first, unit, function, depth))
        if name == "dirname":
            value = self.text(first, unit, function, depth)
            return None if value is None else posixpath.dirname(value)
        if name == "basename":
            value = self.text(first, unit, function, depth)
            return None if value is None else posixpath.basename(value)
        if name in ("Path", "PurePath", "PosixPath") and len(node.args) > 1:
            return join_known([self.text(a, unit, function, depth) for a in node.args])
        if name in ("Path", "PurePath") and not node.args:
            return "."
        if name in _SAME and first is not None:
            value = self.text(first, unit, function, depth)
            return self._absolute(value) if name in ("abspath", "realpath") else value
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func, unit, function, depth)
        return self._returned(name, unit, depth)

    def _method(
        self, node: ast.Call, func: ast.Attribute, unit: Unit, function: Function | None, depth: int
    ) -> str | None:
        name = func.attr
        if name == "joinpath":
            return join_known([self.text(a, unit, function, depth) for a in (func.value, *node.args)])
        if name in _SAME_METHODS:
            value = self.text(func.value, unit, function, depth)
            if name == "expanduser":
                return self._home(value)
            return self._absolute(value) if name in ("resolve", "absolute") else value
        if name in ("with_suffix", "with_name", "with_stem"):
            value = self.text(func.value, unit, function, depth)
            return None if value is None else join_known([posixpath.dirname(value) or ".", UNKNOWN])
        if name == "format":
            value = self.text(func.value, unit, function, depth)
            return value if value is None or "{" not in value else value[: value.index("{")] + UNKNOWN
        if name == "replace" and len(node.args) == 2:
            value = self.text(func.value, unit, function, depth)
            old, new = (self.text(a, unit, function, depth) for a in node.args)
            return value.replace(old, new) if value and old and new is not None else value
        return self._returned(name, unit, depth)

    def _returned(self, name: str, unit: Unit, depth: int) -> str | None:
        """What a function of the Space returns, when it has one `return` that can be worked out."""
        for function in self.program.functions.get(name, ())[:2]:
            for node in function.returns[:2]:
                value = self.text(node, function.unit, function, depth + 1)
                if value is not None:
                    return value
        return None

    def _home(self, value: str | None) -> str | None:
        if value is None or not value.startswith("~"):
            return value
        return self.program.home + value[1:] if value[1:2] in ("", "/") else None

    def _absolute(self, value: str | None) -> str | None:
        if value is None or value.startswith(("/", UNKNOWN)):
            return value
        return posixpath.normpath(posixpath.join(self.program.cwd, value))

    def name(self, name: str, unit: Unit, function: Function | None, depth: int) -> str | None:
        """A name: local to the function, a parameter, of the module, or imported from another module."""
        if depth > DEPTH:
            return None
        if name == "__file__":
            return unit.location
        at = function
        while at is not None:
            if name in at.bindings:
                return self.text(at.bindings[name], unit, at, depth)
            if name in at.parameters:
                return self._parameter(at, name, depth)
            at = at.outer
        if name in unit.bindings:
            return self.text(unit.bindings[name], unit, None, depth)
        for known in unit.classes.values():
            found = known.get(name)
            if found is not None and found[1] is None and not isinstance(found[0], ast.Name):
                return self.text(found[0], unit, None, depth)
        origin = unit.imported.get(name)
        if origin is not None:
            other, member = origin
            if member and member in other.bindings:
                return self.text(other.bindings[member], other, None, depth)
            if member and member in other.imported:
                return self.name(member, other, None, depth + 1)
        return None

    def _parameter(self, function: Function, name: str, depth: int) -> str | None:
        for call, unit, around in self.program.calls.get(function.called_as, ())[:4]:
            node = function.argument(call, name)
            if node is not None:
                value = self.text(node, unit, around, depth + 3)
                if value is not None:
                    return value
        return self.text(function.parameters[name], function.unit, function.outer, depth)

    def attribute(self, node: ast.Attribute, unit: Unit, function: Function | None, depth: int) -> str | None:
        """`x.parent`, `self.folder`, `config.FOLDER`, `settings.folder`."""
        if node.attr in ("parent", "name", "stem"):
            value = self.text(node.value, unit, function, depth)
            if value is not None:
                return parent(value) if node.attr == "parent" else posixpath.basename(value)
        if isinstance(node.value, ast.Name):
            base = node.value.id
            if base in ("self", "cls") and function is not None:
                return self._member(function.owner, node.attr, unit, depth)
            origin = unit.imported.get(base)
            if origin is not None and not origin[1]:
                other = origin[0]
                return self.text(other.bindings.get(node.attr), other, None, depth)
            where, name = origin if origin is not None else (unit, base)
            for _ in range(4):
                if name in where.bindings or name in where.classes or name not in where.imported:
                    break
                where, name = where.imported[name][0], where.imported[name][1] or name
            if name in where.classes:
                return self._member(name, node.attr, where, depth)
            made = where.bindings.get(name)
            if isinstance(made, ast.Call):
                value = self._member(last_name(made.func), node.attr, where, depth)
                if value is not None:
                    return value
        return self._passed(node.attr, depth)

    def _passed(self, attribute: str, depth: int) -> str | None:
        """What some call of the program passes under this name: the field of a dataclass, a keyword."""
        if not attribute.lower().endswith(
            ("dir", "path", "folder", "file", "root", "directory", "db", "url", "uri")
        ):
            return None
        for node, unit, function in self.program.keywords.get(attribute, ())[:3]:
            value = self.text(node, unit, function, depth + 3)
            if value is not None:
                return value
        return None

    def _member(self, owner: str, attribute: str, unit: Unit, depth: int) -> str | None:
        where = unit
        if owner not in unit.classes and owner in unit.imported:
            where, owner = unit.imported[owner][0], unit.imported[owner][1] or owner
        known = where.classes.get(owner)
        if known is None or attribute not in known:
            return None
        variable = self.variable(attribute.upper()) if known.get("__settings__") else None
        if variable is not None:
            return variable
        found = known[attribute]
        return None if found is None else self.text(found[0], where, found[1], depth)
