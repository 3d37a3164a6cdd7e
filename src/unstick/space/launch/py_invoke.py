"""Calls in Python code that is read: arguments bound, functions of the Space followed."""

from __future__ import annotations

import ast

from unstick.record import TYPE_CHECKING
from unstick.space.launch.py_calls import call_extern, environment
from unstick.space.launch.py_evaluate import evaluate, place_of
from unstick.space.launch.py_objects import attribute, instantiate, parse_arguments
from unstick.space.launch.py_values import (
    UNKNOWN_PY,
    BoundMethod,
    Class,
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


def call(walk: PyWalk, node: ast.Call, frame: Frame) -> Py:
    """The result of a call expression."""
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
            walk, node.func.attr, args, keywords, place_of(frame, node), frame, owner_is_local
        )
    return call_value(walk, target, args, keywords, place_of(frame, node))


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
