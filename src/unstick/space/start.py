"""Which Python files a Space's start command begins with, and which programs it runs."""

from __future__ import annotations

import posixpath
import re

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.commands import split
from unstick.space.start_scripts import SERVERS, VALUE_OPTIONS, WRAPPERS, written_scripts
from unstick.space.types import Place

if TYPE_CHECKING:
    from unstick.space import Space
    from unstick.space.copied import Copies
    from unstick.space.dockerfile_types import Instruction


class Entry(NamedTuple):
    """One file that a start command loads. `root` is the repository folder that imports are looked up in
    first (empty:
    the repository itself), `script` says that it runs as `__main__`, `place` where the command stands."""

    path: str
    root: str
    script: bool
    place: Place
    by: str = ""


class Start(NamedTuple):
    """What the start command does, as far as it can be followed: entry files, and programs by name with
    their place.

    `scripts` are shell scripts of the repository that it runs, `paths` further repository folders for imports
    (PYTHONPATH), `unclear` whether some of it could not be followed.
    """

    entries: tuple[Entry, ...] = ()
    programs: tuple[tuple[str, Place], ...] = ()
    scripts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    unclear: bool = False


def start(space: Space) -> Start:
    """The start command of the Space, read once."""
    known = space.__dict__.get("_start")
    if known is None:
        known = (
            _docker(space)
            if space.sdk == "docker" or (not space.sdk and space.dockerfile)
            else _platform(space)
        )
        space.__dict__["_start"] = known
    return known


def _platform(space: Space) -> Start:
    path = posixpath.normpath(space.app_file) if space.app_file else ""
    if not space.sdk and not path:
        # Without a block nothing says what is started; by name it is one of these.
        path = next(
            (name for name in ("app.py", "streamlit_app.py", "main.py") if space.tree.is_file(name)), ""
        )
    if not path.endswith(".py") or not space.tree.is_file(path) or space.sdk == "static":
        return Start()
    field = space.field("app_file")
    place = Place("README.md", field.key.line) if field else Place(path, 1)
    return Start((Entry(path, posixpath.dirname(path), True, place, space.sdk),))


def _docker(space: Space) -> Start:
    dockerfile = space.dockerfile
    final = dockerfile.final if dockerfile else None
    if dockerfile is None or final is None:
        return Start()
    steps: dict[str, Instruction] = {}
    for stage in dockerfile.chain(final):
        for step in stage.instructions:
            if step.keyword in {"CMD", "ENTRYPOINT"}:
                steps[step.keyword] = step
                if step.keyword == "ENTRYPOINT":
                    steps.pop("CMD", None)
    reader = _Follower(space)
    entry, command = steps.get("ENTRYPOINT"), steps.get("CMD")
    for step in (s for s in (entry, command) if s is not None):
        words = step.word_texts()
        if entry is not None and command is step and words:
            words = (*(entry.word_texts() if entry.form == "exec" else ()), *words)
        reader.follow(step.text if step.form == "shell" else words, step.place, final)
    return reader.result()


