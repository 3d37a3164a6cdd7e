"""Configuration files that start or place servers: nginx, Caddy, supervisord, Procfile, Apache, s6, make."""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.space.launch.known import option
from unstick.space.launch.types import Value
from unstick.space.launch.variables import Variables
from unstick.space.launch.walk import Arguments, Context, Walk, add_server, find_source
from unstick.space.lines import Lines

_LISTEN = lazy(r"(?m)^[^#\n]*?\blisten\s+([^;\n]{1,200});")
_CADDY_VARIABLE = lazy(r"\{\$([A-Za-z_]\w*)(?::([^{}]*))?\}")
_SECTION = lazy(r"\[([^\]\n]+)\]")


def start(walk: Walk, context: Context, name: str, rest: Arguments) -> bool:
    """Follow a program that reads such a file; False when it is none of them."""
    if name in ("nginx", "openresty"):
        _nginx(walk, context, rest)
    elif name == "caddy":
        _caddy(walk, context, rest)
    elif name in ("supervisord", "supervisord.sh"):
        _supervisord(walk, context, rest)
    elif name in ("honcho", "foreman", "overmind", "hivemind", "forego", "goreman"):
        _procfile(walk, context, rest)
    elif name in ("apache2-foreground", "httpd-foreground", "apachectl", "apache2ctl", "httpd", "apache2"):
        _apache(walk, context)
    elif name == "make":
        _make(walk, context, rest)
    elif name in ("/init", "init", "s6-svscan", "runsvdir", "circusd", "process-compose", "mprocs"):
        walk.cannot_tell(f"services started by {name} are not followed")
    else:
        return False
    return True


def _text(walk: Walk, context: Context, path: str) -> tuple[str, str, Lines] | None:
    source = find_source(walk, context, path)
    if source is None:
        return None
    text = source.text if source.text is not None else walk.space.tree.read_text(source.path)
    if text is None:
        return None
    return source.path, text[:500_000], Lines(text, source.path)


def _nginx(walk: Walk, context: Context, rest: Arguments) -> None:
    given = option(rest, ("-c",))
    if any(a.text in ("-t", "-s", "-v") for a in rest):
        return
    main = given.text if given is not None else "/etc/nginx/nginx.conf"
    files = [main] if _text(walk, context, main) is not None else []
    written = [
        p
        for p in [*(c[1] for c in walk.image.copies if not c[2]), *walk.image.written]
        if "nginx" in p or p.endswith(".conf")
    ]
    included = [
        p
        for p in written
        if re.search(r"/(conf\.d|sites-enabled|sites-available|http\.d|templates)/|default\.conf$", p)
    ]
    for _, target, folder in walk.image.copies:
        if folder and re.search(r"/(conf\.d|sites-enabled|templates)$", target):
            origin = next(c[0] for c in walk.image.copies if c[1] == target)
            included += [f"{target}/{p[len(origin) :].lstrip('/')}" for p in walk.space.tree.below(origin)]
    seen = False
    for path in dict.fromkeys([*files, *included]):
        seen = _listens(walk, context, path) or seen
    if seen:
        return
    if files or included or given is not None or [p for p in written if p.endswith((".conf", ".template"))]:
        walk.cannot_tell("nginx's configuration names no port that could be read")
        return
    add_server(
        walk, context, "nginx", Value("80", "default", context.place), Value("", "default"), context.place
    )


def _listens(walk: Walk, context: Context, path: str) -> bool:
    found = _text(walk, context, path)
    if found is None:
        return False
    _, text, lines = found
    any_port = False
    for match in list(_LISTEN.finditer(text))[:30]:
        address = match.group(1).split()[0]
        start = match.start(1)
        place = lines.place(start, start + len(address))
        if address.startswith("unix:"):
            continue
        value = context.variables.expand(address, place, True)
        host, port = _split(value)
        if port.text is None or not port.text.isdigit():
            walk.cannot_tell(f"nginx listens on {address}, which is filled in at the start")
        else:
            add_server(walk, context.deeper(path), "nginx", port, host, place)
        any_port = True
    return any_port


