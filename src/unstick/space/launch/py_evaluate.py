"""Expressions of Python code that is read, not run."""

from __future__ import annotations

import ast

from unstick.record import TYPE_CHECKING
from unstick.space.launch.py_calls import environment
from unstick.space.launch.py_objects import attribute
from unstick.space.launch.py_values import (
    UNKNOWN_PY,
    Extern,
    Frame,
    Function,
    Instance,
    Py,
)
from unstick.space.types import Place

if TYPE_CHECKING:
    from typing import Any

    from unstick.space.launch.py_walk import PyWalk

MAX_DEPTH = 60
_BUILTINS = frozenset(
    [
        *("int", "str", "float", "bool", "dict", "list", "print", "len", "open", "exit", "quit", "range"),
        *("isinstance", "getattr", "setattr", "super", "exec", "eval", "__import__"),
    ]
)


def truth(value: Py) -> bool | None:
    """Whether a value counts as true, or None when that cannot be told."""
    if not value.seen:
        return None
    if isinstance(value.obj, (str, int, float, bool, list, dict, type(None))):
        return bool(value.obj)
    if isinstance(value.obj, Instance) and value.obj.cls is None and not _is_class(value.obj.kind):
        # What a library's function gives: anything.
        return None
    return True


def _is_class(dotted: str) -> bool:
    return dotted.rpartition(".")[2][:1].isupper()


def evaluate(walk: PyWalk, node: ast.expr, frame: Frame) -> Py:
    """The value of an expression; calls in it are followed."""
    walk.depth += 1
    walk.nodes += 1
    try:
        if walk.depth > MAX_DEPTH:
            return UNKNOWN_PY
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            value: Py = handler(walk, node, frame)
            return value
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                evaluate(walk, child, frame)
        return UNKNOWN_PY
    finally:
        walk.depth -= 1


def _constant(walk: PyWalk, node: ast.Constant, frame: Frame) -> Py:
    if not isinstance(node.value, (str, int)) or isinstance(node.value, bool):
        return Py(
            node.value if not isinstance(node.value, (bytes, complex)) else None, place=place_of(frame, node)
        )
    place = place_of(frame, node)
    exact = True
    if isinstance(node.value, str):
        written = frame.module.source.text[place.start : place.end]
        exact = len(written) == len(node.value) + 2 and written[:1] in "\"'"
        if exact:
            place = Place(place.path, place.line, place.column + 1, place.start + 1, place.end - 1)
    return Py(node.value, "literal", place, exact)


def place_of(frame: Frame, node: ast.AST) -> Place:
    """The place of a node."""
    return frame.module.source.place(node)


def _name(walk: PyWalk, node: ast.Name, frame: Frame) -> Py:
    found = frame.find(node.id)
    if found is not None:
        return found
    return Py(Extern(node.id)) if node.id in _BUILTINS else UNKNOWN_PY


def _attribute(walk: PyWalk, node: ast.Attribute, frame: Frame) -> Py:
    return attribute(walk, evaluate(walk, node.value, frame), node.attr)


def _subscript(walk: PyWalk, node: ast.Subscript, frame: Frame) -> Py:
    owner = evaluate(walk, node.value, frame)
    key = evaluate(walk, node.slice, frame)
    if isinstance(owner.obj, Extern) and owner.obj.name == "os.environ":
        value = environment(walk, key, None)
        return value if value.obj is not None else UNKNOWN_PY._replace(variable=value.variable)
    if isinstance(owner.obj, dict) and isinstance(key.obj, str):
        found: Py = owner.obj.get(key.obj, UNKNOWN_PY)
        return found
    if (
        isinstance(owner.obj, list)
        and isinstance(key.obj, int)
        and -len(owner.obj) <= key.obj < len(owner.obj)
    ):
        item: Py = owner.obj[key.obj]
        return item
    return UNKNOWN_PY


def _boolean(walk: PyWalk, node: ast.BoolOp, frame: Frame) -> Py:
    last = UNKNOWN_PY
    for part in node.values:
        last = evaluate(walk, part, frame)
        answer = truth(last)
        if answer is None:
            for rest in node.values[node.values.index(part) + 1 :]:
                evaluate(walk, rest, frame)
            return UNKNOWN_PY
        if answer == isinstance(node.op, ast.Or):
            return last
        following = last
        if following.variable and following.known == "env-default":
            walk_default = following.variable
            nxt = node.values[node.values.index(part) + 1 :]
            if nxt:
                value = evaluate(walk, nxt[0], frame)
                if truth(value) == isinstance(node.op, ast.Or) or len(nxt) == 1:
                    return value._replace(
                        known="env-default" if value.seen else "unknown", variable=walk_default
                    )
    return last


def _condition(walk: PyWalk, node: ast.IfExp, frame: Frame) -> Py:
    answer = truth(evaluate(walk, node.test, frame))
    if answer is not None:
        return evaluate(walk, node.body if answer else node.orelse, frame)
    first, second = evaluate(walk, node.body, frame), evaluate(walk, node.orelse, frame)
    return first if first.obj == second.obj else UNKNOWN_PY


