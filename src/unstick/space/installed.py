"""What a Space's build installs, and for which Python: requirements.txt for the SDKs the platform builds,
the install
lines of the final image for Docker."""

from __future__ import annotations

import posixpath

from unstick.contract import image_pythons, versions
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space import pip_lines, projects
from unstick.space.commands import Command, split
from unstick.space.requirements import Damaged, Requirement, RequirementsFile, normalise, parse, parse_one
from unstick.space.types import Place

if TYPE_CHECKING:
    from unstick.space import Space
    from unstick.space.copied import Copies
    from unstick.space.dockerfile_types import Instruction, Stage

PLATFORM_PYTHONS = ("3.10", "3.13")
"""What a Space without python_version may get: the documentation's default, and that of recent build logs
(sdks)."""

_DEPTH = 6
_INSTALLERS = ("pip", "uv", "apt", "poetry", "conda", "pdm", "sh", "apk")
"""Without one of these a RUN line installs nothing that is followed here."""


class Group(NamedTuple):
    """What one command resolves together. `indexes` are its --index-url and --extra-index-url values,
    `no_deps` says that
    nothing is resolved, `locked` that a lock file fixes everything."""

    requirements: tuple[Requirement, ...]
    place: Place
    constraints: tuple[Requirement, ...] = ()
    indexes: tuple[str, ...] = ()
    no_deps: bool = False
    locked: bool = False


class Installed(NamedTuple):
    """Everything a build installs. `names` are distributions known to be there without a requirement line
    (platform, base
    image, lock files, Debian packages), `unknown` are reasons why more may be there, `pythons` the
    candidates."""

    groups: tuple[Group, ...] = ()
    files: tuple[RequirementsFile, ...] = ()
    damaged: tuple[Damaged, ...] = ()
    names: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    debian: frozenset[str] = frozenset()
    missing: tuple[tuple[str, Place], ...] = ()
    projects: tuple[str, ...] = ()

    def requirements(self) -> tuple[Requirement, ...]:
        """All requirement lines that count, in order."""
        return tuple(r for group in self.groups for r in group.requirements)

    def applying(self) -> tuple[Requirement, ...]:
        """Those whose marker holds on one of the Pythons at least."""
        pythons = self.pythons or ("3.12",)
        return tuple(r for r in self.requirements() if any(r.applies(python) for python in pythons))


def installed(space: Space) -> Installed:
    """What the Space's build installs, read once a Space."""
    known = space.__dict__.get("_installed")
    if known is None:
        known = (
            _docker(space)
            if space.sdk == "docker" or (not space.sdk and space.dockerfile)
            else _platform(space)
        )
        space.__dict__["_installed"] = known
    return known


def python_versions(space: Space) -> tuple[str, ...]:
    """The Python releases the platform may use for a gradio or streamlit Space ('3.10'): one when the
    block says so."""
    field = space.field("python_version")
    text = field.text.strip().strip("'\"") if field and not field.items else ""
    numbers = versions.release(text)
    if len(numbers) > 1 and numbers[0] == 3:
        return (f"{numbers[0]}.{numbers[1]}",)
    from unstick.space import zerogpu

    return zerogpu.PYTHONS if zerogpu.wanted(space) else PLATFORM_PYTHONS


def _platform(space: Space) -> Installed:
    reader = _Reader(space)
    for name in ("pre-requirements.txt", "requirements.txt"):
        if space.tree.is_file(name):
            reader.add_files((name,), Place(name, 1))
    from unstick.space import zerogpu

    if zerogpu.brings_torch(space):
        reader.names.add("torch")
    debian = (space.text("packages.txt") or "").split()
    return reader.result(python_versions(space), frozenset(debian))


def _docker(space: Space) -> Installed:
    reader = _Reader(space)
    dockerfile = space.dockerfile
    final = dockerfile.final if dockerfile else None
    if dockerfile is None or final is None:
        return Installed()
    for stage in _stages(space, final):
        for step in stage.instructions:
            if step.keyword == "RUN":
                reader.run(step, stage)
            elif step.keyword == "ENV" and "PYTHONPATH" in step.text and "/site-packages" in step.text:
                reader.unknown.append("PYTHONPATH names another place of packages")
    reader.scripts(final)
    image = image_pythons.of(dockerfile.base_image(final))
    reader.names.update(image.brings)
    if not image.known:
        reader.unknown.append(f"the base image {dockerfile.base_image(final)} may bring packages")
    return reader.result(tuple(reader.pythons[-1:]) or image.pythons, frozenset(reader.debian))


