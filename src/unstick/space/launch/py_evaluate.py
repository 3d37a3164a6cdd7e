"""Expressions of Python code that is read, not run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from unstick.space.launch.py_calls import call_extern, environment
from unstick.space.launch.py_objects import attribute, instantiate, parse_arguments
from unstick.space.launch.py_values import (
    UNKNOWN_PY,
    BoundMethod,
    Class,
    Extern,
    Frame,
    Function,
    Instance,
    Module,
    Py,
)
from unstick.space.types import Place

if TYPE_CHECKING:
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
            node.value if not isinstance(node.value, (bytes, complex)) else None, place=_place(frame, node)
        )
    place = _place(frame, node)
    exact = True
    if isinstance(node.value, str):
        written = frame.module.source.text[place.start : place.end]
        exact = len(written) == len(node.value) + 2 and written[:1] in "\"'"
        if exact:
            place = Place(place.path, place.line, place.column + 1, place.start + 1, place.end - 1)
    return Py(node.value, "literal", place, exact)


def _place(frame: Frame, node: ast.AST) -> Place:
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
    return Py(out, place=_place(frame, node))


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
    return Py(out, place=_place(frame, node))


def _text(walk: PyWalk, node: ast.JoinedStr, frame: Frame) -> Py:
    parts: list[str] = []
    known, place, variable = "literal", _place(frame, node), ""
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
    target = evaluate(walk, node.func, frame)
    args: list[Py] = []
    for part in node.args:
        value = evaluate(walk, part.value if isinstance(part, ast.Starred) else part, frame)
        if isinstance(part, ast.Starred):
            args += value.obj if isinstance(value.obj, list) else [UNKNOWN_PY]
        else:
            args.append(value)
    keywords: dict[str, Py] = {}
    for item in node.keywords:
        value = evaluate(walk, item.value, frame)
        if item.arg is not None:
            keywords[item.arg] = value
        elif isinstance(value.obj, dict):
            keywords.update(value.obj)
        else:
            keywords["**"] = UNKNOWN_PY
    if isinstance(node.func, ast.Attribute) and not target.seen:
        from unstick.space.launch.py_serve import method_by_name

        owner_is_local = isinstance(node.func.value, ast.Name)
        return method_by_name(
            walk, node.func.attr, args, keywords, _place(frame, node), frame, owner_is_local
        )
    return call_value(walk, target, args, keywords, _place(frame, node))


def call_value(walk: PyWalk, target: Py, args: list[Py], keywords: dict[str, Py], place: Place) -> Py:
    """The result of calling a value; functions of the Space are followed."""
    obj: Any = target.obj
    if isinstance(obj, Function):
        return call_function(walk, obj, args, keywords)
    if isinstance(obj, Class):
        return instantiate(walk, obj, args, keywords)
    if isinstance(obj, Extern):
        return call_extern(walk, obj.name, args, keywords, place)
    if isinstance(obj, BoundMethod):
        from unstick.space.launch.py_serve import call_method

        return call_method(walk, obj, args, keywords, place)
    if isinstance(obj, Instance):
        for command in obj.commands:
            if isinstance(command.obj, Function):
                call_function(walk, command.obj, [], {})
        if obj.cls is not None:
            method = attribute(walk, target, "__call__")
            if isinstance(method.obj, Function):
                return call_function(walk, method.obj, args, keywords)
        if obj.kind.endswith(".Env") or obj.kind == "environs.Env":
            return (
                environment(walk, args[0], keywords.get("default", args[1] if len(args) > 1 else None))
                if args
                else UNKNOWN_PY
            )
        return UNKNOWN_PY
    return UNKNOWN_PY


def call_function(walk: PyWalk, function: Function, args: list[Py], keywords: dict[str, Py]) -> Py:
    """Follow a function's body with its arguments; gives what it returns."""
    from unstick.space.launch.py_walk import MAX_CALLS

    if len(walk.active) >= MAX_CALLS or any(f is function.node for f in walk.active):
        return UNKNOWN_PY
    node = function.node
    names: dict[str, Py] = {}
    parameters = [*node.args.posonlyargs, *node.args.args]
    frame = Frame(function.module, names, function.closure)
    values = [Py(function.owner), *args] if function.owner is not None else list(args)
    defaults = node.args.defaults
    for i, parameter in enumerate(parameters):
        behind = i - (len(parameters) - len(defaults))
        if i < len(values):
            names[parameter.arg] = values[i]
        elif parameter.arg in keywords:
            names[parameter.arg] = keywords[parameter.arg]
        else:
            names[parameter.arg] = evaluate(walk, defaults[behind], frame) if behind >= 0 else UNKNOWN_PY
    for only, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        given = keywords.get(only.arg)
        names[only.arg] = (
            given if given is not None else evaluate(walk, default, frame) if default else UNKNOWN_PY
        )
    if node.args.kwarg is not None:
        names[node.args.kwarg.arg] = Py({k: v for k, v in keywords.items() if k not in names})
    walk.active.append(node)
    if isinstance(node, ast.Lambda):
        result = evaluate(walk, node.body, frame)
    else:
        parse_arguments(walk, node, names, frame)
        depth, walk.depth = walk.depth, 0
        walk.block(node.body, frame)
        walk.depth = depth
        result = frame.result if frame.result is not None else Py(None)
    walk.active.pop()
    return result


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

__all__ = ["Module", "call_function", "call_value", "evaluate", "truth"]
