"""Builds a Docker Space without an engine: what its Dockerfile says, done with uv and in the sandbox.

Only what is sure to mean the same here is done. Everything else is passed over and said, or the Space cannot
be rehearsed without an engine.
"""

from __future__ import annotations

import os
import posixpath
import shutil

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.process import uv
from unstick.rehearse.process.backend import Folder, ProcessBuilt, bytecode
from unstick.rehearse.process.docker_run import Runner
from unstick.space.docker_variables import expand, trim_quotes

if TYPE_CHECKING:
    from unstick.rehearse.backend import Log
    from unstick.rehearse.types import Plan
    from unstick.space import Space
    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Instruction

PYTHON = lazy(r"^(?:docker\.io/)?(?:library/)?python:(\d+\.\d+(?:\.\d+)?)(?:-|$)")
NODE = lazy(r"^(?:docker\.io/)?(?:library/)?node:(\d+)(?:[.-]|$)")
UV_IMAGE = lazy(r"^ghcr\.io/astral-sh/uv(?::|@|$)")
SYSTEM = ("/bin", "/sbin", "/lib", "/lib64", "/usr/bin", "/usr/lib", "/usr/sbin", "/etc", "/proc", "/sys", "/dev", "/run")
"""Places of the system that a build without an engine cannot change."""

HOMES = {"1000": "/home/user"}


def build(plan: Plan, files: str, folder: str, cache: str, log: Log) -> ProcessBuilt:
    """Follow the final stage. Raises BuildFailed, CannotRehearse."""
    return _Follower(plan, files, folder, cache, log).follow()


