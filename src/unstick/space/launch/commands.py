"""A process by its arguments: wrappers are looked through, servers recognised, scripts followed."""

from __future__ import annotations

import posixpath
import re

from unstick.patterns import lazy
from unstick.space.launch.known import start_server
from unstick.space.launch.table import BY_PROGRAM, CONFIGURED, QUIET, kind_of
from unstick.space.launch.types import Flag, Value
from unstick.space.launch.walk import (
    MAX_DEPTH,
    MAX_STEPS,
    Argument,
    Arguments,
    Context,
    Walk,
    find_source,
)
from unstick.space.launch.wrappers import RUNNERS, WRAPPERS
from unstick.space.types import Place

_SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh", "busybox"))
_PYTHON = lazy(r"(?:python|pypy)[0-9.]*\Z")
_ASSIGNMENT = lazy(r"([A-Za-z_][A-Za-z0-9_]*)=")


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
    elif name in WRAPPERS and not (name in RUNNERS and not _runs(name, rest)):
        _unwrap(walk, context, name, rest)
    elif _PYTHON.match(name):
        from unstick.space.launch.python_start import run_python

        run_python(walk, context, rest)
    elif name in QUIET or name in RUNNERS:
        return
    elif not _other(walk, context, name, first, rest):
        _file(walk, context, first, rest)


def _other(walk: Walk, context: Context, name: str, first: Argument, rest: Arguments) -> bool:
    """Servers of the table, JavaScript tools, process managers, proxies; False when it is none of them."""
    if name not in BY_PROGRAM or name in CONFIGURED:
        from unstick.space.launch import configurations, node

        if configurations.start(walk, context, name, rest) or node.start(walk, context, name, rest):
            return True
    if name == "php" and rest and rest[0].text.endswith("artisan"):
        name, first, rest = "artisan", rest[0], rest[1:]
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
    takes = WRAPPERS[name][1]
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
    plain, takes = WRAPPERS[name]
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
