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
from unstick.rehearse.backend import BuildFailed, CannotRehearse
from unstick.rehearse.process import bubblewrap, pythons
from unstick.rehearse.process.backend import Folder, ProcessBuilt, bytecode
from unstick.rehearse.process.docker_run import Runner, tops
from unstick.rehearse.process.docker_tree import ImageTree
from unstick.space.docker_variables import expand, trim_quotes
from unstick.space.files import Tree

if TYPE_CHECKING:
    from unstick.rehearse.backend import Log
    from unstick.rehearse.types import Plan
    from unstick.space import Space
    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Instruction, Stage

PYTHON = lazy(
    r"^(?:docker\.io/|public\.ecr\.aws/docker/)?(?:library/)?python(?::(?:latest|slim|alpine|(?:slim-)?bookworm|3|3-slim"
    r"|(\d+\.\d+(?:\.\d+)?)(?:-[\w.-]+)?))?(?:@.*)?$|^ghcr\.io/astral-sh/uv:python(\d+\.\d+)-"
)
NODE = lazy(r"^(?:docker\.io/|public\.ecr\.aws/docker/)?(?:library/)?node:(\d+)(?:[.@-]|$)")
UV_IMAGE = lazy(r"^ghcr\.io/astral-sh/uv(?::|@|$)")
PACKAGES = lazy(r"^/usr/local(?:$|/bin$|/lib(?:$|/python3\.\d+(?:$|/site-packages$)))|^/install(?:/|$)")
"""Where an image has its installed packages; /install is the usual place of `pip install --prefix`."""

SYSTEM = (
    "/bin",
    "/sbin",
    "/lib",
    "/lib64",
    "/usr/bin",
    "/usr/lib",
    "/usr/sbin",
    "/proc",
    "/sys",
    "/dev",
    "/run",
)
"""Places of the system that a build without an engine cannot change."""


def build(plan: Plan, files: str, folder: str, cache: str, log: Log) -> ProcessBuilt:
    """Follow the final stage. Raises BuildFailed, CannotRehearse."""
    context = Context(plan, files, folder, cache, log)
    final = context.dockerfile.final
    assert final is not None
    return context.stage(final).built()


class Context:
    """What the stages of one build share."""

    def __init__(self, plan: Plan, files: str, folder: str, cache: str, log: Log) -> None:
        from unstick.space import Space

        self.plan, self.files, self.folder, self.cache, self.log = plan, files, folder, cache, log
        self.space: Space = Space.open(files)
        dockerfile = self.space.dockerfile
        if dockerfile is None or dockerfile.final is None:
            raise BuildFailed("the image cannot be built: the Dockerfile has no build stage")
        refused = next((problem for problem in dockerfile.problems if problem.certain), None)
        if refused is not None:
            log(f"--> ERROR: failed to solve: dockerfile parse error: {refused.message}")
            raise BuildFailed(f"the image cannot be built: {refused.message} ({refused.place})")
        self.dockerfile: Dockerfile = dockerfile
        self.done: dict[int, Follower] = {}

    def stage(self, stage: Stage) -> Follower:
        """A stage, followed to its end; each one once."""
        if stage.number not in self.done:
            self.done[stage.number] = Follower(self, stage)
        return self.done[stage.number]


