"""What the commands of a RUN line do to files and users, as far as the text shows it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from unstick.space.image_layers import Layers, Refused, User
from unstick.space.image_ops import Operation, State, inside, join, numeric_mode
from unstick.space.image_shell import UNKNOWN, ShellCommand, shell_commands

if TYPE_CHECKING:
    from unstick.space.dockerfile_types import Instruction
    from unstick.space.types import Place

_SHELLS = frozenset(("sh", "bash", "ash", "dash", "/bin/sh", "/bin/bash", "/usr/bin/bash"))
_HARMLESS = frozenset(
    (
        "apt-get", "apt", "apk", "dnf", "yum", "microdnf", "echo", "printf", "ls", "cat", "pwd", "which", "true", ":", "test", "[", "[[",
        "set", "export", "exit", "find", "grep", "awk", "sleep", "ldconfig", "fc-cache", "update-ca-certificates", "locale-gen",
        "dpkg-reconfigure", "add-apt-repository", "apt-key", "gpg", "date", "env", "uname", "id", "whoami", "head", "tail",
        "playwright", "curl", "wget", "sed", "command", "type", "corepack", "pip", "pip3", "conda", "mamba", "gem", "dos2unix",
    )
)  # fmt: skip
_PREFIXES = frozenset(("sudo", "exec", "nohup", "time", "command", "env"))


class Runner:
    """Walks the commands of one RUN instruction."""

    def __init__(self, layers: Layers, place: Place) -> None:
        self.layers = layers
        self.place = place
        self.cwd = layers.workdir
        self.sure = True
        self.command = ""
        self.forgiven = False

    def run(self, text: str) -> None:
        """Every command of a shell text."""
        variables = {**self.layers.arguments, **self.layers.env}
        variables.setdefault("HOME", self.layers.home(self.layers.uid) or UNKNOWN)
        for command in shell_commands(text, variables):
            self.sure = command.certain
            self._one(command)

    def path(self, word: str) -> str:
        """A word as an absolute path; an empty string where it is not known."""
        return "" if UNKNOWN in word or not word else join(self.cwd, word)

    def _one(self, command: ShellCommand) -> None:
        self.command = " ".join(command.words)[:80]
        self.forgiven = command.follows == "||" or not command.certain
        for sign, target in command.redirects:
            path = self.path(target)
            if (
                sign.startswith((">", ">>"))
                and path
                and not target.startswith("&")
                and not inside(path, "/dev")
            ):
                self._write(path)
                if command.words[:1] in (("echo",), ("printf",)):
                    self.layers.written[path] = (
                        self.layers.written.get(path, "") + _echoed(command.words) + "\n"
                    )
        words = list(command.words)
        while words and words[0] in _PREFIXES:
            words.pop(0)
        if not words:
            return
        name = posixpath.basename(words[0])
        if name in ("sh", "bash", "su") and "-c" in words[:-1] and name != "su":
            self.run(words[words.index("-c") + 1])
            return
        handler = HANDLERS.get(name)
        if handler is not None:
            handler(self, words[1:])
        elif name not in _HARMLESS:
            self._fill(self.cwd)

    def _add(self, kind: str, path: str, **more: object) -> None:
        known: dict[str, object] = {
            "uid": self.layers.uid,
            "gid": self.layers.gid,
            "place": self.place,
            "sure": self.sure,
        }
        self.layers.add(Operation(kind, path, **{**known, **more}))  # type: ignore[arg-type]

    def _write(self, path: str) -> None:
        self._refuse(path)
        self._add("file", path)

    def _refuse(self, path: str) -> None:
        """Note a step that its own user is not allowed to do."""
        layers = self.layers
        if layers.uid <= 0 or self.forgiven or not path:
            return
        if layers.state(path).kind == "folder" and layers.state(path).exists:
            path = join(path, "x")
        access = layers.access(path, layers.uid, layers.gid)
        if access.allowed is False:
            layers.refused.append(Refused(path, access, self.place, self.command, layers.user))

    def _fill(self, path: str) -> None:
        if path and path != "/":
            self._add("fill", path)


def _split(words: list[str], with_value: str = "") -> tuple[list[str], list[str]]:
    """Options and the other words; `with_value` are letters of short options that take the next word."""
    options, rest, at = [], [], 0
    while at < len(words):
        word = words[at]
        if word == "--":
            rest += words[at + 1 :]
            break
        if word.startswith("-") and len(word) > 1:
            options.append(word)
            if not word.startswith("--") and word[-1] in with_value and at + 1 < len(words):
                at += 1
                options.append(words[at])
        else:
            rest.append(word)
        at += 1
    return options, rest


def _echoed(words: tuple[str, ...]) -> str:
    return " ".join(w for w in words[1:] if w not in ("-e", "-n", "-ne", "-en")).replace("\\n", "\n")


def _value(options: list[str], *names: str) -> str:
    for at, option in enumerate(options):
        name, equals, value = option.partition("=")
        if name in names:
            return value if equals else options[at + 1] if at + 1 < len(options) else ""
    return ""


def _mkdir(run: Runner, words: list[str]) -> None:
    options, rest = _split(words, "m")
    mode = (
        numeric_mode(_value(options, "-m", "--mode"))
        if any(o.startswith(("-m", "--mode")) for o in options)
        else None
    )
    for word in rest:
        path = run.path(word)
        if not path:
            continue
        for each in _braces(path):
            if run.layers.state(each).exists is False:
                run._refuse(each)
            run._add("make", each)
            if mode:
                run._add("mode", each, change=mode)


def _braces(path: str) -> list[str]:
    begin, end = path.find("{"), path.find("}")
    if begin < 0 or end < begin:
        return [path]
    return [path[:begin] + part + path[end + 1 :] for part in path[begin + 1 : end].split(",")][:50]


def _chown(run: Runner, words: list[str]) -> None:
    options, rest = _split(words)
    recursive = any(o == "--recursive" or (not o.startswith("--") and "R" in o) for o in options)
    if len(rest) < 2:
        return
    uid, gid = run.layers.resolve(rest[0]) if UNKNOWN not in rest[0] else (-1, -1)
    if rest[0].startswith(":"):
        return
    for word in rest[1:]:
        if path := run.path(word):
            run._add("own", path, uid=uid, gid=gid, recursive=recursive)


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
            run._add("mode", path, change=change, recursive=recursive)


def _useradd(run: Runner, words: list[str]) -> None:
    options, rest = _split(words, "uUgGdscpkebfKRPZ".replace("U", ""))
    if not rest:
        return
    layers, name = run.layers, rest[-1]
    number = _value(options, "-u", "--uid")
    system = any(o in ("-r", "--system") for o in options)
    taken = {u.uid for u in layers.users.values()}
    uid = int(number) if number.isdigit() else -1
    if not number:
        uid = _next(taken) if layers.base.known and not system else -1
    if uid in taken and uid > 0 and not any(o in ("-o", "--non-unique") for o in options):
        return
    home = _value(options, "-d", "--home-dir", "--home") or f"/home/{name}"
    group = _value(options, "-g", "--gid")
    gid = int(group) if group.isdigit() else layers.groups.get(group, uid)
    layers.users[name] = User(name, uid, gid, home, run.place)
    layers.groups.setdefault(name, gid)
    makes = any(o in ("-m", "--create-home") or (not o.startswith("--") and "m" in o[1:]) for o in options)
    if (makes or layers.base.family == "redhat") and not any(
        o in ("-M", "--no-create-home") for o in options
    ):
        _home(run, home, uid, gid)


def _adduser(run: Runner, words: list[str]) -> None:
    """Debian's adduser and BusyBox's: both make the home folder unless told not to."""
    busybox = run.layers.base.family in ("alpine", "wolfi")
    options, rest = _split(words, "uhgsGk" if busybox else "u")
    long_values = {"--uid", "--gid", "--home", "--shell", "--ingroup", "--gecos"}
    names = [w for at, w in enumerate(words) if w in rest and not (at and words[at - 1] in long_values)]
    if not names:
        return
    layers, name = run.layers, names[0]
    number = _value(words if not busybox else options, "-u", "--uid")
    system = any(o in ("-S", "--system") for o in options)
    taken = {u.uid for u in layers.users.values()}
    uid = int(number) if number.isdigit() else _next(taken) if layers.base.known and not system else -1
    home = _value(words, "--home", "-h") or f"/home/{name}"
    if uid in taken and uid > 0:
        return
    layers.users[name] = User(name, uid, uid, home, run.place)
    layers.groups.setdefault(name, uid)
    if not any(o in ("-H", "--no-create-home") for o in options) and not (system and not busybox):
        _home(run, home, uid, uid)


def _home(run: Runner, home: str, uid: int, gid: int) -> None:
    if run.layers.state(home).exists:
        return
    run._add("make", join(home), uid=0, gid=0)
    run._add("own", join(home), uid=uid, gid=gid)


def _next(taken: set[int]) -> int:
    return max([999, *(u for u in taken if 1000 <= u < 60000)]) + 1


def _groupadd(run: Runner, words: list[str]) -> None:
    options, rest = _split(words, "gK")
    number = _value(options, "-g", "--gid")
    if rest:
        run.layers.groups[rest[0]] = int(number) if number.isdigit() else -1


def _userdel(run: Runner, words: list[str]) -> None:
    for word in words:
        user = run.layers.users.pop(word, None)
        if user is not None and any(w in ("-r", "--remove", "--remove-home") for w in words):
            run._add("remove", user.home, recursive=True)


def _usermod(run: Runner, words: list[str]) -> None:
    options, rest = _split(words, "ugdlGs")
    user = run.layers.users.get(rest[-1]) if rest else None
    if user is None:
        return
    number, home = _value(options, "-u", "--uid"), _value(options, "-d", "--home")
    uid = int(number) if number.isdigit() else user.uid
    name = _value(options, "-l", "--login") or user.name
    run.layers.users.pop(user.name)
    run.layers.users[name] = user._replace(name=name, uid=uid, home=home or user.home)
    if uid != user.uid:
        run._add("own", user.home, uid=uid, recursive=True)


def _install(run: Runner, words: list[str]) -> None:
    options, rest = _split(words, "omgtS")
    if not any(o == "--directory" or (not o.startswith("--") and "d" in o) for o in options):
        if rest:
            run._write(run.path(rest[-1]) or "/")
        return
    owner, group = _value(options, "-o", "--owner"), _value(options, "-g", "--group")
    mode = numeric_mode(_value(options, "-m", "--mode") or "755")
    for path in filter(None, map(run.path, rest)):
        run._add("make", path)
        if owner:
            uid, gid = run.layers.resolve(f"{owner}:{group}" if group else owner)
            run._add("own", path, uid=uid, gid=gid)
        run._add("mode", path, change=mode)


def _touch(run: Runner, words: list[str]) -> None:
    for path in filter(None, map(run.path, _split(words, "dtr")[1])):
        run._write(path)


def _remove(run: Runner, words: list[str]) -> None:
    for path in filter(None, map(run.path, _split(words)[1])):
        run._add("remove", path, recursive=True)


def _copy(run: Runner, words: list[str]) -> None:
    _, rest = _split(words, "t")
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
            run._fill(target)
            continue
        run._add("copy", into, lookup=_same(run.layers, source, into))


def _same(layers: Layers, source: str, into: str) -> Callable[[str], State]:
    """The states below `into` are those below `source`, as they stood when the command ran."""
    at = len(layers.operations)

    def lookup(path: str) -> State:
        return layers.state(join(source, path[len(into) :].lstrip("/")), at)

    return lookup


def _move(run: Runner, words: list[str]) -> None:
    _, rest = _split(words, "t")
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
            run._add("copy", into, lookup=_same(run.layers, source, into), uid=-1)
            run._add("remove", source, recursive=True)
        elif target:
            run._fill(target)
    run.layers.user = frozen_user


def _link(run: Runner, words: list[str]) -> None:
    options, rest = _split(words, "tS")
    if len(rest) == 2 and any("s" in o for o in options if not o.startswith("--")):
        target, link = run.path(rest[0]), run.path(rest[1])
        if target and link:
            if run.layers.state(link).kind == "folder":
                link = join(link, posixpath.basename(target))
            run.layers.links.append((link, target))


def _git(run: Runner, words: list[str]) -> None:
    if words[:1] != ["clone"]:
        return
    _, rest = _split([w for w in words[1:] if not w.startswith("--")], "bcj")
    if rest:
        folder = rest[1] if len(rest) > 1 else posixpath.basename(rest[0]).removesuffix(".git")
        if path := run.path(folder):
            run._refuse(path)
            run._fill(path)


def _fetch(run: Runner, words: list[str]) -> None:
    options, rest = _split(words, "oOP")
    target = _value(options, "-o", "--output", "-O", "--output-document")
    folder = _value(options, "-P", "--directory-prefix")
    if folder and (path := run.path(folder)):
        run._fill(path)
    elif target and target != "-" and not target.startswith("-") and (path := run.path(target)):
        run._write(path)
    elif (
        rest
        and any("O" in o for o in options if not o.startswith("--"))
        and (name := rest[-1].rpartition("/")[2])
    ):
        run._write(run.path(name) or "/")


def _unpack(run: Runner, words: list[str]) -> None:
    folder = _value(words, "-C", "--directory", "-d")
    run._fill(run.path(folder) if folder else run.cwd)


def _cd(run: Runner, words: list[str]) -> None:
    path = run.path(words[0]) if words else ""
    if path:
        run.cwd = path


def _node(run: Runner, words: list[str]) -> None:
    if any(w in ("-g", "--global", "config", "set", "cache") for w in words[:3]):
        return
    if words[:1] in (["ci"], ["install"], ["i"], ["add"], []):
        run._refuse(join(run.cwd, "node_modules"))
    run._fill(join(run.cwd, "node_modules"))
    if not words or words[0] in ("run", "build", "exec"):
        run._fill(run.cwd)


def _npx(run: Runner, words: list[str]) -> None:
    rest = [w for w in words if not w.startswith("-")]
    if rest[:2] == ["prisma", "generate"]:
        run._refuse(join(run.cwd, "node_modules/.prisma"))
    run._fill(run.cwd)


def _uv(run: Runner, words: list[str]) -> None:
    if words[:1] in (["sync"], ["venv"]):
        run._refuse(join(run.cwd, ".venv"))
    if words[:1] in (["sync"], ["venv"], ["run"]):
        run._fill(join(run.cwd, ".venv"))
    if words[:1] == ["run"]:
        run._fill(run.cwd)


def _python(run: Runner, words: list[str]) -> None:
    if words[:2] == ["-m", "venv"] and len(words) > 2 and (path := run.path(words[-1])):
        run._fill(path)
    elif (
        words[:2] not in (["-m", "pip"], ["-m", "playwright"], ["-m", "nltk.downloader"], ["-m", "spacy"])
        and words
    ):
        run._fill(run.cwd)


def _tee(run: Runner, words: list[str]) -> None:
    for path in filter(None, map(run.path, _split(words)[1])):
        run._write(path)


HANDLERS: dict[str, Callable[[Runner, list[str]], None]] = {
    "mkdir": _mkdir, "chown": _chown, "chmod": _chmod, "useradd": _useradd, "adduser": _adduser, "groupadd": _groupadd,
    "addgroup": _groupadd, "userdel": _userdel, "deluser": _userdel, "usermod": _usermod, "install": _install, "touch": _touch,
    "rm": _remove, "rmdir": _remove, "cp": _copy, "mv": _move, "ln": _link, "git": _git, "wget": _fetch, "curl": _fetch,
    "unzip": _unpack, "tar": _unpack, "7z": _unpack, "cd": _cd, "pushd": _cd, "npm": _node, "yarn": _node, "pnpm": _node, "bun": _node, "npx": _npx,
    "uv": _uv, "python": _python, "python3": _python, "tee": _tee,
}  # fmt: skip


def run_instruction(layers: Layers, step: Instruction) -> None:
    """Let one RUN instruction act on the stage."""
    runner = Runner(layers, step.place)
    if step.form == "exec":
        words = [w.text for w in step.words]
        if words[:1] and words[0] in _SHELLS and "-c" in words[:-1]:
            runner.run(words[words.index("-c") + 1])
        else:
            runner.run(" ".join("'" + w.replace("'", "'\\''") + "'" for w in words))
        return
    text = step.text
    if step.heredocs:
        head = text.split("<<", 1)[0].strip()
        body = "\n".join(h.body for h in step.heredocs)
        if not head or head.split()[0] in _SHELLS:
            runner.run(body)
            return
        runner.run(text)
        for _, target in (
            r
            for c in shell_commands(text, {**layers.arguments, **layers.env})
            for r in c.redirects
            if r[0] in (">", ">>")
        ):
            if path := runner.path(target):
                layers.written[path] = body
        return
    runner.run(text)
