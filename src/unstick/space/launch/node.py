"""Node, Bun and Deno: package.json scripts, and the `listen` calls of JavaScript and TypeScript sources."""

from __future__ import annotations

import posixpath
import re

from unstick.space.launch.commands import run
from unstick.space.launch.javascript import listens
from unstick.space.launch.known import option
from unstick.space.launch.types import Flag, Value
from unstick.space.launch.walk import Argument, Arguments, Context, Walk, add_server, find_source

_MANAGERS = frozenset(("npm", "yarn", "pnpm", "bun", "cnpm"))
_RUNTIMES = frozenset(
    ("node", "nodejs", "tsx", "ts-node", "ts-node-dev", "esno", "babel-node", "bun", "deno")
)
_OWN_WORDS = frozenset(
    [
        "install",
        "i",
        "ci",
        "add",
        "remove",
        "init",
        "create",
        "update",
        "exec",
        "x",
        "dlx",
        "run",
        "run-script",
        "test",
        "build",
        "cache",
        "config",
        "audit",
    ]
)
_TAKES_VALUE = frozenset(
    (
        "--prefix",
        "-C",
        "--cwd",
        "--dir",
        "-w",
        "--workspace",
        "--filter",
        "-r",
        "--require",
        "--import",
        "--loader",
        "--env-file",
        "-P",
        "--project",
        "--conditions",
        "--tsconfig",
    )
)
_SOURCES = (".ts", ".js", ".mjs", ".cjs", ".tsx", ".mts", ".jsx")


def start(walk: Walk, context: Context, name: str, rest: Arguments) -> bool:
    """Follow a package manager, a JavaScript runtime or a process manager; False when the program is none
    of them.
    """
    if name in _MANAGERS and not (name == "bun" and rest and rest[0].text.endswith(_SOURCES)):
        _manager(walk, context, name, rest)
    elif name in _RUNTIMES:
        _runtime(walk, context, name, rest)
    elif name in ("pm2", "pm2-runtime", "pm2-docker", "forever"):
        _pm2(walk, context, rest)
    elif name in ("concurrently", "npm-run-all", "run-p", "run-s", "run-script-os"):
        _several(walk, context, name, rest)
    else:
        return False
    return True


def _manager(walk: Walk, context: Context, name: str, rest: Arguments) -> None:
    plain: list[Argument] = []
    i = 0
    while i < len(rest):
        text = rest[i].text
        if text in ("--prefix", "-C", "--cwd", "--dir") and i + 1 < len(rest):
            context = context.at(rest[i + 1].text)
            i += 2
        elif text.startswith(("--prefix=", "--cwd=", "--dir=")):
            context = context.at(text.partition("=")[2])
            i += 1
        elif text in ("-w", "--workspace", "--filter") or text.startswith(("--workspace=", "--filter=")):
            walk.cannot_tell(f"{name} starts a part of a workspace")
            return
        elif not plain and text.startswith("-"):
            i += 1
        else:
            plain.append(rest[i])
            i += 1
    if not plain:
        return
    verb = plain[0].text
    if verb in ("run", "run-script", "rum"):
        if len(plain) > 1:
            _package_script(walk, context, plain[1].text, plain[2:], plain[1])
    elif verb in ("exec", "x", "dlx"):
        run(walk, context.deeper(), tuple(a for a in plain[1:] if a.text != "--"))
    elif verb in ("start", "serve", "dev", "preview", "prod") or (
        name in ("yarn", "pnpm", "bun") and verb not in _OWN_WORDS
    ):
        _package_script(walk, context, verb, plain[1:], plain[0])


def _package_script(walk: Walk, context: Context, name: str, rest: list[Argument], said: Argument) -> None:
    from unstick.space.launch.scripts import run_text

    source = find_source(walk, context, "package.json")
    text = None
    if source is not None:
        text = source.text if source.text is not None else walk.space.tree.read_text(source.path)
    if source is None or text is None:
        walk.cannot_tell("package.json is not at hand")
        return
    import json

    try:
        scripts = json.loads(text.lstrip("\ufeff")).get("scripts") or {}
        command = scripts.get(name)
    except (ValueError, AttributeError, RecursionError):
        walk.cannot_tell(f"{source.path} is not valid JSON")
        return
    if not isinstance(command, str):
        if name == "start" and find_source(walk, context, "server.js") is not None:
            run_script(walk, context, "server.js", ())
            return
        walk.cannot_tell(f"{source.path} has no script {name}")
        return
    key = (source.path, name)
    if key in walk.seen:
        return
    walk.seen.add(key)
    from unstick.space.lines import Lines

    at = re.search(rf'"{re.escape(name)}"\s*:', text)
    place = Lines(text, source.path).place(at.start(), at.end()) if at else said.place
    more = " ".join(a.text for a in rest if a.text != "--")
    inner = context.deeper(source.path)
    if name in ("dev", "start:dev"):
        walk.flags.append(Flag("dev", place, f"npm run {name}"))
    run_text(walk, inner._replace(variables=inner.variables.copy()), f"{command} {more}".strip(), place)


def _runtime(walk: Walk, context: Context, name: str, rest: Arguments) -> None:
    port = option(rest, ("--port", "-p")) if name in ("bun", "deno") else None
    i = 0
    while i < len(rest):
        text = rest[i].text
        if text in ("-e", "--eval", "-p", "-v", "--version", "-h") and name not in ("deno",):
            return
        if text in _TAKES_VALUE:
            i += 2
        elif (
            text.startswith("-")
            or (name in ("deno", "bun") and text in ("run", "serve", "task", "watch"))
            or text == "watch"
        ):
            if text in ("--watch", "watch") or text == "--hot":
                walk.flags.append(Flag("dev", rest[i].place, text))
            if text == "task":
                walk.cannot_tell("a task of deno.json is started")
                return
            i += 1
        else:
            run_script(walk, context, text, rest[i + 1 :], port)
            return