class Follower:
    """Goes through the instructions of one stage (and of those that it builds on), as the engine would."""

    def __init__(self, context: Context, stage: Stage) -> None:
        self.context, self.stage = context, stage
        self.plan, self.files, self.log, self.space = context.plan, context.files, context.log, context.space
        self.dockerfile = context.dockerfile
        folder = os.path.join(context.folder, f"stage-{stage.number}")
        self.root = os.path.join(folder, "root")
        os.makedirs(self.root)
        self.workdir, self.user = "/", ""
        self.notes: list[str] = []
        self.argv: dict[str, tuple[str, ...]] = {}
        self.shell: tuple[str, ...] = ("/bin/sh", "-c")
        self.values: dict[str, str] = {}
        self.arguments: dict[str, str] = {}
        self.tree = ImageTree(self.root, self.space.docker_ignore)
        executable = self._base()
        self.runner = Runner(self.plan, self.root, folder, executable, context.cache, self.log)
        for part in self.dockerfile.chain(stage):
            self.arguments = {}
            for step in part.instructions:
                handler = getattr(self, f"_{step.keyword.lower()}", None)
                if handler is not None:
                    handler(step)

    def _base(self) -> str:
        """The Python to use, '' for a Node image. Raises CannotRehearse for any other base."""
        image = self.dockerfile.base_image(self.stage)
        found = PYTHON.match(image)
        if found is not None:
            self.log(f"--> FROM {image}")
            python, notes = pythons.chosen(found[1] or found[2] or "", f"FROM {image}")
            self.notes += notes
            if "alpine" in image:
                self.notes.append("Alpine's C library is not imitated: wheels are those of Debian")
            return python.executable
        node = NODE.match(image)
        if node is not None:
            self.log(f"--> FROM {image}")
            self._same_node(node[1], image)
            return ""
        raise CannotRehearse(
            f"the base image {image} needs a container engine", where="FROM", todo="Start Docker."
        )

    def _same_node(self, major: str, image: str) -> None:
        import subprocess

        program = shutil.which("node")
        said = (
            subprocess.run([program, "--version"], capture_output=True, text=True).stdout if program else ""
        )
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
            default = self.dockerfile.global_arguments.get(name, "")
            self.arguments[name] = given.get(name, expand(value, self._known()) if equals else default)

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
        origin = expand(step.flag("from") or "", self._known())
        if origin:
            self._copy_from(origin, step)
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
                raise CannotRehearse(
                    f"ADD of an address needs a container engine: {source}", where=str(step.place)
                )
            found = [p for p in self._matching(source) if not p or not self.space.docker_ignore.ignores(p)]
            if not found:
                self.log(f'--> ERROR: failed to calculate checksum of ref: "/{source}": not found')
                raise BuildFailed(f'the image cannot be built: "/{source}": not found')
            for path in found:
                self.tree.place(self.files, path, into, many, owner, step.flag("chmod"), True)
        self.log("DONE 0.0s")

    def _add(self, step: Instruction) -> None:
        if any(
            word.endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"))
            for word in step.word_texts()[:-1]
        ):
            raise CannotRehearse(
                "ADD of an archive needs a container engine", where=str(step.place), todo="Start Docker."
            )
        self._copy(step)

    def _run(self, step: Instruction) -> None:
        self._make(self.workdir, 0)
        text = step.heredocs[0].body if step.heredocs else None
        self.runner.run(step, text, self.workdir, self._uid(), self._known(), self.shell)

    def _copy_from(self, origin: str, step: Instruction) -> None:
        """COPY --from: out of an earlier stage, or the program uv out of its image."""
        if UV_IMAGE.match(origin):
            self.runner.installs.has_uv = True
            self.notes.append(f"COPY --from={origin}: uv is this machine's own")
            return
        stage = self.dockerfile.stage(origin, self.stage.number)
        if stage is None:
            raise CannotRehearse(
                f"COPY --from={origin} needs a container engine", where=str(step.place), todo="Start Docker."
            )
        other = self.context.stage(stage)
        words = [expand(trim_quotes(word), self._known()) for word in step.word_texts()]
        *sources, target = words
        into = posixpath.normpath(posixpath.join(self.workdir, target))
        many = target.endswith(("/", "/.")) or target == "." or len(sources) > 1
        self.log(f"--> {step.keyword} --from={origin} {step.text[:100]}")
        owner = self._owner(step.flag("chown"))
        for source in sources:
            path = posixpath.normpath(posixpath.join("/", source))
            if self._environment_of(other, path, into):
                continue
            self._changeable(into, step)
            found = [f"/{name}" for name in Tree.open(other.root).glob(path)] if "*" in path else [path]
            if not found or not os.path.lexists(other.root + found[0]):
                if other.runner.missing or not path.startswith(
                    (other.workdir.rstrip("/") + "/", "/app", "/home")
                ):
                    raise CannotRehearse(
                        f"{path} of stage {origin} is not here", where=str(step.place), todo="Start Docker."
                    )
                self.log(f'--> ERROR: failed to calculate checksum of ref: "{path}": not found')
                raise BuildFailed(f'the image cannot be built: "{path}": not found in stage {origin}')
            for name in found:
                self.tree.place(other.root, name.lstrip("/"), into, many, owner, step.flag("chmod"), False)
        self.log("DONE 0.0s")

    def _environment_of(self, other: Follower, path: str, into: str) -> bool:
        """Whether a path is where installed packages are: then the environment is taken over."""
        installs = other.runner.installs
        if not installs.environment:
            return False
        alias = next((name for name in installs.aliases if path == name or path.startswith(name + "/")), "")
        inside = PACKAGES.match(path) or any(path == f"{home}/.local" for home in ("/root", other._home()))
        if not alias and not inside:
            return False
        if self.runner.installs.environment != installs.environment:
            self.runner.installs.adopt(installs, into if alias else "")
        return True

    def built(self) -> ProcessBuilt:
        """What was built, ready to start. Raises CannotRehearse."""
        argv = (*self.argv.get("ENTRYPOINT", ()), *self.argv.get("CMD", ()))
        if not argv:
            argv = ("python3",) if self.runner.installs.executable else ("node",)
        self.runner.installs.base()
        self._make(self.workdir, 0)
        installs = self.runner.installs
        folders = [Folder(os.path.join(self.root, name), f"/{name}", True) for name in tops(self.root)]
        folders += [Folder(mount.source, mount.target, False) for mount in installs.mounts()]
        values = {
            **installs.variables(),
            **self.values,
            "PATH": ":".join(installs.paths(self.values.get("PATH", ""))),
        }
        uid = self._uid()
        named = self.user if uid else ""
        home = values.get("HOME") or self.runner.users.home(uid or 1000)
        self.notes += self.runner.notes
        return ProcessBuilt(
            argv, self.workdir, tuple(values.items()), tuple(folders), tuple(dict.fromkeys(self.notes)),
            tuple(self.runner.missing), uid if named else -1, home, bytecode(installs.environment, self.plan),
        )  # fmt: skip

    def _home(self) -> str:
        return self.values.get("HOME") or self.runner.users.home(self._uid())

    def _command(self, step: Instruction) -> tuple[str, ...]:
        return step.word_texts() if step.form == "exec" else (*self.shell, step.text)

    def _text(self, step: Instruction) -> str:
        return expand(trim_quotes(step.text.strip()), self._known())

    def _known(self) -> dict[str, str]:
        return {**self.arguments, **self.values}

    def _uid(self) -> int:
        uid = self.runner.users.uid(self.user)
        if uid < 0:
            raise BuildFailed(
                f"the image cannot be built: unable to find user {self.user}: no matching entries in passwd file"
            )
        return uid

    def _owner(self, chown: str | None) -> tuple[int, int]:
        """uid and gid of --chown. Raises BuildFailed for a user that the image does not have."""
        name, _, group = expand(chown or "", self._known()).partition(":")
        if not name:
            return 0, 0
        uid = self.runner.users.uid(name)
        gid = self.runner.users.gid(group or name) if group or not name.isdigit() else uid
        if uid < 0 or gid < 0:
            refused = (
                f"unable to convert uid/gid chown string to host mapping: can't find uid for user {name}"
            )
            self.log(f"--> ERROR: failed to solve: {refused}")
            raise BuildFailed(f"the image cannot be built: --chown={chown}: the image has no such user")
        return uid, gid

    def _changeable(self, path: str, step: Instruction) -> None:
        system = any(path == place or path.startswith(place + "/") for place in SYSTEM)
        parts = path.split("/")
        if system or (
            parts[1:2] == ["etc"] and (len(parts) < 3 or parts[2] in (*bubblewrap.ETC, "passwd", "group"))
        ):
            raise CannotRehearse(
                f"{path} cannot be changed without a container engine",
                where=str(step.place),
                todo="Start Docker.",
            )

    def _make(self, path: str, owner: int) -> str:
        return self.tree.make(path, (owner, owner))

    def _matching(self, source: str) -> list[str]:
        name = posixpath.normpath(source.lstrip("/") or ".")
        return [""] if name == "." else list(self.space.tree.glob(name))

    def _documents(self, step: Instruction) -> None:
        """COPY of here-documents."""
        target = expand(trim_quotes(step.word_texts()[-1]), self._known())
        into = posixpath.normpath(posixpath.join(self.workdir, target))
        self._changeable(into, step)
        for document in step.heredocs:
            path = (
                posixpath.join(into, document.name)
                if target.endswith("/") or len(step.heredocs) > 1
                else into
            )
            body = expand(document.body, self._known()) if document.expand else document.body
            self.tree.write(path, body, self._owner(step.flag("chown")), step.flag("chmod"))
