"""A process by its arguments: wrappers are looked through, servers recognised, scripts followed."""

from __future__ import annotations

import posixpath
import re

from unstick.space.launch.table import BY_PROGRAM, CONFIGURED, QUIET, Kind, kind_of
from unstick.space.launch.types import NOWHERE, Flag, Value
from unstick.space.launch.walk import (
    MAX_DEPTH,
    MAX_STEPS,
    Argument,
    Context,
    Walk,
    add_server,
    find_source,
    split_address,
)
from unstick.space.patterns import lazy
from unstick.space.types import Place

Arguments = tuple[Argument, ...]

_SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh", "busybox"))
_PYTHON = lazy(r"(?:python|pypy)[0-9.]*\Z")
_ASSIGNMENT = lazy(r"([A-Za-z_][A-Za-z0-9_]*)=")

# Wrappers: how many plain words stand before the wrapped command, and which options take a value.
_WRAPPERS: dict[str, tuple[int, tuple[str, ...]]] = {
    "exec": (0, ("-a",)),
    "command": (0, ()),
    "builtin": (0, ()),
    "eval": (0, ()),
    "nohup": (0, ()),
    "time": (0, ()),
    "nice": (0, ("-n",)),
    "ionice": (0, ("-c", "-n")),
    "setsid": (0, ()),
    "stdbuf": (0, ("-o", "-e", "-i")),
    "timeout": (1, ("-k", "-s")),
    "sudo": (0, ("-u", "-g", "-H")),
    "gosu": (1, ()),
    "su-exec": (1, ()),
    "runuser": (0, ("-u", "-g")),
    "setpriv": (0, ()),
    "chroot": (1, ()),
    "tini": (0, ("-e", "-p")),
    "tini-static": (0, ("-e", "-p")),
    "dumb-init": (0, ("-r",)),
    "catchsegv": (0, ()),
    "xvfb-run": (0, ("-s", "--server-args", "-n", "--server-num", "-e", "-f", "-p", "-w")),
    "dbus-run-session": (0, ()),
    "ddtrace-run": (0, ()),
    "opentelemetry-instrument": (0, ("--service_name", "--traces_exporter")),
    "newrelic-admin": (1, ()),
    "bundle": (1, ()),
    "infisical": (1, ()),
    "doppler": (1, ()),
    "op": (1, ()),
    "npx": (0, ("-p", "--package")),
    "bunx": (0, ()),
    "pnpx": (0, ()),
    "uvx": (0, ("--from", "--with", "-p", "--python")),
    "pipx": (1, ("--spec",)),
    "cross-env": (0, ()),
    "cross-env-shell": (0, ()),
    "dotenv": (0, ("-e", "-f", "-c")),
    "dotenvx": (1, ("-f",)),
    "env-cmd": (0, ("-f",)),
    "env": (0, ("-u", "-C")),
    "nodemon": (0, ("--watch", "-w", "-e", "--ext")),
    "micromamba": (1, ("-n", "-p", "--name", "--prefix")),
    "mamba": (1, ("-n", "-p", "--name", "--prefix")),
    "conda": (1, ("-n", "-p", "--name", "--prefix")),
    "poetry": (1, ("-C", "--directory", "-P", "--project")),
    "pipenv": (1, ()),
    "pdm": (1, ("-p", "--project")),
    "rye": (1, ()),
    "hatch": (1, ("-e",)),
    "pixi": (1, ("-e", "--environment", "--manifest-path")),
    "uv": (1, ("--with", "-p", "--python", "--project", "--directory", "--extra", "--group", "--env-file", "--package",
               "--index-url", "--with-requirements", "--no-group", "--no-extra", "--only-group")),
    "accelerate": (1, ("--num_processes", "--num_machines", "--mixed_precision", "--config_file")),
    "s6-setuidgid": (1, ()),
    "with-contenv": (0, ()),
    "docker-entrypoint.sh": (0, ()),
    "/usr/local/bin/docker-entrypoint.sh": (0, ()),
}  # fmt: skip
_RUNNERS = frozenset(
    [
        "micromamba",
        "mamba",
        "conda",
        "poetry",
        "pipenv",
        "pdm",
        "rye",
        "hatch",
        "pixi",
        "uv",
        "pipx",
        "accelerate",
        "infisical",
        "doppler",
        "op",
        "dotenvx",
    ]
)


