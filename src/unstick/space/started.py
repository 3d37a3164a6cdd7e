"""The files that a start command names: programs, scripts, modules, with the folder it runs in at that
point.
"""

from __future__ import annotations

import posixpath

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.image_ops import join
from unstick.space.image_shell import UNKNOWN, ShellCommand, shell_commands
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space.dockerfile_types import Instruction
    from unstick.space.image import Image
    from unstick.space.space import Space


class Named(NamedTuple):
    """A file or module of the start command.

    `paths` are the places in the image where it would be found, `word` what the command says, `by` the
    program, `place` where the command stands, `certain` whether it runs under no condition.
    """

    word: str
    paths: tuple[str, ...]
    by: str
    place: Place
    certain: bool


_PREFIXES = frozenset(
    (
        "exec",
        "nohup",
        "sudo",
        "tini",
        "dumb-init",
        "--",
        "time",
        "/tini",
        "/usr/bin/tini",
        "/sbin/tini",
        "env",
    )
)
_WRAPPERS = {"uv": "run", "poetry": "run", "pipenv": "run", "pdm": "run"}
_SERVERS = frozenset(("uvicorn", "gunicorn", "hypercorn", "daphne", "granian"))
_RUNNERS = frozenset(("streamlit", "chainlit", "panel", "fastapi", "gradio", "marimo", "shiny", "mesop"))
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "source", "."))


def command_text(step: Instruction) -> str:
    """A CMD or ENTRYPOINT as shell text."""
    if step.form == "shell":
        return step.text
    words = step.word_texts()
    if words[:1] and posixpath.basename(words[0]) in _SHELLS and "-c" in words[:-1]:
        return words[words.index("-c") + 1]
    return " ".join("'" + w.replace("'", "'\\''") + "'" for w in words)


def named_files(space: Space, image: Image) -> Iterator[Named]:
    """Every file that the start command and the scripts behind it name."""
    layers = image.layers
    steps = [s for s in (layers.entrypoint, layers.command) if s is not None]
    if len(steps) == 2 and steps[0].form == "exec" and steps[1].form == "exec":
        text = command_text(steps[0]) + " " + command_text(steps[1])
        yield from _Reader(space, image).read(text, steps[0].place, image.workdir, 0)
        return
    for step in steps:
        yield from _Reader(space, image).read(command_text(step), step.place, image.workdir, 0)


class _Reader:
    def __init__(self, space: Space, image: Image) -> None:
        self.space = space
        self.image = image
        self.seen: set[str] = set()

    def read(self, text: str, place: Place, cwd: str, depth: int) -> Iterator[Named]:
        """The files of one text, and of the scripts that it runs."""
        for command in shell_commands(text, self.image.environment):
            words = _bare(command)
            if not words:
                continue
            here = (
                place
                if place.path == "Dockerfile"
                else place._replace(line=text.count("\n", 0, command.start) + 1)
            )
            name = posixpath.basename(words[0])
            if name == "cd" and len(words) > 1:
                if UNKNOWN not in words[1] and "dirname" not in words[1]:
                    cwd = join(cwd, words[1])
                continue
            if name in _SHELLS and "-c" in words[1:-1]:
                yield from self.read(words[words.index("-c") + 1], here, cwd, depth + 1)
                continue
            for found in self._named(words, name, cwd, here, command.certain):
                yield found
                if depth < 4 and (name in _SHELLS or found.by == "script"):
                    yield from self._script(found, cwd, depth)

    def _named(self, words: list[str], name: str, cwd: str, place: Place, certain: bool) -> Iterator[Named]:
        rest = words[1:]
        if name in _SHELLS:
            target = next((w for w in rest if not w.startswith("-")), "")
        elif words[0].startswith(("./", "/")) and words[0].endswith((".sh", ".py", ".bash")):
            yield self._file(words[0], "script", cwd, place, certain)
            return
        elif name.startswith("python"):
            yield from self._python(rest, name, cwd, place, certain)
            return
        elif name in _SERVERS:
            yield from self._module(rest, name, cwd, place, certain)
            return
        elif name in _RUNNERS:
            target = next((w for w in rest if w.endswith(".py")), "")
        elif name in ("node", "deno"):
            target = next((w for w in rest if w.endswith((".js", ".mjs", ".cjs"))), "")
        else:
            return
        if target and UNKNOWN not in target:
            yield self._file(target, name, cwd, place, certain)

    def _python(self, rest: list[str], name: str, cwd: str, place: Place, certain: bool) -> Iterator[Named]:
        at = 0
        while at < len(rest) and rest[at].startswith("-") and rest[at] not in ("-m", "-c"):
            at += 2 if rest[at] in ("-W", "-X") else 1
        if at >= len(rest) or rest[at] == "-c" or UNKNOWN in rest[at]:
            return
        if rest[at] == "-m":
            if at + 2 < len(rest) and rest[at + 1] in _SERVERS:
                yield from self._module(rest[at + 2 :], rest[at + 1], cwd, place, certain)
            elif at + 1 < len(rest) and rest[at + 1] in _RUNNERS:
                target = next((w for w in rest[at + 2 :] if w.endswith(".py")), "")
                if target:
                    yield self._file(target, rest[at + 1], cwd, place, certain)
            return
        yield self._file(rest[at], name, cwd, place, certain)

    def _module(self, rest: list[str], name: str, cwd: str, place: Place, certain: bool) -> Iterator[Named]:
        target = next(
            (
                w
                for w in rest
                if ":" in w and not w.startswith("-") and w.partition(":")[0].replace(".", "").isidentifier()
            ),
            "",
        )
        if not target:
            return
        roots = [cwd, *filter(None, self.image.environment.get("PYTHONPATH", "").split(":"))]
        for at, word in enumerate(rest):
            option, _, value = word.partition("=")
            if option in ("--app-dir", "--chdir"):
                roots.insert(0, join(cwd, value or (rest[at + 1] if at + 1 < len(rest) else ".")))
        inner = target.partition(":")[0].replace(".", "/")
        paths = [join(cwd, root, f"{inner}{end}") for root in roots for end in (".py", "/__init__.py")]
        yield Named(target, tuple(paths), name, place, certain)

    def _file(self, word: str, by: str, cwd: str, place: Place, certain: bool) -> Named:
        return Named(word, (join(cwd, word),), by, place, certain)

    def _script(self, found: Named, cwd: str, depth: int) -> Iterator[Named]:
        path = found.paths[0]
        source = self.image.source_of(path)
        text = self.image.layers.written.get(path) or (self.space.text(source) if source else None)
        if text is None or path in self.seen or path.endswith(".py"):
            return
        self.seen.add(path)
        yield from self.read(text, Place(source, 1) if source else found.place, cwd, depth + 1)


def _bare(command: ShellCommand) -> list[str]:
    """The words without wrappers that start another program."""
    words = list(command.words)
    while words and words[0] in _PREFIXES:
        words.pop(0)
    while len(words) > 2 and words[0] in _WRAPPERS and words[1] == _WRAPPERS[words[0]]:
        words = words[2:]
        while words and words[0].startswith("-"):
            words.pop(0)
    return words
