"""What each command of a RUN line does to files and users: one function a command, and the table of them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from unstick.record import TYPE_CHECKING
from unstick.space import image_users
from unstick.space.image_ops import State, join, numeric_mode
from unstick.space.image_options import option_value, split_options
from unstick.space.image_shell import UNKNOWN

if TYPE_CHECKING:
    from unstick.space.image_layers import Layers
    from unstick.space.image_run import Runner


def _mkdir(run: Runner, words: list[str]) -> None:
    options, rest = split_options(words, "m")
    mode = (
        numeric_mode(option_value(options, "-m", "--mode"))
        if any(o.startswith(("-m", "--mode")) for o in options)
        else None
    )
    for word in rest:
        path = run.path(word)
        if not path:
            continue
        for each in _braces(path):
            if run.layers.state(each).exists is False:
                run.refuse(each)
            run.add("make", each)
            if mode:
                run.add("mode", each, change=mode)


def _braces(path: str) -> list[str]:
    begin, end = path.find("{"), path.find("}")
    if begin < 0 or end < begin:
        return [path]
    return [path[:begin] + part + path[end + 1 :] for part in path[begin + 1 : end].split(",")][:50]


def _chown(run: Runner, words: list[str]) -> None:
    options, rest = split_options(words)
    recursive = any(o == "--recursive" or (not o.startswith("--") and "R" in o) for o in options)
    if len(rest) < 2:
        return
    uid, gid = run.layers.resolve(rest[0]) if UNKNOWN not in rest[0] else (-1, -1)
    if rest[0].startswith(":"):
        return
    for word in rest[1:]:
        if path := run.path(word):
            run.add("own", path, uid=uid, gid=gid, recursive=recursive)


def _chmod(run: Runner, words: list[str]) -> None:
    rest = [w for w in words if not (w.startswith("-") and set(w[1:]) <= set("Rvcf")) and w != "--recursive"]
    recursive = any(
        w == "--recursive" or (w.startswith("-") and "R" in w and set(w[1:]) <= set("Rvcf")) for w in words
    )
    change = numeric_mode(rest[0]) if rest else None
    if change is None:
        return
    for word in rest[1:]:
        if path := run.path(word):
            run.add("mode", path, change=change, recursive=recursive)


def _install(run: Runner, words: list[str]) -> None:
    options, rest = split_options(words, "omgtS")
    if not any(o == "--directory" or (not o.startswith("--") and "d" in o) for o in options):
        if rest:
            run.write(run.path(rest[-1]) or "/")
        return
    owner, group = option_value(options, "-o", "--owner"), option_value(options, "-g", "--group")
    mode = numeric_mode(option_value(options, "-m", "--mode") or "755")
    for path in filter(None, map(run.path, rest)):
        run.add("make", path)
        if owner:
            uid, gid = run.layers.resolve(f"{owner}:{group}" if group else owner)
            run.add("own", path, uid=uid, gid=gid)
        run.add("mode", path, change=mode)


def _touch(run: Runner, words: list[str]) -> None:
    for path in filter(None, map(run.path, split_options(words, "dtr")[1])):
        run.write(path)


def _remove(run: Runner, words: list[str]) -> None:
    for path in filter(None, map(run.path, split_options(words)[1])):
        run.add("remove", path, recursive=True)


def _copy(run: Runner, words: list[str]) -> None:
    _, rest = split_options(words, "t")
    if len(rest) < 2:
        return
    target = run.path(rest[-1])
    for word in rest[:-1]:
        source = run.path(word)
        if not target or not source:
            continue
        into = target
        if rest[-1].endswith(("/", ".")) or len(rest) > 2 or run.layers.state(target).kind == "folder":
            into = join(target, posixpath.basename(source))
        if source.endswith("*"):
            run.fill(target)
            continue
        run.add("copy", into, lookup=_same(run.layers, source, into))


def _same(layers: Layers, source: str, into: str) -> Callable[[str], State]:
    """The states below `into` are those below `source`, as they stood when the command ran."""
    at = len(layers.operations)

    def lookup(path: str) -> State:
        return layers.state(join(source, path[len(into) :].lstrip("/")), at)

    return lookup


def _move(run: Runner, words: list[str]) -> None:
    _, rest = split_options(words, "t")
    if len(rest) < 2:
        return
    frozen_user = run.layers.user
    for word in rest[:-1]:
        source, target = run.path(word), run.path(rest[-1])
        if source and target and "*" not in source:
            into = (
                join(target, posixpath.basename(source))
                if run.layers.state(target).kind == "folder"
                else target
            )
            run.add("copy", into, lookup=_same(run.layers, source, into), uid=-1)
            run.add("remove", source, recursive=True)
        elif target:
            run.fill(target)
    run.layers.user = frozen_user


def _link(run: Runner, words: list[str]) -> None:
    options, rest = split_options(words, "tS")
    if len(rest) == 2 and any("s" in o for o in options if not o.startswith("--")):
        target, link = run.path(rest[0]), run.path(rest[1])
        if target and link:
            if run.layers.state(link).kind == "folder":
                link = join(link, posixpath.basename(target))
            run.layers.links.append((link, target))


def _git(run: Runner, words: list[str]) -> None:
    if words[:1] != ["clone"]:
        return
    _, rest = split_options([w for w in words[1:] if not w.startswith("--")], "bcj")
    if rest:
        folder = rest[1] if len(rest) > 1 else posixpath.basename(rest[0]).removesuffix(".git")
        if path := run.path(folder):
            run.refuse(path)
            run.fill(path)


def _fetch(run: Runner, words: list[str]) -> None:
    options, rest = split_options(words, "oOP")
    target = option_value(options, "-o", "--output", "-O", "--output-document")
    folder = option_value(options, "-P", "--directory-prefix")
    if folder and (path := run.path(folder)):
        run.fill(path)
    elif target and target != "-" and not target.startswith("-") and (path := run.path(target)):
        run.write(path)
    elif (
        rest
        and any("O" in o for o in options if not o.startswith("--"))
        and (name := rest[-1].rpartition("/")[2])
    ):
        run.write(run.path(name) or "/")


def _unpack(run: Runner, words: list[str]) -> None:
    folder = option_value(words, "-C", "--directory", "-d")
    run.fill(run.path(folder) if folder else run.cwd)


def _cd(run: Runner, words: list[str]) -> None:
    path = run.path(words[0]) if words else ""
    if path:
        run.cwd = path


def _node(run: Runner, words: list[str]) -> None:
    if any(w in ("-g", "--global", "config", "set", "cache") for w in words[:3]):
        return
    if words[:1] in (["ci"], ["install"], ["i"], ["add"], []):
        run.refuse(join(run.cwd, "node_modules"))
    run.fill(join(run.cwd, "node_modules"))
    if not words or words[0] in ("run", "build", "exec"):
        run.fill(run.cwd)


def _npx(run: Runner, words: list[str]) -> None:
    rest = [w for w in words if not w.startswith("-")]
    if rest[:2] == ["prisma", "generate"]:
        run.refuse(join(run.cwd, "node_modules/.prisma"))
    run.fill(run.cwd)


def _uv(run: Runner, words: list[str]) -> None:
    if words[:1] in (["sync"], ["venv"]):
        run.refuse(join(run.cwd, ".venv"))
    if words[:1] in (["sync"], ["venv"], ["run"]):
        run.fill(join(run.cwd, ".venv"))
    if words[:1] == ["run"]:
        run.fill(run.cwd)


def _python(run: Runner, words: list[str]) -> None:
    if words[:2] == ["-m", "venv"] and len(words) > 2 and (path := run.path(words[-1])):
        run.fill(path)
    elif (
        words[:2] not in (["-m", "pip"], ["-m", "playwright"], ["-m", "nltk.downloader"], ["-m", "spacy"])
        and words
    ):
        run.fill(run.cwd)


def _tee(run: Runner, words: list[str]) -> None:
    for path in filter(None, map(run.path, split_options(words)[1])):
        run.write(path)


HANDLERS: dict[str, Callable[[Runner, list[str]], None]] = {
    "mkdir": _mkdir,
    "chown": _chown,
    "chmod": _chmod,
    "useradd": image_users.useradd,
    "adduser": image_users.adduser,
    "groupadd": image_users.groupadd,
    "addgroup": image_users.groupadd,
    "userdel": image_users.userdel,
    "deluser": image_users.userdel,
    "usermod": image_users.usermod,
    "install": _install,
    "touch": _touch,
    "rm": _remove,
    "rmdir": _remove,
    "cp": _copy,
    "mv": _move,
    "ln": _link,
    "git": _git,
    "wget": _fetch,
    "curl": _fetch,
    "unzip": _unpack,
    "tar": _unpack,
    "7z": _unpack,
    "cd": _cd,
    "pushd": _cd,
    "npm": _node,
    "yarn": _node,
    "pnpm": _node,
    "bun": _node,
    "npx": _npx,
    "uv": _uv,
    "python": _python,
    "python3": _python,
    "tee": _tee,
}