def run(walk: Walk, context: Context, arguments: Arguments) -> None:
    """Follow one process."""
    walk.steps += 1
    if walk.steps > MAX_STEPS or context.depth > MAX_DEPTH:
        walk.cannot_tell("the start is nested too deeply to follow")
        return
    arguments, context = _leading_assignments(arguments, context)
    if not arguments:
        return
    first = arguments[0]
    if first.value.text is None:
        walk.cannot_tell(
            f"the program to start is not known here ({first.value.variable or 'the output of a command'})"
        )
        return
    name = posixpath.basename(first.text) if first.text.rstrip("/") else ""
    rest = arguments[1:]
    if name in _SHELLS or (name in ("bash.exe", "sh.exe")):
        _shell(walk, context, rest)
    elif name in ("su",):
        _su(walk, context, rest)
    elif name in _WRAPPERS and not (name in _RUNNERS and not _runs(name, rest)):
        _unwrap(walk, context, name, rest)
    elif _PYTHON.match(name):
        from unstick.space.launch.python_start import run_python

        run_python(walk, context, rest)
    elif name in QUIET or name in _RUNNERS:
        return
    elif not _other(walk, context, name, first, rest):
        _file(walk, context, first, rest)


def _other(walk: Walk, context: Context, name: str, first: Argument, rest: Arguments) -> bool:
    """Servers of the table, JavaScript tools, process managers, proxies; False when it is none of them."""
    if name not in BY_PROGRAM or name in CONFIGURED:
        from unstick.space.launch import configurations, node

        if configurations.start(walk, context, name, rest) or node.start(walk, context, name, rest):
            return True
    kind = kind_of(name, tuple(a.text for a in rest))
    if kind is not None:
        start_server(walk, context, kind, first, rest)
        return True
    if name in (
        "flask",
        "streamlit",
        "fastapi",
        "panel",
        "mlflow",
        "ollama",
        "next",
        "shiny",
        "vllm",
        "rails",
        "jupyter",
    ):
        return True
    if name == "Rscript":
        from unstick.space.launch.other_languages import run_r

        run_r(walk, context, rest)
        return True
    return False


def _file(walk: Walk, context: Context, first: Argument, rest: Arguments) -> None:
    """A program that is a file of the Space, or one that nothing is known of."""
    source = find_source(walk, context, first.text)
    text = None
    if source is not None:
        text = source.text if source.text is not None else walk.space.tree.read_text(source.path)
    if source is None or text is None:
        from unstick.space.launch.python_start import run_console_script

        if not run_console_script(walk, context, first.text, rest):
            walk.cannot_tell(f"nothing is known of the program {first.text}")
        return
    head = text.split("\n", 1)[0]
    if (source.path.endswith(".py") and source.text is None) or (head.startswith("#!") and "python" in head):
        from unstick.space.launch.python_start import run_file

        run_file(walk, context, source.path, rest)
    elif source.path.endswith((".js", ".mjs", ".ts")) or (head.startswith("#!") and "node" in head):
        from unstick.space.launch.node import run_script

        run_script(walk, context, source.path, rest)
    elif head.startswith("#!") and not re.search(r"\b(?:ba|da|a|z|)sh\b", head):
        walk.cannot_tell(f"{source.path} is not a shell or Python script")
    else:
        _script(walk, context, first, rest)


def _leading_assignments(arguments: Arguments, context: Context) -> tuple[Arguments, Context]:
    skip = 0
    variables = context.variables
    for argument in arguments:
        match = _ASSIGNMENT.match(argument.text)
        if match is None:
            break
        if skip == 0:
            variables = variables.copy()
        variables.set(match.group(1), argument.value._replace(text=argument.text[match.end() :], exact=False))
        skip += 1
    return (arguments[skip:], context._replace(variables=variables)) if skip else (arguments, context)


