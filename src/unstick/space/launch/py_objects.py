"""Objects of Python code that is read: settings classes, command-line parsers, library objects."""

from __future__ import annotations

import ast

from unstick.record import TYPE_CHECKING
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

if TYPE_CHECKING:
    from unstick.space.launch.py_walk import PyWalk


def attribute(walk: PyWalk, owner: Py, name: str) -> Py:
    """`owner.name`."""
    obj = owner.obj
    if isinstance(obj, Extern):
        return Py(Extern(f"{obj.name}.{name}"))
    if isinstance(obj, Module):
        return obj.names.get(name) or _submodule(walk, obj, name)
    if isinstance(obj, Class):
        return _class_attribute(walk, obj, name, None)
    if isinstance(obj, Instance):
        found = obj.attributes.get(name)
        if found is not None:
            return found
        if obj.cls is not None:
            return _class_attribute(walk, obj.cls, name, obj)
        return Py(BoundMethod(owner, name))
    if isinstance(obj, (str, dict)):
        return Py(BoundMethod(owner, name))
    return UNKNOWN_PY


def _submodule(walk: PyWalk, module: Module, name: str) -> Py:
    for path in (f"{module.folder}/{name}.py", f"{module.folder}/{name}/__init__.py"):
        found = walk.modules.get(path.lstrip("/"))
        if found is not None and module.file.endswith("__init__.py"):
            return Py(found)
    return UNKNOWN_PY


def class_chain(walk: PyWalk, cls: Class) -> list[Class | str]:
    """A class and its bases, those of libraries by name, depth first."""
    out: list[Class | str] = [cls]
    frame = Frame(cls.module, cls.module.names)
    from unstick.space.launch.py_evaluate import evaluate

    for base in cls.node.bases[:4]:
        value = evaluate(walk, base, frame).obj
        if isinstance(value, Class) and value.node is not cls.node and len(out) < 12:
            out += class_chain(walk, value)
        elif isinstance(value, Extern):
            out.append(value.name)
    return out


def _class_attribute(walk: PyWalk, cls: Class, name: str, owner: Instance | None) -> Py:
    from unstick.space.launch.py_evaluate import evaluate

    for link in class_chain(walk, cls):
        if isinstance(link, str):
            continue
        frame = Frame(link.module, {})
        frame.closure = link.module.names
        for node in link.node.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
                plain = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
                bound = None if plain else owner if owner is not None else link
                function = Function(link.module, node, bound, {})
                if any(
                    isinstance(d, ast.Name) and d.id in ("property", "cached_property")
                    for d in node.decorator_list
                ):
                    from unstick.space.launch.py_invoke import call_function

                    return call_function(walk, function, [], {})
                return Py(function)
            value = _assigned(node, name)
            if value is not None:
                return evaluate(walk, value, frame)
    return UNKNOWN_PY


def _assigned(node: ast.stmt, name: str) -> ast.expr | None:
    if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
        return node.value
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
        return node.value
    return None


def instantiate(walk: PyWalk, cls: Class, args: list[Py], keywords: dict[str, Py]) -> Py:
    """An object of a class of the Space: its settings read, its constructor followed."""
    from unstick.space.launch.py_invoke import call_function

    chain = class_chain(walk, cls)
    outside = [c for c in chain if isinstance(c, str)]
    instance = Instance(outside[0] if outside else "", cls)
    instance.keywords = dict(keywords)
    if any(name.endswith("BaseSettings") for name in outside):
        _settings(walk, chain, instance)
    elif any(name.endswith("BaseModel") for name in outside) or cls.node.decorator_list:
        instance.attributes.update(keywords)
    for link in chain:
        if isinstance(link, Class):
            for node in link.node.body:
                if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                    call_function(walk, Function(link.module, node, instance, {}), args, keywords)
                    return Py(instance)
    return Py(instance)