class _Follower:
    """Goes through the instructions, as the engine would."""

    def __init__(self, plan: Plan, files: str, folder: str, cache: str, log: Log) -> None:
        from unstick.space import Space

        self.plan, self.files, self.folder, self.log = plan, files, folder, log
        self.space: Space = Space.open(files)
        dockerfile = self.space.dockerfile
        if dockerfile is None or dockerfile.final is None:
            raise CannotRehearse("the Dockerfile has no stage to build", where="Dockerfile")
        self.dockerfile: Dockerfile = dockerfile
        self.root = os.path.join(folder, "root")
        os.mkdir(self.root)
        self.workdir, self.user = "/", ""
        self.notes: list[str] = []
        self.argv: dict[str, tuple[str, ...]] = {}
        self.shell: tuple[str, ...] = ("/bin/sh", "-c")
        self.values: dict[str, str] = {}
        self.arguments: dict[str, str] = {}
        self.cache = cache

    def follow(self) -> ProcessBuilt:
        """All instructions of the final stage and those that it builds on."""
        final = self.dockerfile.final
        assert final is not None
        if final.number != self.dockerfile.stages[0].number and self._copies_from_stages():
            raise CannotRehearse("several build stages need a container engine", where="Dockerfile", todo="Start Docker.")
        executable = self._base()
        self.runner = Runner(self.plan, self.root, self.folder, executable, self.cache, self.log)
        if not executable:
            self.runner.users["node"] = 1000  # the official Node images bring this user
            self.runner.homes["node"] = "/home/node"
        for stage in self.dockerfile.chain(final):
            for step in stage.instructions:
                handler = getattr(self, f"_{step.keyword.lower()}", None)
                if handler is not None:
                    handler(step)
        return self._built(executable)

    def _copies_from_stages(self) -> bool:
        final = self.dockerfile.final
        assert final is not None
        used = [s.flag("from") for stage in self.dockerfile.chain(final) for s in stage.instructions if s.flag("from")]
        return any(name and not UV_IMAGE.match(name) for name in used)

    def _base(self) -> str:
        """The Python to use, '' for a Node image. Raises CannotRehearse for any other base."""
        final = self.dockerfile.final
        assert final is not None
        image = self.dockerfile.base_image(final)
        found = PYTHON.match(image)
        if found is not None:
            executable = uv.python(found[1])
            if not executable:
                raise CannotRehearse(
                    uv.NO_PYTHON.format(version=found[1]), where=f"FROM {image}", todo="Install it, or start Docker."
                )
            return executable
        node = NODE.match(image)
        if node is not None:
            self._same_node(node[1], image)
            return ""
        raise CannotRehearse(
            f"the base image {image} needs a container engine", where="FROM", todo="Start Docker."
        )

    def _same_node(self, major: str, image: str) -> None:
        import subprocess

        program = shutil.which("node")
        said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout if program else ""
        if said.strip().lstrip("v").partition(".")[0] != major:
            raise CannotRehearse(
                f"Node {major} is not on this machine ({said.strip() or 'no node'})", where=f"FROM {image}",
                todo="Install it, or start Docker.",
            )  # fmt: skip

    # One method an instruction, named after it.

    def _env(self, step: Instruction) -> None:
        from unstick.space.docker_variables import assignments

        for name, value, _ in assignments(step):
            self.values[name] = expand(value, {**self.arguments, **self.values})

    def _arg(self, step: Instruction) -> None:
        given = dict(self.plan.options.variables)
        for word in step.words:
            name, equals, value = word.text.partition("=")
            value = trim_quotes(value)
            self.arguments[name] = given.get(name, expand(value, self._known()) if equals else "")

    def _workdir(self, step: Instruction) -> None:
        self.workdir = posixpath.normpath(posixpath.join(self.workdir, self._text(step)))
        self._make(self.workdir, self._uid())  # BuildKit gives it to the USER of that moment

    def _user(self, step: Instruction) -> None:
        self.user = self._text(step).partition(":")[0]

    def _shell(self, step: Instruction) -> None:
        self.shell = step.word_texts()

    def _cmd(self, step: Instruction) -> None:
        self.argv["CMD"] = self._command(step)

    def _entrypoint(self, step: Instruction) -> None:
        self.argv = {"ENTRYPOINT": self._command(step)}

    def _copy(self, step: Instruction) -> None:
        origin = step.flag("from")
        if origin:
            self.notes.append(f"COPY --from={origin}: uv is this machine's own")
            return
        if step.heredocs:
            self._documents(step)
            return
        words = [expand(trim_quotes(word), self._known()) for word in step.word_texts()]
        *sources, target = words
        into = posixpath.normpath(posixpath.join(self.workdir, target))
        self._changeable(into, step)
        many = target.endswith(("/", "/.")) or target == "." or len(sources) > 1
        owner = self._owner(step.flag("chown"))
        shown = step.text if len(step.text) < 100 else step.text[:100] + "…"
        self.log(f"--> {step.keyword} {shown}")
        for source in sources:
            if "://" in source:
                raise CannotRehearse(f"ADD of an address needs a container engine: {source}", where=str(step.place))
            found = [p for p in self._matching(source) if not p or not self.space.docker_ignore.ignores(p)]
            if not found:
                from unstick.rehearse.backend import BuildFailed

                self.log(f'--> ERROR: failed to calculate checksum of ref: "/{source}": not found')
                raise BuildFailed(f'the image cannot be built: "/{source}": not found')
            for path in found:
                self._place(path, into, many, owner, step.flag("chmod"))
        self.log("DONE 0.0s")

    def _add(self, step: Instruction) -> None:
        if any(word.endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")) for word in step.word_texts()[:-1]):
            raise CannotRehearse("ADD of an archive needs a container engine", where=str(step.place), todo="Start Docker.")
        self._copy(step)

    def _run(self, step: Instruction) -> None:
        self._make(self.workdir, 0)
        text = step.heredocs[0].body if step.heredocs else None
        self.runner.run(step, text, self.workdir, self._uid(), self._known(), self.shell)

    def _built(self, executable: str) -> ProcessBuilt:
        argv = (*self.argv.get("ENTRYPOINT", ()), *self.argv.get("CMD", ()))
        if not argv:
            raise CannotRehearse("no start command: that of the base image is not known here", where="Dockerfile")
        self.runner.base()
        environment = self.runner.environment
        paths = [self.values.get("PATH", ""), f"{environment}/bin" if environment else "", "/usr/local/bin:/usr/bin:/bin"]
        path = ":".join(dict.fromkeys(part for text in paths for part in text.split(":") if part and "$" not in part))
        if environment:
            path = f"{environment}/bin:{path}"
        folders = [Folder(os.path.join(self.root, name), f"/{name}", True) for name in self._tops()]
        if environment:
            folders.append(Folder(environment, environment, False))
        prefix = uv.prefix(executable) if executable else ""
        if prefix:
            folders.append(Folder(prefix, prefix, False))
        values = {**self.values, "PATH": path}
        home = values.get("HOME") or self.runner.home(self.user) or "/home/user"
        self.notes += self.runner.notes
        return ProcessBuilt(
            argv, self.workdir, tuple(values.items()), tuple(folders), tuple(dict.fromkeys(self.notes)),
            tuple(self.runner.missing), self._uid() if self.user else -1, home,
            bytecode(environment, self.plan),
        )  # fmt: skip

    def _tops(self) -> list[str]:
        """What is mounted: the folders of the root, those of /usr one level down."""
        out = []
        for name in sorted(os.listdir(self.root)):
            path = os.path.join(self.root, name)
            if name in ("usr", "var") and os.path.isdir(path):
                out += [f"{name}/{inner}" for inner in sorted(os.listdir(path))]
            elif name != "tmp" or os.listdir(path):
                out.append(name)
        return out

    def _command(self, step: Instruction) -> tuple[str, ...]:
        return step.word_texts() if step.form == "exec" else (*self.shell, step.text)

    def _text(self, step: Instruction) -> str:
        return expand(trim_quotes(step.text.strip()), self._known())

    def _known(self) -> dict[str, str]:
        return {**self.arguments, **self.values}

    def _uid(self) -> int:
        return self.runner.uid(self.user)

    def _owner(self, chown: str | None) -> int:
        name = expand(chown or "", self._known()).partition(":")[0]
        return self.runner.uid(name) if name else 0

    def _changeable(self, path: str, step: Instruction) -> None:
        if any(path == place or path.startswith(place + "/") for place in SYSTEM) and not path.startswith("/etc/nginx"):
            raise CannotRehearse(f"{path} cannot be changed without a container engine", where=str(step.place), todo="Start Docker.")

    def _make(self, path: str, owner: int) -> str:
        """A folder of the image, made with its parents."""
        where = self.root
        for part in path.strip("/").split("/"):
            if not part:
                continue
            where = os.path.join(where, part)
            if not os.path.isdir(where):
                os.mkdir(where)
                os.chmod(where, 0o755)
                give(where, owner)
        return where

    def _matching(self, source: str) -> list[str]:
        name = posixpath.normpath(source.lstrip("/"))
        if name in (".", ""):
            return [""]
        return [path for path in self.space.tree.glob(name)]

    def _place(self, path: str, into: str, many: bool, owner: int, mode: str | None) -> None:
        source = os.path.join(self.files, path)
        if os.path.isdir(source) and not os.path.islink(source):
            self._tree(path, source, self._make(into, owner), owner, mode)
            return
        target = posixpath.join(into, posixpath.basename(path)) if many or os.path.isdir(self.root + into) else into
        self._make(posixpath.dirname(target), owner)
        self._file(source, os.path.join(self.root, target.lstrip("/")), owner, mode)

    def _tree(self, path: str, source: str, target: str, owner: int, mode: str | None) -> None:
        for where, folders, names in os.walk(source):
            inner = os.path.relpath(where, source)
            for name in (*folders, *names):
                relative = posixpath.normpath(posixpath.join(path, inner, name))
                if self.space.docker_ignore.ignores(relative):
                    continue
                there = os.path.join(target, inner, name)
                if name in folders and not os.path.islink(os.path.join(where, name)):
                    os.makedirs(there, exist_ok=True)
                    give(there, owner)
                else:
                    os.makedirs(os.path.dirname(there), exist_ok=True)
                    self._file(os.path.join(where, name), there, owner, mode)

    def _file(self, source: str, target: str, owner: int, mode: str | None) -> None:
        if os.path.lexists(target):
            os.unlink(target)
        shutil.copy2(source, target, follow_symlinks=False)
        if mode and mode.isdigit() and not os.path.islink(target):
            os.chmod(target, int(mode, 8))
        give(target, owner)

    def _documents(self, step: Instruction) -> None:
        target = expand(trim_quotes(step.word_texts()[-1]), self._known())
        document = step.heredocs[0]
        into = posixpath.normpath(posixpath.join(self.workdir, target))
        into = posixpath.join(into, document.name) if target.endswith("/") else into
        self._changeable(into, step)
        self._make(posixpath.dirname(into), 0)
        body = expand(document.body, self._known()) if document.expand else document.body
        path = os.path.join(self.root, into.lstrip("/"))
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(body)
        give(path, self._owner(step.flag("chown")))


def give(path: str, uid: int) -> None:
    """Let a file belong to a user, where that can be done."""
    if os.geteuid() == 0:
        os.lchown(path, uid, uid)

