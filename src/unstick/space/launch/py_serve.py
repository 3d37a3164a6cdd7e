"""Servers that Python code starts, and the few methods that matter on the way there."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.space.launch.py_servers import (
    CALLS,
    FLASK,
    GRADIO,
    MCP,
    MCP_CLASSES,
    METHODS,
    WEB_APPS,
    PyServer,
)
from unstick.space.launch.py_values import UNKNOWN_PY, BoundMethod, Extern, Frame, Instance, Py
from unstick.space.launch.types import Flag, Value
from unstick.space.launch.walk import Argument, add_server
from unstick.space.types import Place

if TYPE_CHECKING:
    from typing import Any

    from unstick.space.launch.py_walk import PyWalk

_STARTERS = frozenset(
    ("main", "serve", "launch", "run_server", "run_app", "start_server", "runserver", "run_simple")
)
_SAFE = frozenset(("asyncio.run", "subprocess.run", "mcp.run", "nest_asyncio.apply"))
_STREAMLIT = frozenset(("streamlit.web.cli.main", "streamlit.cli.main", "streamlit.web.cli._main_run"))
_LAUNCH_WORDS = frozenset(
    ("server_name", "server_port", "share", "inbrowser", "ssr_mode", "mcp_server", "show_api", "debug")
)


def serve_call(walk: PyWalk, name: str, args: list[Py], keywords: dict[str, Py], place: Place) -> Py:
    """A call of a library's function or class by its dotted name."""
    out = Instance(name)
    out.positional, out.keywords = args, keywords
    known = CALLS.get(name)
    if known is not None:
        add(walk, known, args, keywords, place)
    elif name in _STREAMLIT:
        argv = next((m.names[" argv"] for m in walk.modules.values() if " argv" in m.names), None)
        if argv is not None:
            walk.process(tuple(Argument(v.value(), v.place) for v in argv.obj), place, "", "")
        else:
            walk.cannot_tell("Streamlit is started from Python with arguments that are not known here")
    elif name.endswith("bootstrap.run") and name.startswith("streamlit"):
        walk.cannot_tell("Streamlit is started from Python with options that are not known here")
    elif name in ("hypercorn.asyncio.serve", "hypercorn.trio.serve", "hypercorn.run.run"):
        _hypercorn(walk, args, place)
    elif (
        name.rpartition(".")[2] in _STARTERS
        and name not in _SAFE
        and not name.startswith(("unittest", "pytest"))
    ):
        walk.cannot_tell(f"{name} is not part of the Space")
    if name in WEB_APPS:
        walk.walk.app_made = True
    return Py(out)


def call_method(
    walk: PyWalk, method: BoundMethod, args: list[Py], keywords: dict[str, Py], place: Place
) -> Py:
    """A method of a library object, a text or a dictionary."""
    owner = method.owner.obj
    name = method.name
    if isinstance(owner, str):
        return _text_method(method.owner, name, args)
    if isinstance(owner, dict):
        return _dict_method(owner, name, args)
    if not isinstance(owner, Instance):
        return UNKNOWN_PY
    kind = owner.kind
    known = METHODS.get((kind, name))
    if known is not None:
        add(walk, known, args, keywords, place)
    elif kind.startswith(("gradio.", "gr.")):
        if name == "launch":
            add(walk, GRADIO, args, keywords, place)
        return method.owner
    elif kind in MCP_CLASSES and name in (
        "run",
        "run_async",
        "run_http_async",
        "run_sse_async",
        "run_streamable_http_async",
    ):
        _mcp(walk, owner, name, args, keywords, place)
    elif kind == "argparse.ArgumentParser" or kind.endswith("ArgumentParser"):
        return _parser_method(walk, owner, name, args, keywords, method.owner)
    elif name == "launch" and (_LAUNCH_WORDS & set(keywords) or "chromium" not in kind):
        _launch(walk, kind, args, keywords, place)
    elif name in ("run", "run_server") and {"port", "host", "debug"} & set(keywords):
        add(walk, FLASK, args, keywords, place)
    elif name in ("submit", "run_in_executor", "add_job", "start_soon"):
        for argument in args:
            walk.call_back(argument, [], {}, True)
    elif name in ("int", "str", "bool") and (kind.endswith("Env") or "environ" in kind) and args:
        from unstick.space.launch.py_calls import environment

        return environment(walk, args[0], keywords.get("default", args[1] if len(args) > 1 else None))
    elif kind == "flask.cli.FlaskGroup" or kind.endswith("Manager"):
        walk.cannot_tell("the app's own command line starts it")
    if name in ("build", "queue", "configure"):
        return method.owner
    return Py(Instance(f"{kind}.{name}"))