def _runs(name: str, rest: Arguments) -> bool:
    """Whether `conda run …`, `uv run …` and so on follow, and not `conda activate`, `uv sync`."""
    takes = _WRAPPERS[name][1]
    skip = False
    for argument in rest:
        text = argument.text
        if skip:
            skip = False
        elif text.startswith("-"):
            skip = text in takes
        else:
            return text in ("run", "x", "exec", "launch", "tool", "run-program")
    return False


def _unwrap(walk: Walk, context: Context, name: str, rest: Arguments) -> None:
    plain, takes = _WRAPPERS[name]
    if name in ("uv", "poetry"):
        context = _project_folder(context, rest)
    i = 0
    while i < len(rest):
        text = rest[i].text
        if text == "--":
            i += 1
            if plain <= 0:
                break
            continue
        if text.startswith("-") and len(text) > 1:
            if name in ("uv", "rye") and text in ("-m", "--module"):
                run(walk, context.deeper(), (Argument(Value("python"), rest[i].place), *rest[i:]))
                return
            i += 2 if text in takes and "=" not in text else 1
            continue
        if name in ("env", "cross-env", "cross-env-shell", "sudo", "dotenv") and _ASSIGNMENT.match(text):
            break
        if plain <= 0:
            break
        plain -= 1
        i += 1
    wrapped = rest[i:]
    if name == "nodemon" and wrapped:
        walk.flags.append(Flag("dev", wrapped[0].place, "nodemon"))
    if name == "eval" and wrapped:
        _shell_text(walk, context.deeper(), " ".join(a.text for a in wrapped), wrapped[0].place)
        return
    if wrapped and wrapped[0].text.endswith(".py"):
        wrapped = (Argument(Value("python"), wrapped[0].place), *wrapped)
    if name in ("nodemon",) and wrapped and wrapped[0].text.endswith((".js", ".ts", ".mjs")):
        wrapped = (Argument(Value("node"), wrapped[0].place), *wrapped)
    run(walk, context.deeper(), wrapped)


def _project_folder(context: Context, rest: Arguments) -> Context:
    for i, argument in enumerate(rest[:-1]):
        if argument.text in ("--directory", "-C"):
            return context.at(rest[i + 1].text)
    return context


def _su(walk: Walk, context: Context, rest: Arguments) -> None:
    for i, argument in enumerate(rest[:-1]):
        if argument.text in ("-c", "--command"):
            _shell_text(walk, context.deeper(), rest[i + 1].text, rest[i + 1].place)
            return


def _shell(walk: Walk, context: Context, rest: Arguments) -> None:
    i = 0
    while i < len(rest):
        text = rest[i].text
        if re.fullmatch(r"-[a-z]*c[a-z]*", text):
            if i + 1 < len(rest):
                body = rest[i + 1]
                positional = {str(n): a.value for n, a in enumerate(rest[i + 2 :])}
                inner = context.deeper()
                for key, value in positional.items():
                    inner.variables.set(key, value)
                if body.value.text is None:
                    walk.cannot_tell("the shell command is not known here")
                else:
                    _shell_text(walk, inner, body.text, body.place)
            return
        if text in ("-o", "+o", "--rcfile", "--init-file"):
            i += 2
        elif text.startswith(("-", "+")) and len(text) > 1:
            i += 1
        else:
            _script(walk, context, rest[i], rest[i + 1 :])
            return


def _shell_text(walk: Walk, context: Context, text: str, place: Place) -> None:
    from unstick.space.launch.scripts import run_text

    run_text(walk, context, text, place)


def _script(walk: Walk, context: Context, path: Argument, rest: Arguments) -> None:
    from unstick.space.launch.scripts import run_script

    run_script(walk, context, path, rest)


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
        host = bound_host if bound_host.text or kind.name != "daphne" else host
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
    source = find_source(walk, context, ".streamlit/config.toml")
    if source is None or source.text is not None:
        return port, host
    from unstick.space.streamlit_config import StreamlitConfig

    config = StreamlitConfig(walk.space.tree.read_text(source.path) or "", source.path)
    for name in ("port", "address"):
        setting = config.get(f"server.{name}")
        if setting is None:
            continue
        value = Value(setting.text, "literal", setting.place, config.text[setting.place.start] not in "\"'")
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


__all__ = ["NOWHERE", "Arguments", "option", "run", "start_server"]