def run_script(
    walk: Walk, context: Context, path: str, rest: Arguments, port: Argument | None = None
) -> None:
    """Follow a JavaScript file: built files are looked up as the sources they come from."""
    if path.endswith(("next", "next/dist/bin/next", "/vite.js", "/vite")) and "node_modules" in path:
        run(
            walk,
            context,
            (Argument(Value(posixpath.basename(path).removesuffix(".js")), context.place), *rest),
        )
        return
    direct = find_source(walk, context, path)
    if (direct is None or direct.text is not None) and _framework(walk, context, path):
        return
    files = _source_files(walk, context, path)
    if not files:
        walk.cannot_tell(f"{path} is not at hand")
        return
    before = len(walk.servers)
    for file in files:
        text = walk.space.tree.read_text(file) or ""
        for port_value, host_value, place in listens(walk.space, file, text, context.variables):
            if port is not None:
                port_value = port.value
            add_server(walk, context.deeper(file), "node", port_value, host_value, place)
        if len(walk.servers) > before:
            return
    walk.cannot_tell(f"{path} calls no listen that could be read")


def _framework(walk: Walk, context: Context, path: str) -> bool:
    """Servers that a framework builds: Next's standalone one, Nuxt's, SvelteKit's."""
    plain = posixpath.normpath(path)
    known = (
        ("server.js", "next"),
        (".next/standalone/server.js", "next"),
        (".output/server/index.mjs", "nuxt"),
        ("build", "sveltekit"),
        ("build/index.js", "sveltekit"),
        ("dist/server/entry.mjs", "astro"),
    )
    manifest = walk.space.tree.read_text("package.json") or "".join(
        walk.space.tree.read_text(p) or "" for p in walk.space.tree.glob("*/package.json")[:5]
    )
    for ending, kind in known:
        word = {"sveltekit": "@sveltejs/", "next": '"next"', "nuxt": '"nuxt', "astro": '"astro"'}[kind]
        if (plain == ending or plain.endswith("/" + ending)) and word in manifest:
            said = context.variables.get("PORT") or context.variables.get("NITRO_PORT")
            host = context.variables.get("HOSTNAME" if kind == "next" else "HOST")
            default = "4321" if kind == "astro" else "3000"
            address = host or Value("localhost" if kind == "astro" else "", "default", context.place)
            add_server(
                walk, context, kind, said or Value(default, "default", context.place), address, context.place
            )
            return True
    return False


def _source_files(walk: Walk, context: Context, path: str) -> list[str]:
    direct = find_source(walk, context, path)
    if direct is not None and direct.text is None:
        return [direct.path]
    for ending in (*_SOURCES, "/index.js", "/index.ts", "/server.js"):
        found = find_source(walk, context, path + ending)
        if found is not None and found.text is None:
            return [found.path]
    stem, _ = posixpath.splitext(posixpath.basename(path))
    built = re.search(r"(?:^|/)(dist|build|out|lib|\.output)(?:/|$)", path)
    if built is None:
        return []
    inner = path[built.end() :]
    base = posixpath.splitext(inner)[0]
    tree = walk.space.tree
    named = [
        p
        for p in tree.names()
        if posixpath.splitext(p)[0].endswith(base) and p.endswith(_SOURCES) and "node_modules" not in p
    ]
    exact = [p for p in named if posixpath.splitext(p)[0] in (base, f"src/{base}", f"server/{base}")]
    if exact or len(named) == 1:
        return exact or named
    close = [p for p in named if posixpath.splitext(posixpath.basename(p))[0] == stem]
    return close[:3]


def _pm2(walk: Walk, context: Context, rest: Arguments) -> None:
    words = [
        a for a in rest if not a.text.startswith("-") and a.text not in ("start", "startOrRestart", "runtime")
    ]
    if not words:
        return
    first = words[0].text
    if first.endswith((".config.js", ".config.cjs", ".json", ".yml")):
        source = find_source(walk, context, first)
        text = walk.space.tree.read_text(source.path) if source is not None and source.text is None else None
        scripts = re.findall(r"\bscript['\"]?\s*:\s*['\"]([^'\"\n]+)['\"]", (text or "")[:100_000])
        for script in scripts[:10]:
            run(
                walk,
                context.deeper(first)._replace(background=len(scripts) > 1),
                (Argument(Value(script), words[0].place),),
            )
        if not scripts:
            walk.cannot_tell(f"{first} names no scripts that could be read")
        return
    run_script(walk, context, first, ())


def _several(walk: Walk, context: Context, name: str, rest: Arguments) -> None:
    from unstick.space.launch.scripts import run_text

    takes = ("-n", "--names", "-c", "--prefix-colors", "-p", "--prefix", "-s", "--success")
    skip = False
    for argument in rest:
        if skip or argument.text.startswith("-"):
            skip = not skip and argument.text in takes
            continue
        inner = context.deeper()._replace(variables=context.variables.copy(), background=True)
        if name != "concurrently":
            _package_script(walk, inner, argument.text, [], argument)
        elif argument.text.startswith(("npm:", "yarn:", "pnpm:")):
            _package_script(walk, inner, argument.text.partition(":")[2], [], argument)
        else:
            run_text(walk, inner, argument.text, argument.place)