def method_by_name(
    walk: PyWalk, name: str, args: list[Py], keywords: dict[str, Py], place: Place, frame: Frame, named: bool
) -> Py:
    """A method of an object that nothing is known of: only what cannot be anything else counts."""
    if name == "queue":
        return Py(Instance("gradio.Blocks"))
    if name == "launch" and (not args or _LAUNCH_WORDS & set(keywords)):
        _launch(walk, "", args, keywords, place)
    elif name in ("run", "run_server") and ({"port", "host"} & set(keywords)):
        add(walk, FLASK, args, keywords, place)
    elif name in ("run", "serve_forever", "serve", "main") and named and not args and not keywords:
        walk.blind = True
    elif name in ("submit", "run_in_executor", "start_soon"):
        for argument in args:
            walk.call_back(argument, [], {}, True)
    return UNKNOWN_PY


def _launch(walk: PyWalk, kind: str, args: list[Py], keywords: dict[str, Py], place: Place) -> None:
    gradio = any(
        isinstance(v.obj, Extern) and v.obj.name.split(".", 1)[0] == "gradio"
        for m in walk.modules.values()
        for v in m.names.values()
    )
    if gradio or _LAUNCH_WORDS & set(keywords) - {"debug"}:
        if not kind.startswith(("playwright", "pyppeteer")):
            add(walk, GRADIO, args, keywords, place)
    elif "playwright" not in kind:
        walk.cannot_tell(f"{kind or 'an unknown object'}.launch() is not known here")


def add(walk: PyWalk, known: PyServer, args: list[Py], keywords: dict[str, Py], place: Place) -> None:
    """Note a server started by a call."""
    given = dict(zip(known.order, args, strict=False))
    given.update(keywords)
    if "**" in keywords:
        walk.cannot_tell("the arguments of a server's start are not known here")
        return
    address = given.get("address")
    if known.order[:1] == ("address",) and address is not None:
        items = address.obj if isinstance(address.obj, list) else []
        if len(items) == 2:
            given["host"], given["port"] = items
        elif isinstance(address.obj, str) and ":" in address.obj:
            host_text, _, port_text = address.obj.rpartition(":")
            given["host"], given["port"] = address._replace(obj=host_text), address._replace(obj=port_text)
    if known.kind == "waitress" and "listen" in given and isinstance(given["listen"].obj, str):
        host_text, _, port_text = given["listen"].obj.rpartition(":")
        given["host"] = given["listen"]._replace(obj="" if host_text == "*" else host_text, exact=False)
        given["port"] = given["listen"]._replace(obj=port_text, exact=False)
    port = _chosen(
        walk, given, known.port_names, known.port_variables, str(known.port) if known.port else None, place
    )
    host = _chosen(walk, given, known.host_names, known.host_variables, known.host, place)
    flags = _flags(known, given, place)
    context = walk.current()
    if _true(given.get("prevent_thread_lock")):
        context = context._replace(background=True)
    add_server(walk.walk, context, known.kind, port, host, place, flags=flags)


def _chosen(
    walk: PyWalk,
    given: dict[str, Py],
    names: tuple[str, ...],
    variables: tuple[str, ...],
    default: str | None,
    place: Place,
) -> Value:
    """What an argument says; without one a variable that the library reads; else its default."""
    for name in names:
        value = given.get(name)
        if value is not None and not (value.seen and value.obj is None):
            return value.value()
    for variable in variables:
        said = walk.variables.get(variable)
        if said is not None and said.text != "":
            return said._replace(variable=variable)
    return Value(default, "default" if default is not None else "unknown", place)


def _true(value: Py | None) -> bool:
    return value is not None and value.seen and bool(value.obj) and isinstance(value.obj, (bool, int, str))