def _compare(walk: PyWalk, node: ast.Compare, frame: Frame) -> Py:
    left = evaluate(walk, node.left, frame)
    right = evaluate(walk, node.comparators[0], frame)
    if len(node.ops) != 1 or not left.seen:
        return UNKNOWN_PY
    kind = node.ops[0]
    if isinstance(kind, (ast.In, ast.NotIn)):
        if isinstance(right.obj, Extern) and right.obj.name == "os.environ" and isinstance(left.obj, str):
            return Py((walk.variables.get(left.obj) is not None) == isinstance(kind, ast.In))
        if isinstance(right.obj, list) and all(r.seen for r in right.obj):
            return Py((left.obj in [r.obj for r in right.obj]) == isinstance(kind, ast.In))
        return UNKNOWN_PY
    if not right.seen:
        return UNKNOWN_PY
    if isinstance(kind, (ast.Eq, ast.Is)):
        return Py(left.obj == right.obj)
    if isinstance(kind, (ast.NotEq, ast.IsNot)):
        return Py(left.obj != right.obj)
    return UNKNOWN_PY


def _unary(walk: PyWalk, node: ast.UnaryOp, frame: Frame) -> Py:
    value = evaluate(walk, node.operand, frame)
    if isinstance(node.op, ast.Not):
        answer = truth(value)
        return UNKNOWN_PY if answer is None else Py(not answer)
    if isinstance(node.op, ast.USub) and isinstance(value.obj, (int, float)):
        return value._replace(obj=-value.obj, exact=False)
    return UNKNOWN_PY


def _binary(walk: PyWalk, node: ast.BinOp, frame: Frame) -> Py:
    left, right = evaluate(walk, node.left, frame), evaluate(walk, node.right, frame)
    if isinstance(node.op, ast.Add):
        if isinstance(left.obj, str) and isinstance(right.obj, str):
            return Py(
                left.obj + right.obj, left.known if right.known == "literal" else right.known, left.place
            )
        if isinstance(left.obj, int) and isinstance(right.obj, int):
            return Py(
                left.obj + right.obj, left.known if right.known == "literal" else right.known, left.place
            )
        if isinstance(left.obj, list) and isinstance(right.obj, list):
            return Py([*left.obj, *right.obj], place=left.place)
    if isinstance(node.op, ast.Div) and isinstance(right.obj, str):
        return Py(f"{left.obj}/{right.obj}" if isinstance(left.obj, str) else right.obj)
    return UNKNOWN_PY


def _list(walk: PyWalk, node: ast.List | ast.Tuple, frame: Frame) -> Py:
    out: list[Py] = []
    for part in node.elts:
        value = evaluate(walk, part.value if isinstance(part, ast.Starred) else part, frame)
        if isinstance(part, ast.Starred) and isinstance(value.obj, list):
            out += value.obj
        else:
            out.append(value)
    return Py(out, place=place_of(frame, node))


def _dict(walk: PyWalk, node: ast.Dict, frame: Frame) -> Py:
    out: dict[str, Py] = {}
    for key, part in zip(node.keys, node.values, strict=True):
        value = evaluate(walk, part, frame)
        if key is None:
            out.update(value.obj if isinstance(value.obj, dict) else {})
            continue
        name = evaluate(walk, key, frame).obj
        if isinstance(name, str):
            out[name] = value
    return Py(out, place=place_of(frame, node))


def _text(walk: PyWalk, node: ast.JoinedStr, frame: Frame) -> Py:
    parts: list[str] = []
    known, place, variable = "literal", place_of(frame, node), ""
    for part in node.values:
        value = evaluate(walk, part.value if isinstance(part, ast.FormattedValue) else part, frame)
        if not isinstance(value.obj, (str, int)):
            return UNKNOWN_PY
        parts.append(str(value.obj))
        if value.known != "literal":
            known, variable = value.known, value.variable
            place = value.place if value.place.path else place
    return Py("".join(parts), known, place, False, variable)


def _lambda(walk: PyWalk, node: ast.Lambda, frame: Frame) -> Py:
    return Py(Function(frame.module, node, None, {**frame.closure, **frame.names}))


def _await(walk: PyWalk, node: ast.Await, frame: Frame) -> Py:
    return evaluate(walk, node.value, frame)


def _walrus(walk: PyWalk, node: ast.NamedExpr, frame: Frame) -> Py:
    value = evaluate(walk, node.value, frame)
    walk.assign(node.target, value, frame)
    return value


def _call(walk: PyWalk, node: ast.Call, frame: Frame) -> Py:
    from unstick.space.launch.py_invoke import call

    return call(walk, node, frame)


_HANDLERS: dict[type, Any] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.BoolOp: _boolean,
    ast.IfExp: _condition,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.List: _list,
    ast.Tuple: _list,
    ast.Dict: _dict,
    ast.JoinedStr: _text,
    ast.Lambda: _lambda,
    ast.Await: _await,
    ast.NamedExpr: _walrus,
    ast.Call: _call,
}