def _split(value: Value) -> tuple[Value, Value]:
    text = value.text or ""
    if text.isdigit():
        return Value("", "literal", value.place), value
    host, colon, port = text.rpartition(":")
    if not colon or port.endswith("]"):
        known = re.fullmatch(r"[\d.]+|localhost|\*|\[[0-9a-fA-F:]+\]", text)
        return value, Value("80" if known else None, "default" if known else "unknown", value.place)
    inside = value.place
    if value.exact:
        inside = inside._replace(start=inside.start + len(host) + 1, column=inside.column + len(host) + 1)
    shown = "" if host in ("*", "[::]", "0.0.0.0") else host
    return value._replace(text=shown, exact=False), value._replace(text=port, place=inside)


def _caddy(walk: Walk, context: Context, rest: Arguments) -> None:
    verb = rest[0].text if rest else ""
    if verb in ("file-server", "reverse-proxy", "respond"):
        given = option(rest, ("--listen", "-l", "--from", "-f"))
        value = (
            given.value
            if given is not None
            else Value(":80" if verb != "reverse-proxy" else ":443", "default", context.place)
        )
        _site(walk, context, value)
        return
    if verb not in ("run", "start", ""):
        return
    given = option(rest, ("--config", "-c"))
    for path in (given.text,) if given is not None else ("/etc/caddy/Caddyfile", "Caddyfile"):
        found = _text(walk, context, path)
        if found is not None:
            _caddyfile(walk, context.deeper(found[0]), found[1], found[2])
            return
    walk.cannot_tell("the Caddyfile is not at hand")


def _caddyfile(walk: Walk, context: Context, text: str, lines: Lines) -> None:
    depth = 0
    any_site = False
    for number, start in enumerate(lines.starts, 1):
        row = lines.line_text(number).split(" #", 1)[0]
        if row.strip().startswith("#"):
            continue
        plain = _CADDY_VARIABLE.sub(lambda m: _caddy_value(context, m), row)
        if depth == 0 and plain.strip() and not plain.strip().startswith(("{", "(", "import ")):
            for address in plain.strip().rstrip("{").replace(",", " ").split():
                exact = plain == row
                at = start + row.find(address) if exact else start
                place = lines.place(at, at + len(address) if exact else start + len(row))
                _site(walk, context, Value(address, "literal" if exact else "env-default", place, exact))
                any_site = True
        depth += plain.count("{") - plain.count("}")
    if not any_site:
        walk.cannot_tell("the Caddyfile names no address that could be read")


def _caddy_value(context: Context, match: re.Match[str]) -> str:
    given = context.variables.get(match.group(1))
    return (given.text if given is not None and given.text else match.group(2)) or ""


def _site(walk: Walk, context: Context, value: Value) -> None:
    text = value.text or ""
    scheme, _, address = text.rpartition("://")
    _, colon, port = address.split("/", 1)[0].rpartition(":")
    if not colon:
        port = "80" if scheme == "http" or not address else "443"
    if not port.isdigit():
        walk.cannot_tell(f"the Caddyfile's address {text[:60]} could not be read")
        return
    inside = value.place
    if value.exact and text.endswith(port):
        inside = inside._replace(start=inside.end - len(port), column=inside.column + len(text) - len(port))
    exact = value.exact and text.endswith(port)
    # A site's host name is what requests must name; Caddy binds all addresses.
    add_server(
        walk,
        context,
        "caddy",
        value._replace(text=port, place=inside, exact=exact),
        Value("", "default"),
        value.place,
    )


def _supervisord(walk: Walk, context: Context, rest: Arguments) -> None:
    from unstick.space.launch.scripts import run_text

    given = option(rest, ("-c", "--configuration"))
    names = (
        [given.text]
        if given is not None
        else ["/etc/supervisor/supervisord.conf", "/etc/supervisord.conf", "supervisord.conf"]
    )
    more = [
        p
        for p in [*(c[1] for c in walk.image.copies if not c[2]), *walk.image.written]
        if "/supervisor/conf.d/" in p
    ]
    any_program = False
    for path in dict.fromkeys([*names, *more]):
        found = _text(walk, context, path)
        if found is None:
            continue
        inner = context.deeper(found[0])
        for command, variables, folder, number in _programs(found[1], context):
            any_program = True
            place = found[2].place(found[2].starts[number - 1])
            child = inner._replace(variables=variables, background=True, place=place)
            run_text(walk, child.at(folder) if folder else child, command, place)
    if not any_program:
        walk.cannot_tell("supervisord's configuration is not at hand")