def _flags(known: PyServer, given: dict[str, Py], place: Place) -> tuple[Flag, ...]:
    out = []
    wanted = {
        "flask": ("debug",),
        "quart": ("debug",),
        "dash": ("debug",),
        "gradio": ("share",),
        "bottle": ("debug", "reloader"),
        "uvicorn": ("reload",),
        "sanic": ("debug", "auto_reload"),
        "werkzeug": ("use_debugger", "use_reloader"),
        "nicegui": ("reload",),
    }.get(known.kind, ())
    for name in wanted:
        value = given.get(name)
        if value is not None and value.obj is True:
            kind = "share" if name == "share" else "reload" if "reload" in name else "debug"
            out.append(Flag(kind, value.place if value.place.path else place, f"{name}=True"))
    return tuple(out)


def _mcp(
    walk: PyWalk, owner: Instance, name: str, args: list[Py], keywords: dict[str, Py], place: Place
) -> None:
    transport = keywords.get("transport", args[0] if args else None)
    if name == "run" or name == "run_async":
        if transport is None or transport.obj == "stdio":
            return
        if not transport.seen:
            walk.cannot_tell("the transport of an MCP server is not known here")
            return
    given = {k: v for k, v in owner.keywords.items() if k in ("host", "port")}
    for key in ("host", "port"):
        changed = owner.attributes.get(f"settings.{key}")
        if changed is not None:
            given[key] = changed
    add(walk, MCP, [], {**given, **keywords}, place)


def _hypercorn(walk: PyWalk, args: list[Py], place: Place) -> None:
    config = args[1].obj if len(args) > 1 else None
    bind = config.attributes.get("bind") if isinstance(config, Instance) else None
    if bind is None:
        walk.cannot_tell("hypercorn's bind address is not known here")
        return
    first = bind.obj[0] if isinstance(bind.obj, list) and bind.obj else bind
    if not isinstance(first.obj, str) or ":" not in first.obj:
        walk.cannot_tell("hypercorn's bind address is not known here")
        return
    host, _, port = first.obj.rpartition(":")
    server = PyServer("hypercorn", 8000, "127.0.0.1", ())
    add(
        walk,
        server,
        [],
        {"host": first._replace(obj=host, exact=False), "port": first._replace(obj=port, exact=False)},
        place,
    )


def _parser_method(
    walk: PyWalk, owner: Instance, name: str, args: list[Py], keywords: dict[str, Py], itself: Py
) -> Py:
    from unstick.space.launch.py_objects import parsed_arguments

    if name == "add_argument":
        call = Instance("argument")
        call.positional, call.keywords = args, keywords
        owner.commands.append(Py(call))
    elif name in ("add_argument_group", "add_mutually_exclusive_group"):
        return itself
    elif name == "parse_args":
        return parsed_arguments(walk, owner)
    elif name == "parse_known_args":
        return Py([parsed_arguments(walk, owner), Py([])])
    return UNKNOWN_PY


def _text_method(owner: Py, name: str, args: list[Py]) -> Py:
    plain: Any = {
        "lower": str.lower,
        "upper": str.upper,
        "strip": str.strip,
        "rstrip": str.rstrip,
        "lstrip": str.lstrip,
    }.get(name)
    if plain is not None and all(isinstance(a.obj, str) for a in args):
        return owner._replace(obj=plain(owner.obj, *[a.obj for a in args[:1]]), exact=False)
    if name == "split" and len(args) <= 1 and all(isinstance(a.obj, str) and a.obj for a in args):
        return Py(
            [owner._replace(obj=t, exact=False) for t in owner.obj.split(*[a.obj for a in args])[:1000]]
        )
    if name in ("startswith", "endswith") and args and isinstance(args[0].obj, str):
        return Py(bool(getattr(owner.obj, name)(args[0].obj)))
    return UNKNOWN_PY


def _dict_method(owner: dict[str, Py], name: str, args: list[Py]) -> Py:
    key = args[0].obj if args else None
    if name in ("get", "pop", "setdefault") and isinstance(key, str):
        return owner.get(key, args[1] if len(args) > 1 else Py(None))
    if name == "update" and isinstance(key, dict):
        owner.update(key)
    return UNKNOWN_PY
