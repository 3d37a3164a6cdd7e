"""How each kind of expression gives its value, and the small questions asked of expressions."""

from __future__ import annotations

import ast
import posixpath

from unstick.record import TYPE_CHECKING
from unstick.space.image_shell import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from unstick.space.program import Function, Unit
    from unstick.space.values import Evaluator

_ENV_CALLS = frozenset(("getenv", "get", "env", "config", "pop", "setdefault"))

ABSENT = frozenset(
    (
        "RENDER",
        "VERCEL",
        "RAILWAY_ENVIRONMENT",
        "HEROKU",
        "DYNO",
        "K_SERVICE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "KUBERNETES_SERVICE_HOST",
    )
)
"""Variables of other hosts: certainly not set in a Space."""


def last_name(node: ast.expr) -> str:
    """The last part of a name: `c` of `a.b.c`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def dotted(node: ast.expr) -> str:
    """A name as written, `?` where it begins with something else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "?")
    return ".".join(reversed(parts))


def variable_read(node: ast.expr) -> str:
    """The variable that `os.environ.get("X")`, `os.getenv("X")`, `os.environ["X"]`, `config("X")` read."""
    if isinstance(node, ast.Subscript):
        key = node.slice
        if (
            dotted(node.value).endswith("environ")
            and isinstance(key, ast.Constant)
            and isinstance(key.value, str)
        ):
            return key.value
        return ""
    if not isinstance(node, ast.Call) or not node.args or last_name(node.func) not in _ENV_CALLS:
        return ""
    whole, first = dotted(node.func), node.args[0]
    reads = whole in (
        "os.getenv",
        "getenv",
        "env",
        "config",
        "env.str",
        "decouple.config",
    ) or whole.endswith(("environ.get", "environ.setdefault", "environ.pop"))
    return first.value if reads and isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def default_of(node: ast.Call) -> ast.expr | None:
    """What a call gives as its default: the second argument, or `default=`."""
    if len(node.args) > 1:
        return node.args[1]
    return next((k.value for k in node.keywords if k.arg == "default"), None)


def parent(value: str) -> str:
    """The folder of a path, as pathlib says it."""
    return posixpath.dirname(value.rstrip("/")) or ("/" if value.startswith("/") else ".")


def join_known(parts: list[str | None]) -> str | None:
    """Parts joined as a path; None where the first is not known."""
    if not parts or parts[0] is None:
        return None
    return posixpath.join(parts[0], *(UNKNOWN if p is None else p for p in parts[1:]))


def _constant(self: Evaluator, node: ast.Constant, *_: object) -> str | None:
    return (
        node.value
        if isinstance(node.value, str)
        else str(node.value)
        if isinstance(node.value, int)
        else None
    )


def _joined(
    self: Evaluator, node: ast.JoinedStr, unit: Unit, function: Function | None, depth: int
) -> str | None:
    parts = []
    for value in node.values:
        inner = value.value if isinstance(value, ast.FormattedValue) else value
        parts.append(self.text(inner, unit, function, depth) or UNKNOWN)
    return "".join(parts)


def _binary(
    self: Evaluator, node: ast.BinOp, unit: Unit, function: Function | None, depth: int
) -> str | None:
    left = self.text(node.left, unit, function, depth)
    if isinstance(node.op, ast.Div):
        return join_known([left, self.text(node.right, unit, function, depth)])
    if isinstance(node.op, ast.Add) and left is not None:
        return left + (self.text(node.right, unit, function, depth) or UNKNOWN)
    if isinstance(node.op, ast.Mod) and left is not None:
        return left[: left.index("%")] + UNKNOWN if "%" in left else left
    return None


def _choice(
    self: Evaluator, node: ast.IfExp, unit: Unit, function: Function | None, depth: int
) -> str | None:
    holds = self.truth(node.test, unit, function, depth)
    if holds is not None:
        return self.text(node.body if holds else node.orelse, unit, function, depth)
    value = self.text(node.body, unit, function, depth)
    return value if value is not None else self.text(node.orelse, unit, function, depth)


def _either(
    self: Evaluator, node: ast.BoolOp, unit: Unit, function: Function | None, depth: int
) -> str | None:
    for value in node.values:
        text = self.text(value, unit, function, depth)
        if text:
            return text
    return None


def _subscript(
    self: Evaluator, node: ast.Subscript, unit: Unit, function: Function | None, depth: int
) -> str | None:
    name = variable_read(node)
    if name:
        return self.variable(name)
    if (
        isinstance(node.value, ast.Attribute)
        and node.value.attr == "parents"
        and isinstance(node.slice, ast.Constant)
    ):
        value = self.text(node.value.value, unit, function, depth)
        count = node.slice.value
        if value is None or not isinstance(count, int) or not 0 <= count < 20:
            return None
        for _ in range(count + 1):
            value = parent(value)
        return value
    if (
        isinstance(node.value, ast.Attribute)
        and node.value.attr == "config"
        and isinstance(node.slice, ast.Constant)
    ):
        bound = unit.settings.get(str(node.slice.value))
        if bound is None:
            bound, unit = next(
                (
                    (u.settings[str(node.slice.value)], u)
                    for u in self.program.units.values()
                    if str(node.slice.value) in u.settings
                ),
                (None, unit),
            )
        return self.text(bound, unit, None, depth)
    return None


NODES: dict[str, Callable[..., str | None]] = {
    "Constant": _constant,
    "JoinedStr": _joined,
    "BinOp": _binary,
    "IfExp": _choice,
    "BoolOp": _either,
    "Subscript": _subscript,
    "Call": lambda self, *rest: self.call(*rest),
    "Attribute": lambda self, *rest: self.attribute(*rest),
    "Name": lambda self, node, unit, function, depth: self.name(node.id, unit, function, depth),
    "NamedExpr": lambda self, node, unit, function, depth: self.text(node.value, unit, function, depth),
    "Await": lambda self, node, unit, function, depth: self.text(node.value, unit, function, depth),
}
