"""Servers of the table: what their options, variables, configuration and defaults say of port and host."""

from __future__ import annotations

import re

from unstick.space.launch.table import Kind
from unstick.space.launch.types import Flag, Value
from unstick.space.launch.walk import (
    Argument,
    Arguments,
    Context,
    Walk,
    add_server,
    find_source,
    split_address,
)
from unstick.space.types import Place


def option(arguments: Arguments, names: tuple[str, ...]) -> Argument | None:
    """The value of the last option of one of these names, as `--port 1`, `--port=1` or `-p1`."""
    found: Argument | None = None
    for i, argument in enumerate(arguments):
        text = argument.text
        for name in names:
            if text == name:
                following = arguments[i + 1] if i + 1 < len(arguments) else None
                if following is None or (
                    following.text.startswith("--") and following.value.text is not None
                ):
                    found = Argument(Value("", "literal", argument.place), argument.place)
                else:
                    found = following
            elif text.startswith(name + "=") or (
                len(name) == 2 and name[1] != "-" and text.startswith(name) and text[2:3].isdigit()
            ):
                skip = len(name) + (text[len(name) : len(name) + 1] == "=")
                exact = argument.value.exact and argument.place.end - argument.place.start == len(text)
                place = argument.place
                if exact:
                    place = place._replace(start=place.start + skip, column=place.column + skip)
                found = Argument(argument.value._replace(text=text[skip:], place=place, exact=exact), place)
    return found


def start_server(walk: Walk, context: Context, kind: Kind, first: Argument, rest: Arguments) -> None:
    """Note a server of the table with what its options, its variables and its defaults say."""
    variables = context.variables
    port = _said(variables.get, option(rest, kind.port_options), kind.port_variables)
    host = _said(variables.get, option(rest, kind.host_options), kind.host_variables)
    bound = option(rest, kind.bind_options)
    if bound is None and kind.positional:
        bound = next((a for a in rest if re.fullmatch(r"(?:[\w.\[\]:]*:)?\d{2,5}", a.text)), None)
    if bound is not None:
        if bound.text.startswith(("unix:", "fd://")):
            return
        bound_host, bound_port = split_address(bound.value)
        if kind.name in ("ollama",) or bound_port.text:
            port = bound_port
        host = bound_host if bound_host.text or host is None else host
    if kind.name == "gunicorn":
        port, host = _gunicorn(walk, context, port, host, bound, rest)
    elif kind.name == "ollama" and host is not None:
        host, given = split_address(host)
        port = given if given.text else port
    elif kind.name == "spring" and not any(a.text == "-jar" or a.text.endswith(".jar") for a in rest):
        walk.cannot_tell("a Java program was started without a jar")
        return
    if any(a.text in ("--uds", "--fd") or a.text.startswith(("--uds=", "--fd=")) for a in rest):
        return
    if any(a.text in ("--help", "--version") for a in rest):
        return
    place = first.place if first.place.path else context.place
    if port is None:
        port = Value(str(kind.port) if kind.port else None, "default" if kind.port else "unknown", place)
    if host is None:
        host = Value(kind.host, "default", place)
    port, host = _streamlit(walk, context, kind, port, host)
    flags = _flags(kind, rest, context, place)
    add_server(
        walk,
        context,
        kind.name,
        port,
        host,
        place,
        internal=kind.internal,
        flags=flags,
        command=first.text,
        arguments=rest,
    )


def _said(lookup: object, given: Argument | None, variables: tuple[str, ...]) -> Value | None:
    if given is not None:
        return given.value
    for name in variables:
        value: Value | None = lookup(name)  # type: ignore[operator]
        if value is not None and value.text != "":
            return value
    return None


def _streamlit(walk: Walk, context: Context, kind: Kind, port: Value, host: Value) -> tuple[Value, Value]:
    """Fill in what .streamlit/config.toml says where neither option nor variable did."""
    if kind.name != "streamlit" or (port.known != "default" and host.known != "default"):
        return port, host
    home = context.variables.get("HOME")
    folders = [context.cwd, (home.text if home is not None else None) or "/root", "/"]
    found = [find_source(walk, context, f"{f.rstrip('/')}/.streamlit/config.toml") for f in folders]
    if not walk.space.tree.complete:
        found.insert(0, find_source(walk, context, ".streamlit/config.toml"))
    source = next((f for f in found if f is not None), None)
    if source is None:
        return port, host
    from unstick.space.streamlit_config import StreamlitConfig

    written = source.text
    text = written if written is not None else walk.space.tree.read_text(source.path) or ""
    config = StreamlitConfig(text, source.path)
    for name in ("port", "address"):
        setting = config.get(f"server.{name}")
        if setting is None:
            continue
        exact = written is None and config.text[setting.place.start] not in "\"'"
        place = setting.place if written is None else source.place or setting.place
        value = Value(setting.text, "literal", place, exact)
        if name == "port" and port.known == "default":
            port = value
        elif name == "address" and host.known == "default":
            host = value
    return port, host


def _gunicorn(
    walk: Walk,
    context: Context,
    port: Value | None,
    host: Value | None,
    bound: Argument | None,
    rest: Arguments,
) -> tuple[Value | None, Value | None]:
    """gunicorn takes its bind from an option, a configuration file, GUNICORN_CMD_ARGS, or PORT in the
    environment.
    """
    if bound is not None:
        return port, host
    more = context.variables.get("GUNICORN_CMD_ARGS")
    if more is not None and more.text:
        words = tuple(Argument(more._replace(text=w, exact=False), more.place) for w in more.text.split())
        given = option(words, ("-b", "--bind"))
        if given is not None:
            found_host, found_port = split_address(given.value)
            return found_port, found_host
    config = option(rest, ("-c", "--config"))
    path = config.text.removeprefix("file:").removeprefix("python:") if config else "gunicorn.conf.py"
    source = find_source(walk, context, path)
    if source is not None and source.text is None:
        from unstick.space.launch.python_start import module_value

        value = module_value(walk, context, source.path, "bind")
        if value is not None:
            found_host, found_port = split_address(value)
            return found_port, found_host
    elif config is not None:
        walk.cannot_tell(f"gunicorn's configuration {path} is not at hand")
        return Value(None, "unknown"), Value(None, "unknown")
    if port is not None and host is None:
        host = Value("", "default", port.place)
    return port, host


def _flags(kind: Kind, rest: Arguments, context: Context, place: Place) -> tuple[Flag, ...]:
    out = []
    for argument in rest:
        where = argument.place if argument.place.path else place
        if argument.text in ("--reload", "--autoreload", "--dev", "--hot-reload") and kind.name not in (
            "redis",
            "neo4j",
        ):
            out.append(Flag("reload", where, argument.text))
        elif argument.text == "--debug" and kind.name in ("flask", "quart"):
            out.append(Flag("debug", where, argument.text))
    debug = context.variables.get("FLASK_DEBUG")
    if kind.name == "flask" and debug is not None and (debug.text or "").lower() in ("1", "true", "on"):
        out.append(Flag("debug", debug.place if debug.place.path else place, "FLASK_DEBUG"))
    first = rest[0].text if rest else ""
    if (kind.name, first) in (
        ("fastapi", "dev"),
        ("next", "dev"),
        ("vite", "dev"),
        ("nuxt", "dev"),
        ("astro", "dev"),
    ):
        out.append(Flag("dev", rest[0].place if rest[0].place.path else place, f"{kind.name} {first}"))
    return tuple(out)