def _stages(space: Space, final: Stage) -> list[Stage]:
    """The stages whose installs end up in the final image: its chain, and what it copies from."""
    dockerfile = space.dockerfile
    out: list[Stage] = []
    todo = [final]
    while todo and dockerfile is not None:
        for stage in dockerfile.chain(todo.pop()):
            if stage in out:
                continue
            out.append(stage)
            for step in stage.instructions:
                origin = step.flag("from") if step.keyword == "COPY" else None
                other = dockerfile.stage(origin, stage.number) if origin else None
                if other is not None:
                    todo.append(other)
    return sorted(out)


class _Reader:
    """Gathers what install commands ask for."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.groups: list[Group] = []
        self.files: dict[str, RequirementsFile] = {}
        self.damaged: list[Damaged] = []
        self.names: set[str] = set()
        self.unknown: list[str] = []
        self.pythons: list[str] = []
        self.debian: set[str] = set()
        self.missing: list[tuple[str, Place]] = []
        self.projects: list[str] = []

    def result(self, pythons: tuple[str, ...], debian: frozenset[str]) -> Installed:
        for package in debian:
            if package.startswith("python3-"):
                self.names.add(normalise(package[8:]))
        return Installed(
            tuple(self.groups), tuple(self.files.values()), tuple(self.damaged), frozenset(self.names),
            tuple(self.unknown),
            pythons, debian, tuple(self.missing), tuple(self.projects),
        )  # fmt: skip

    def add_files(self, paths: tuple[str, ...], place: Place) -> None:
        """One group of the requirement files at these repository paths, files they include read too."""
        rows: list[Requirement] = []
        index: list[str] = []
        for path in paths:
            self._include(path, rows, index, 0)
        self.groups.append(Group(tuple(rows), place, indexes=tuple(index)))

    def _include(self, path: str, rows: list[Requirement], index: list[str], depth: int) -> None:
        file = self.space.tree.read(path)
        if file is None or depth > _DEPTH:
            return
        if path not in self.files:
            self.files[path] = parse(path, file.text, file.encoding)
            self.damaged += self.files[path].damaged
        parsed = self.files[path]
        rows += parsed.requirements
        for option in parsed.options:
            if option.name == "--requirement":
                self._include(
                    posixpath.normpath(posixpath.join(posixpath.dirname(path), option.value)),
                    rows,
                    index,
                    depth + 1,
                )
            elif option.name in {"--index-url", "--extra-index-url", "--find-links"}:
                index.append(option.value)

    def run(self, step: Instruction, stage: Stage) -> None:
        """The install commands of one RUN instruction."""
        text = step.text if step.form == "shell" else " ".join(step.word_texts())
        if not step.heredocs and not any(word in text for word in _INSTALLERS):
            return
        for part in (text, *(h.body for h in step.heredocs)):
            self._commands(part, step, stage, 0)

    def scripts(self, stage: Stage) -> None:
        """Install commands in the scripts that the start command runs."""
        for step in stage.instructions:
            if step.keyword in ("CMD", "ENTRYPOINT"):
                text = step.text if step.form == "shell" else " ".join(step.word_texts())
                self._commands(text, step, stage, 0)

    def _commands(self, text: str, step: Instruction, stage: Stage, depth: int) -> None:
        from unstick.space.copied import Copies
        from unstick.space.docker_variables import expand

        if depth > _DEPTH or self.space.dockerfile is None:
            return
        copies = Copies(self.space.tree, self.space.dockerfile, stage, step)
        known = self.space.dockerfile.environment(stage, step).build
        for command in split(text):
            words = tuple(expand(w, known) if w.startswith("$") or "${" in w else w for w in command.words)
            if words[0] == "cd" and len(words) > 1:
                copies.workdir = posixpath.normpath(posixpath.join(copies.workdir, words[1]))
            script = _script(words)
            path = copies.find(script) if script else None
            if (path and path.endswith((".sh", ".bash"))) or (path and "." not in posixpath.basename(path)):
                self._commands(self.space.text(path or "") or "", step, stage, depth + 1)
            elif words[0] in {"bash", "sh"} and "-c" in words[:-1]:
                self._commands(words[words.index("-c") + 1], step, stage, depth + 1)
            else:
                ask = pip_lines.read(words, command.offsets)
                if ask is not None:
                    self._take(ask, command, step, copies)

    def _take(self, ask: pip_lines.Ask, command: Command, step: Instruction, copies: Copies) -> None:
        if ask.kind == "apt":
            self.debian.update(name.split("=")[0] for name, _ in ask.names)
            self.pythons += [n[6:] for n, _ in ask.names if n.startswith("python3.") and n[8:].isdigit()]
            return
        if ask.kind == "python":
            self.pythons += [n for n, _ in ask.names if n.startswith("3.")]
            return
        if ask.reason:
            self.unknown.append(ask.reason)
        if ask.kind == "conda":
            self.names.update(
                normalise(n.split("=")[0].split("::")[-1]) for n, _ in ask.names if n[0].isalpha()
            )
            for name in self.space.tree.names():
                if name.rpartition("/")[2] in {"environment.yml", "environment.yaml", "conda.yml"}:
                    self.names |= projects.conda_names(self.space.text(name) or "")
        elif ask.kind == "project":
            self._project(copies.find(".") or "", ask.extras, step, locked=ask.locked)
        elif ask.kind == "pip":
            self._pip(ask, step, copies)

    def _pip(self, ask: pip_lines.Ask, step: Instruction, copies: Copies) -> None:
        rows: list[Requirement] = []
        index = [
            value
            for name, value in ask.options
            if name
            in {
                "-i",
                "--index-url",
                "--extra-index-url",
                "-f",
                "--find-links",
                "--index",
                "--default-index",
                "--torch-backend",
            }
        ]
        place = step.place
        for name, _ in ask.names:
            if name.startswith((".", "/")) and "://" not in name:
                folder = copies.find(name.split("[")[0])
                extras = tuple(name.partition("[")[2].rstrip("]").split(",")) if "[" in name else ()
                alone = copies.find(posixpath.join(name.split("[")[0], "pyproject.toml"))
                if alone is not None and folder is None and self.space.tree.is_file(alone):
                    folder = posixpath.dirname(alone)  # copied alone, before the code
                if folder is not None and self.space.tree.is_folder(folder):
                    self._project(folder, (*extras, "no-dev"), step, locked=False)
                elif not name.endswith(".whl"):
                    self.unknown.append(f"{name} cannot be found in the repository")
                continue
            item = parse_one(name, place)
            if isinstance(item, Requirement):
                rows.append(item)
        for name, _ in ask.files:
            self._file(name, copies, rows, index, step)
        constraints: list[Requirement] = []
        for name in ask.constraints:
            self._file(name, copies, constraints, [], step)
        if rows:
            flags = {name for name, _ in ask.options}
            self.groups.append(
                Group(tuple(rows), place, tuple(constraints), tuple(index), "--no-deps" in flags)
            )

    def _file(
        self, name: str, copies: Copies, rows: list[Requirement], index: list[str], step: Instruction
    ) -> None:
        path = copies.find(name)
        if path is None:
            path = _bound(step, name)
        if path is None or not self.space.tree.is_file(path):
            base = posixpath.basename(name)
            same = [n for n in self.space.tree.names() if posixpath.basename(n) == base]
            if len(same) != 1:
                self.missing.append((name, step.place))
                self.unknown.append(f"{name} is not in the repository")
                return
            path = same[0]
        if path.endswith(".toml"):
            self._project(posixpath.dirname(path), ("no-dev",), step, locked=False)
        else:
            self._include(path, rows, index, 0)

    def _project(self, folder: str, extras: tuple[str, ...], step: Instruction, *, locked: bool) -> None:
        project = projects.read(self.space.tree, folder, extras)
        if project is None or project.error:
            self.unknown.append("the project's dependencies cannot be read")
            return
        self.projects.append(project.path)
        self.damaged += project.damaged
        if project.name:
            self.names.add(project.name)
        self.names |= project.locked if locked else frozenset()
        self.groups.append(Group(project.requirements, step.place, locked=locked and bool(project.locked)))


def _script(words: tuple[str, ...]) -> str:
    """The script that a command runs through a shell, or an empty string."""
    if words[0] in {"bash", "sh", "source", "."} and len(words) > 1:
        return next((w for w in words[1:] if not w.startswith("-")), "")
    return (
        words[0]
        if words[0].startswith(("./", "/")) and not words[0].startswith(("/bin/", "/usr/bin", "/opt/"))
        else ""
    )


def _bound(step: Instruction, name: str) -> str | None:
    """The repository path of a file that `RUN --mount=type=bind` puts at `name`."""
    for flag in step.flags:
        if flag.name == "mount" and "type=bind" in flag.value:
            parts = dict(p.partition("=")[::2] for p in flag.value.split(","))
            target = parts.get("target") or parts.get("dst") or parts.get("destination") or ""
            source = parts.get("source") or parts.get("src") or ""
            if posixpath.normpath(target) == posixpath.normpath(name) and not parts.get("from"):
                return posixpath.normpath(source)
    return None