class _Follower:
    """Follows commands through wrappers and shell scripts to the files they load."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.entries: list[Entry] = []
        self.programs: list[tuple[str, Place]] = []
        self.seen: list[str] = []
        self.paths: list[str] = []
        self.unclear = False
        self.written: dict[str, tuple[str, Place]] = {}

    def result(self) -> Start:
        return Start(
            tuple(dict.fromkeys(self.entries)), tuple(dict.fromkeys(self.programs)), tuple(self.seen),
            tuple(self.paths),
            self.unclear,
        )  # fmt: skip

    def follow(self, what: str | tuple[str, ...], place: Place, stage: object) -> None:
        """Read a command line (a text for the shell, or the words of an exec form)."""
        from unstick.space.copied import Copies

        dockerfile = self.space.dockerfile
        if dockerfile is None:
            return
        copies = Copies(self.space.tree, dockerfile, stage)  # type: ignore[arg-type]
        self.variables = dockerfile.environment().values
        self.written = written_scripts(dockerfile, stage)  # type: ignore[arg-type]
        for folder in self.variables.get("PYTHONPATH", "").split(":"):
            found = copies.find(folder) if folder else None
            if found is not None:
                self.paths.append(found)
        self._text(what, place, copies, 0) if isinstance(what, str) else self._command(what, place, copies, 0)

    def _text(self, text: str, place: Place, copies: Copies, depth: int) -> None:
        for command in split(text):
            if command.words[0] == "cd" and len(command.words) > 1:
                copies.workdir = posixpath.normpath(posixpath.join(copies.workdir, command.words[1]))
            else:
                here = place
                if place.path != "Dockerfile":
                    here = place._replace(
                        line=text.count("\n", 0, command.start) + 1, start=command.start, end=command.end
                    )
                self._command(command.words, here, copies, depth)

    def _command(self, words: tuple[str, ...], place: Place, copies: Copies, depth: int) -> None:
        from unstick.space.docker_variables import expand

        words = tuple(expand(w, self.variables) if "$" in w else w for w in words)
        words = tuple(w for w in words if w)
        while words and (name := posixpath.basename(words[0])) in WRAPPERS:
            words = words[1:]
            if words and words[0] == WRAPPERS[name]:
                words = words[1:]
            while words and words[0].startswith("-"):
                words = words[2:] if words[0] in VALUE_OPTIONS and "=" not in words[0] else words[1:]
        if not words or depth > 6:
            return
        name = posixpath.basename(words[0])
        if name in {"sh", "bash", "dash", "zsh", "ash"} and any(
            w.startswith("-") and w.endswith("c") for w in words[1:3]
        ):
            at = next(i for i, w in enumerate(words) if w.startswith("-") and w.endswith("c"))
            if at + 1 < len(words):
                self._text(words[at + 1], place, copies, depth + 1)
            return
        if name in {"sh", "bash", "dash", "source", "."} and len(words) > 1:
            self._script(next((w for w in words[1:] if not w.startswith("-")), ""), copies, depth)
        elif words[0].endswith((".sh", ".bash")) or (
            words[0].startswith(("./", "/")) and self._is_script(words[0], copies)
        ):
            self._script(words[0], copies, depth)
        elif name in {"supervisord", "honcho", "foreman"}:
            self._programs(place, copies, depth)
        else:
            self._program(name, words, place, copies)

    def _is_script(self, path: str, copies: Copies) -> bool:
        return posixpath.basename(path) in self.written or copies.find(path) is not None

    def _script(self, path: str, copies: Copies, depth: int) -> None:
        generated = self.written.get(posixpath.basename(path))
        if generated is not None and path not in self.seen:
            self.seen.append(path)
            self._text(generated[0], generated[1], copies, depth + 1)
            return
        found = copies.find(path) if path else None
        text = self.space.text(found) if found else None
        if found is None or text is None:
            base = posixpath.basename(path)
            same = [n for n in self.space.tree.names() if posixpath.basename(n) == base] if base else []
            if len(same) != 1:
                self.unclear = True
                return
            found, text = same[0], self.space.text(same[0]) or ""
        if found in self.seen:
            return
        self.seen.append(found)
        if found.endswith(".py"):
            self.entries.append(Entry(found, posixpath.dirname(found), True, Place(found, 1)))
        else:
            self._text(text, Place(found, 1), copies, depth + 1)

    def _programs(self, place: Place, copies: Copies, depth: int) -> None:
        for name in self.space.tree.names():
            base = posixpath.basename(name)
            if "supervisor" in base and base.endswith((".conf", ".ini")):
                for number, line in enumerate((self.space.text(name) or "").splitlines(), 1):
                    key, equals, value = line.partition("=")
                    if equals and key.strip() == "command":
                        self._command(
                            split(value)[0].words if split(value) else (),
                            Place(name, number),
                            copies,
                            depth + 1,
                        )
            elif base == "Procfile":
                for number, line in enumerate((self.space.text(name) or "").splitlines(), 1):
                    self._text(line.partition(":")[2], Place(name, number), copies, depth + 1)

    def _program(self, name: str, words: tuple[str, ...], place: Place, copies: Copies) -> None:
        if name.startswith("python") and not name.startswith("python-"):
            at = 1
            while at < len(words) and words[at].startswith("-") and words[at] not in {"-m", "-c", "-"}:
                at += 2 if words[at] in {"-W", "-X"} else 1
            if at < len(words) and words[at] == "-m" and at + 1 < len(words):
                module, rest = words[at + 1], words[at + 1 :]
                if module in SERVERS or module in {
                    "streamlit",
                    "flask",
                    "fastapi",
                    "gradio",
                    "chainlit",
                    "panel",
                    "bokeh",
                }:
                    self.programs.append((module, place))
                    self._load(module, rest, place, copies)
                else:
                    self._module(module, place, copies, script=True)
            elif at + 1 < len(words) and words[at] == "-c":
                for module in re.findall(r"(?:^|[;\n])\s*(?:from|import)\s+([A-Za-z_][\w.]*)", words[at + 1]):
                    self._module(module, place, copies, script=False)
                self.unclear = False
            elif at < len(words) and words[at].endswith(".py"):
                self._file(words[at], place, copies, "python")
            elif at < len(words) and words[at] not in {"-", "-c", "-m"}:
                # A folder with a __main__.py.
                self._file(posixpath.join(words[at], "__main__.py"), place, copies, "python")
            return
        self.programs.append((name, place))
        if not self._own_script(name, place):
            self._load(name, words, place, copies)

    def _own_script(self, name: str, place: Place) -> bool:
        """Follow a program that the project itself declares in [project.scripts]."""
        text = self.space.text("pyproject.toml") or ""
        found = re.search(rf"(?m)^\s*[\"']?{re.escape(name)}[\"']?\s*=\s*[\"']([\w.]+):\w+[\"']\s*$", text)
        if found is None or "scripts]" not in text[: found.start()]:
            return False
        inner = found[1].replace(".", "/")
        for root in ("src", ""):
            for form in (f"{inner}.py", f"{inner}/__init__.py"):
                path = posixpath.join(root, form)
                if self.space.tree.is_file(path):
                    self.entries.append(Entry(path, root, True, place, name))
                    return True
        return False

    def _load(self, name: str, words: tuple[str, ...], place: Place, copies: Copies) -> None:
        options = {w: words[i + 1] for i, w in enumerate(words[:-1]) if w.startswith("-")}
        options.update(dict(w.split("=", 1) for w in words if w.startswith("--") and "=" in w))
        if name in SERVERS:
            folder = options.get("--app-dir") or options.get("--chdir") or ""
            if name == "celery":
                targets = [options.get("-A") or options.get("--app") or ""]
            else:
                targets = [
                    w
                    for w, before in zip(words[1:], words, strict=False)
                    if not w.startswith("-") and (before not in VALUE_OPTIONS)
                ]
            for target in targets[:1]:
                self._module(target.partition(":")[0], place, copies, script=False, folder=folder)
        elif name in {
            "streamlit",
            "chainlit",
            "gradio",
            "fastapi",
            "panel",
            "bokeh",
            "marimo",
            "solara",
            "voila",
            "shiny",
            "mesop",
            "reflex",
            "taipy",
        }:
            found = next((w for w in words[1:] if w.endswith(".py")), "")
            if found:
                self._file(found, place, copies, name)
        elif name == "flask":
            app = options.get("--app") or options.get("-A") or self.variables.get("FLASK_APP") or "app"
            app = app.partition(":")[0]
            self._file(app, place, copies, name) if app.endswith(".py") else self._module(
                app, place, copies, script=False
            )

    def _file(self, path: str, place: Place, copies: Copies, by: str) -> None:
        found = copies.find(path)
        if found is None or not self.space.tree.is_file(found):
            self.unclear = True
            return
        root = posixpath.dirname(found)
        self.entries.append(Entry(found, root, True, place, by))

    def _module(self, module: str, place: Place, copies: Copies, *, script: bool, folder: str = "") -> None:
        if not module or not module.replace(".", "").replace("_", "").isalnum():
            self.unclear = True
            return
        inner = module.replace(".", "/")
        base = posixpath.join(folder, inner) if folder else inner
        for form in (f"{base}.py", f"{base}/__main__.py" if script else f"{base}/__init__.py"):
            for prefix in ("", *(p + "/" for p in self.paths)):
                found = (
                    copies.find(form)
                    if not prefix
                    else (prefix + form if self.space.tree.is_file(prefix + form) else None)
                )
                if found is not None and self.space.tree.is_file(found):
                    depth = form.count("/") - (folder.strip("./").count("/") + 1 if folder.strip("./") else 0)
                    root = posixpath.dirname(found)
                    for _ in range(max(depth, 0)):
                        root = posixpath.dirname(root)
                    self.entries.append(Entry(found, root, script, place, module))
                    return
        self.unclear = True
