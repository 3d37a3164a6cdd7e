"""What the commands of a RUN line do to files and users, as far as the text shows it."""

from __future__ import annotations

import posixpath

from unstick.record import TYPE_CHECKING
from unstick.space.image_handlers import HANDLERS
from unstick.space.image_layers import Layers, Refused
from unstick.space.image_ops import Operation, inside, join
from unstick.space.image_shell import UNKNOWN, ShellCommand, shell_commands

if TYPE_CHECKING:
    from unstick.space.dockerfile_types import Instruction
    from unstick.space.types import Place

_SHELLS = frozenset(("sh", "bash", "ash", "dash", "/bin/sh", "/bin/bash", "/usr/bin/bash"))
_HARMLESS = frozenset(
    (
        "apt-get", "apt", "apk", "dnf", "yum", "microdnf", "echo", "printf", "ls", "cat", "pwd", "which",
        "true", ":", "test", "[", "[[",
        "set", "export", "exit", "find", "grep", "awk", "sleep", "ldconfig", "fc-cache",
        "update-ca-certificates", "locale-gen",
        "dpkg-reconfigure", "add-apt-repository", "apt-key", "gpg", "date", "env", "uname", "id", "whoami",
        "head", "tail",
        "playwright", "curl", "wget", "sed", "command", "type", "corepack", "pip", "pip3", "conda",
        "mamba", "gem", "dos2unix",
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
                self.write(path)
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
            self.fill(self.cwd)

    def add(self, kind: str, path: str, **more: object) -> None:
        """One operation by the user of this step."""
        known: dict[str, object] = {
            "uid": self.layers.uid,
            "gid": self.layers.gid,
            "place": self.place,
            "sure": self.sure,
        }
        self.layers.add(Operation(kind, path, **{**known, **more}))  # type: ignore[arg-type]

    def write(self, path: str) -> None:
        """A file is written."""
        self.refuse(path)
        self.add("file", path)

    def refuse(self, path: str) -> None:
        """Note a step that its own user is not allowed to do."""
        layers = self.layers
        if layers.uid <= 0 or self.forgiven or not path:
            return
        if layers.state(path).kind == "folder" and layers.state(path).exists:
            path = join(path, "x")
        access = layers.access(path, layers.uid, layers.gid)
        if access.allowed is False:
            layers.refused.append(Refused(path, access, self.place, self.command, layers.user))

    def fill(self, path: str) -> None:
        """Something unknown may be put into a folder."""
        if path and path != "/":
            self.add("fill", path)


def _echoed(words: tuple[str, ...]) -> str:
    return " ".join(w for w in words[1:] if w not in ("-e", "-n", "-ne", "-en")).replace("\\n", "\n")


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