def _programs(text: str, context: Context) -> list[tuple[str, Variables, str, int]]:
    """Command, environment, folder and line of each program of a supervisord configuration."""
    out: list[tuple[str, Variables, str, int]] = []
    for section in _sections(text):
        if "command" not in section:
            continue
        variables = context.variables.copy()
        pairs = section.get("environment", ("", 0))[0]
        for name, one, two, three in re.findall(r"(\w+)=(?:\"([^\"]*)\"|'([^']*)'|([^,\s]*))", pairs):
            variables.set(name, context.variables.expand(one or two or three))
        command, number = section["command"]
        out.append((command, variables, section.get("directory", ("", 0))[0], number))
    return out


def _sections(text: str) -> list[dict[str, tuple[str, int]]]:
    """The values of each program section by key, with their lines."""
    out: list[dict[str, tuple[str, int]]] = []
    for number, raw in enumerate(text.split("\n"), 1):
        row = raw.split(" ;", 1)[0].strip()
        head = _SECTION.match(row)
        if head:
            out.append({} if head.group(1).startswith(("program:", "fcgi-program:")) else {"": ("", 0)})
        elif out and "" not in out[-1] and "=" in row and not row.startswith(("#", ";")):
            key, _, value = row.partition("=")
            out[-1][key.strip()] = (re.sub(r"%\(ENV_(\w+)\)s", r"${\1}", value.strip()), number)
    return out


def _procfile(walk: Walk, context: Context, rest: Arguments) -> None:
    from unstick.space.launch.scripts import run_text

    given = option(rest, ("-f", "--procfile"))
    found = _text(walk, context, given.text if given is not None else "Procfile")
    if found is None:
        walk.cannot_tell("the Procfile is not at hand")
        return
    for number, start_of_line in enumerate(found[2].starts, 1):
        name, colon, command = found[2].line_text(number).partition(":")
        if colon and re.fullmatch(r"[\w-]+", name.strip()):
            inner = context.deeper(found[0])._replace(variables=context.variables.copy(), background=True)
            if inner.variables.get("PORT") is None:
                inner.variables.set("PORT", Value("5000", "default"))
            run_text(walk, inner, command, found[2].place(start_of_line))


def _apache(walk: Walk, context: Context) -> None:
    for path in (
        "/etc/apache2/ports.conf",
        "/usr/local/apache2/conf/httpd.conf",
        "/etc/apache2/sites-available/000-default.conf",
    ):
        found = _text(walk, context, path)
        match = re.search(r"(?mi)^\s*Listen\s+(\S+)", found[1]) if found is not None else None
        if found is not None and match is not None:
            place = found[2].place(match.start(1), match.end(1))
            host, port = _split(context.variables.expand(match.group(1), place, True))
            add_server(walk, context.deeper(found[0]), "apache", port, host, place)
            return
    dockerfile = walk.image.dockerfile
    steps = (
        " ".join(s.text for s in dockerfile.instructions if s.keyword == "RUN")
        if dockerfile is not None
        else ""
    )
    if "ports.conf" in steps or "httpd.conf" in steps or re.search(r"Listen\s+\d", steps):
        walk.cannot_tell("Apache's configuration is changed in the build")
        return
    add_server(
        walk, context, "apache", Value("80", "default", context.place), Value("", "default"), context.place
    )


def _make(walk: Walk, context: Context, rest: Arguments) -> None:
    from unstick.space.launch.scripts import run_text

    found = _text(walk, context, "Makefile")
    target = next((a.text for a in rest if not a.text.startswith("-") and "=" not in a.text), "")
    if found is None or not target:
        walk.cannot_tell("the Makefile's target could not be followed")
        return
    match = re.search(rf"(?m)^{re.escape(target)}\s*:.*\n((?:\t.*(?:\n|\Z))+)", found[1])
    if match is None:
        walk.cannot_tell(f"the Makefile has no target {target}")
        return
    body = re.sub(r"(?m)^\t[@-]*", "", match.group(1)).replace("$$", "$")
    run_text(walk, context.deeper(found[0]), body, found[2].place(match.start(1)))