def _settings(walk: PyWalk, chain: list[Class | str], instance: Instance) -> None:
    """pydantic settings: a variable of the field's name (upper case, with the prefix) beats the default."""
    from unstick.space.launch.py_evaluate import evaluate

    prefix = ""
    for link in reversed([c for c in chain if isinstance(c, Class)]):
        frame = Frame(link.module, {}, link.module.names)
        for node in link.node.body:
            for text in ast.walk(node) if "env_prefix" in ast.dump(node)[:2000] else ():
                if (
                    isinstance(text, ast.keyword)
                    and text.arg == "env_prefix"
                    and isinstance(text.value, ast.Constant)
                ):
                    prefix = str(text.value.value)
        for node in link.node.body:
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                continue
            name = node.target.id
            default = evaluate(walk, node.value, frame) if node.value is not None else UNKNOWN_PY
            aliases: tuple[str, ...] = (
                f"{prefix}{name}".upper(),
                f"{prefix}{name}",
                f"{prefix}{name}".lower(),
            )
            if isinstance(default.obj, Instance) and default.obj.kind.endswith("Field"):
                field = default.obj
                names = [
                    v.obj for k, v in field.keywords.items() if k in ("env", "alias", "validation_alias")
                ]
                aliases = tuple(str(n) for n in names if isinstance(n, str)) or aliases
                default = field.keywords.get("default") or (
                    field.positional[0] if field.positional else UNKNOWN_PY
                )
            given = next((v for a in aliases if (v := walk.variables.get(a)) is not None), None)
            if given is not None:
                default = (
                    Py(given.text, given.known, given.place, given.exact, aliases[0])
                    if given.text
                    else UNKNOWN_PY
                )
            elif default.seen:
                default = default._replace(known="env-default", variable=aliases[0])
            instance.attributes[name] = default


def parsed_arguments(walk: PyWalk, parser: Instance) -> Py:
    """What `parser.parse_args()` gives: defaults of add_argument, and what the command line says."""
    from unstick.space.launch.known import option

    out = Instance("argparse.Namespace")
    for added in parser.commands:
        call = added.obj
        if not isinstance(call, Instance):
            continue
        names = tuple(a.obj for a in call.positional if isinstance(a.obj, str))
        if not names:
            continue
        longest = max(names, key=len)
        destination = call.keywords.get("dest")
        name = destination.obj if destination is not None and isinstance(destination.obj, str) else longest
        key = str(name).lstrip("-").replace("-", "_")
        given = option(walk.arguments, names) if longest.startswith("-") else None
        action = call.keywords.get("action")
        if action is not None and action.obj in ("store_true", "store_false"):
            out.attributes[key] = Py((given is not None) == (action.obj == "store_true"))
        elif given is not None:
            value = given.value
            out.attributes[key] = (
                Py(value.text, value.known, value.place, value.exact) if value.text else UNKNOWN_PY
            )
        else:
            out.attributes[key] = call.keywords.get("default", Py(None))
    return Py(out)


def parse_arguments(
    walk: PyWalk, node: ast.FunctionDef | ast.AsyncFunctionDef, names: dict[str, Py], frame: Frame
) -> None:
    """click and typer options: the command line or the option's default fills the parameter."""
    from unstick.space.launch.known import option
    from unstick.space.launch.py_evaluate import evaluate

    for decorator in node.decorator_list:
        if not (
            isinstance(decorator, ast.Call)
            and isinstance(decorator.func, ast.Attribute)
            and decorator.func.attr == "option"
        ):
            continue
        flags = [a.value for a in decorator.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if not flags:
            continue
        plain = next((f for f in flags if not f.startswith("-")), max(flags, key=len).lstrip("-"))
        key = plain.split("/")[0].replace("-", "_")
        default = next((k.value for k in decorator.keywords if k.arg == "default"), None)
        given = option(walk.arguments, tuple(f for f in flags if f.startswith("-")))
        if key in names and not names[key].seen:
            if given is not None:
                names[key] = Py(given.value.text, given.value.known, given.value.place, given.value.exact)
            elif default is not None:
                names[key] = evaluate(walk, default, Frame(frame.module, {}, frame.closure))
    for name, value in list(names.items()):
        if isinstance(value.obj, Instance) and value.obj.kind in (
            "typer.Option",
            "typer.Argument",
            "click.Option",
        ):
            given = option(walk.arguments, (f"--{name.replace('_', '-')}",))
            first = (
                value.obj.positional[0]
                if value.obj.positional
                else value.obj.keywords.get("default", UNKNOWN_PY)
            )
            names[name] = Py(given.value.text, given.value.known, given.value.place) if given else first
