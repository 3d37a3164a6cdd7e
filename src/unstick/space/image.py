"""The image's file system as a Space's build leaves it: who owns what, who may write where, what is in it at
all.

For a Docker Space that is the last stage of its Dockerfile; for the SDKs that the platform builds itself, the
layout seen in its build logs (the repository in /app, the home folder /home/user, both the user's own).
"""

from __future__ import annotations

import posixpath

from unstick.record import TYPE_CHECKING
from unstick.space.image_base import BaseImage, base_image
from unstick.space.image_layers import Access, BuildRun, Layers, User
from unstick.space.image_ops import Operation, State, inside, join, numeric_mode
from unstick.space.image_run import run_instruction

if TYPE_CHECKING:
    from collections.abc import Callable

    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Instruction, Stage
    from unstick.space.space import Space

MAX_STAGES = 40
"""Stages of a Dockerfile; more than any real one has."""

USER = 1000
"""The user a Space's container runs as, by the platform's documentation."""


class Image:
    """The finished image of a Space."""

    def __init__(self, layers: Layers, space: Space) -> None:
        self.layers = layers
        self.space = space

    @property
    def base(self) -> BaseImage:
        """The image that the final stage begins with."""
        return self.layers.base

    @property
    def known(self) -> bool:
        """Whether the base image is one whose users and folders are known."""
        return self.layers.base.known

    @property
    def workdir(self) -> str:
        """Where the start command runs."""
        return self.layers.workdir

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the image."""
        return self.layers.env

    @property
    def final_user(self) -> str:
        """The user named last (as written), '' for none (root), '?' where the base image is not known."""
        return self.layers.user

    @property
    def user_named(self) -> bool:
        """Whether the image names a user other than root, so that the owner of its files is meant."""
        return self.layers.user not in ("", "?", "root", "0") and self.layers.uid != 0

    def home(self, uid: int = USER) -> str:
        """The home folder of a user, by Docker's rule; empty where it cannot be told."""
        return self.layers.home(uid)

    def state(self, path: str) -> State:
        """What stands at a path."""
        return self.layers.state(join(self.workdir, path))

    def exists(self, path: str) -> bool | None:
        """Whether something stands at a path; None where it cannot be told."""
        return self.state(path).exists

    def owner_of(self, path: str) -> int | None:
        """uid of the owner of a path, or None."""
        state = self.state(path)
        return state.uid if state.exists is not False and state.uid >= 0 else None

    def source_of(self, path: str) -> str | None:
        """The repository's file or folder that stands at a path, or None."""
        return self.state(path).source

    def writable(self, path: str, uid: int = USER) -> Access:
        """Whether `uid` may write the file, or make it where nothing stands there yet."""
        _, gid = self.layers.resolve(self.layers.user) if self.user_named else (0, 0)
        return self.layers.access(join(self.workdir, path), uid, gid)

    def readable(self, path: str, uid: int = USER) -> bool:
        """Whether no folder above the path is closed to `uid`."""
        return self.layers.closed(self.layers.real(join(self.workdir, path)), uid) is None

    def contains(self, relative: str) -> bool | None:
        """Whether a file of the repository is somewhere in the image."""
        return self.location(relative) is not None or (None if not self.known else False)

    def location(self, relative: str) -> str | None:
        """Where a file of the repository stands in the image, or None."""
        for operation in reversed(self.layers.operations):
            if operation.kind != "copy" or not operation.target.startswith("context:"):
                continue
            begin = operation.target[8:]
            if relative == begin:
                path = operation.path
            elif begin == "" or inside(relative, begin):
                path = join(operation.path, relative[len(begin) :].lstrip("/"))
            else:
                continue
            if self.layers.state(path).source == relative:
                return path
        return None


def image_of(space: Space) -> Image | None:
    """The image of a Space, worked out once; None for a static Space and for a Docker Space without a
    Dockerfile.
    """
    if "_image" not in space.__dict__:
        space.__dict__["_image"] = _build(space)
    known: Image | None = space.__dict__["_image"]
    return known


def _build(space: Space) -> Image | None:
    if space.sdk in ("gradio", "streamlit"):
        return Image(_platform_layers(space), space)
    if space.sdk == "static" or space.dockerfile is None or not space.dockerfile.stages:
        return None
    if len(space.dockerfile.stages) > MAX_STAGES:
        return None
    walker = _Walker(space, space.dockerfile)
    for stage in space.dockerfile.stages:
        # In order, so that none has to wait for another.
        walker.stage(stage)
    return Image(walker.stage(space.dockerfile.stages[-1]), space)


def _platform_layers(space: Space) -> Layers:
    """What the platform's own build leaves for gradio and streamlit (as seen in build logs)."""
    layers = Layers(base_image("python"))
    layers.users["user"] = User("user", USER, USER, "/home/user")
    layers.user = "user"
    layers.env = {"HOME": "/home/user", "PYTHONPATH": "/home/user/app", "SYSTEM": "spaces"}
    layers.workdir = "/app"
    for folder in ("/home/user", "/app"):
        layers.add(Operation("make", folder, USER, USER))
        layers.add(Operation("own", folder, USER, USER, recursive=True))
    layers.links.append(("/home/user/app", "/app"))
    layers.add(Operation("copy", "/app", USER, USER, lookup=_context(space, "", "/app"), target="context:"))
    return layers


def _context(space: Space, source: str, into: str, ignored: bool = False) -> Callable[[str], State]:
    """The states that copying the repository's `source` to `into` gives."""
    tree = space.tree
    ignore = space.docker_ignore if ignored else None

    def lookup(path: str) -> State:
        below = path[len(into) :].lstrip("/")
        name = posixpath.join(source, below) if source and below else source or below
        if name == "":
            return State(True, "folder", 0, 0, 0o755, None, "")
        entry = tree.entry(name)
        if entry is None:
            return State(False if tree.complete and not tree.truncated else None)
        folder = entry.kind == "folder"
        if (
            ignore is not None
            and ignore.ignores(name, folder)
            and not (folder and ignore.may_bring_back(name))
        ):
            return State(False)
        mode = 0o755 if folder or entry.mode & 0o111 else 0o644
        return State(True, "folder" if folder else "file", 0, 0, mode, None, name)

    return lookup


class _Walker:
    """Walks the stages of one Dockerfile."""

    def __init__(self, space: Space, dockerfile: Dockerfile) -> None:
        self.space = space
        self.dockerfile = dockerfile
        self.done: dict[int, Layers] = {}

    def stage(self, stage: Stage) -> Layers:
        """What a stage leaves; each stage is walked once."""
        if stage.number not in self.done:
            parent = self.dockerfile.stage(stage.base, stage.number)
            layers = self.stage(parent).child() if parent else Layers(base_image(stage.base))
            self.done[stage.number] = layers
            for step in stage.instructions:
                self._step(layers, step, stage)
        return self.done[stage.number]

    def _step(self, layers: Layers, step: Instruction, stage: Stage) -> None:
        from unstick.space.docker_variables import assignments, expand, trim_quotes

        known = {**layers.arguments, **layers.env}
        known.setdefault("HOME", "")
        keyword = step.keyword
        if keyword == "ENV":
            for name, value, place in assignments(step):
                layers.env[name] = expand(value, known)
                layers.env_places[name] = place
        elif keyword == "ARG":
            self._argument(layers, step, known)
        elif keyword == "WORKDIR":
            path = join(layers.workdir, expand(trim_quotes(step.text), known))
            layers.add(Operation("make", path, layers.uid, layers.gid, place=step.place))
            layers.workdir, layers.workdir_place = path, step.place
        elif keyword == "USER":
            layers.user, layers.user_place = expand(trim_quotes(step.text), known), step.place
        elif keyword in ("COPY", "ADD"):
            self._copy(layers, step, stage, known)
        elif keyword == "RUN":
            layers.runs.append(
                BuildRun(
                    step,
                    layers.uid,
                    layers.home(layers.uid),
                    dict(layers.env),
                    layers.workdir,
                    len(layers.operations),
                )
            )
            run_instruction(layers, step)
        elif keyword == "CMD":
            layers.command = step
        elif keyword == "ENTRYPOINT":
            layers.entrypoint, layers.command = step, None if layers.command is None else layers.command
        elif keyword == "VOLUME":
            layers.volumes += [(join(expand(trim_quotes(w.text), known)), w.place) for w in step.words]

    def _argument(self, layers: Layers, step: Instruction, known: dict[str, str]) -> None:
        from unstick.space.docker_variables import expand, trim_quotes

        for word in step.words:
            name, given, value = word.text.partition("=")
            if given:
                layers.arguments[name] = expand(trim_quotes(value), known)
            elif name in self.dockerfile.global_arguments:
                layers.arguments[name] = self.dockerfile.global_arguments[name]

    def _copy(self, layers: Layers, step: Instruction, stage: Stage, known: dict[str, str]) -> None:
        from unstick.space.docker_variables import expand, trim_quotes

        words = [expand(trim_quotes(w.text) if step.form == "shell" else w.text, known) for w in step.words]
        words = [w for w in words if not w.startswith("<<")]
        if len(words) + len(step.heredocs) < 2 or not words:
            return
        owner = step.flag("chown")
        uid, gid = layers.resolve(expand(owner, known)) if owner else (-1, -1)
        uid = -2 if owner and uid < 0 else uid
        change = numeric_mode(step.flag("chmod") or "")
        target = words[-1]
        into = join(layers.workdir, target)
        many = target.endswith(("/", ".")) or len(words) - 1 + len(step.heredocs) > 1

        def add(path: str, lookup: Callable[[str], State], origin: str) -> None:
            layers.add(
                Operation(
                    "copy", path, uid, gid, change=change, lookup=lookup, target=origin, place=step.place
                )
            )

        for heredoc in step.heredocs:
            path = join(into, heredoc.name) if many else into
            layers.written[path] = heredoc.body
            add(path, _fixed(path, State(True, "file", 0, 0, 0o644)), "")
        for source in words[:-1]:
            if step.flag("from") is not None:
                self._from_stage(
                    layers, stage, expand(step.flag("from") or "", known), source, into, many, add
                )
            elif "://" in source or source.startswith("git@"):
                name = source.rstrip("/").rpartition("/")[2]
                path = join(into, name) if many else into
                add(path, _fixed(path, State(True, "file", 0, 0, 0o600)), "")
            else:
                self._from_context(layers, source, into, many, add)

    def _from_context(
        self,
        layers: Layers,
        source: str,
        into: str,
        many: bool,
        add: Callable[[str, Callable[[str], State], str], None],
    ) -> None:
        tree = self.space.tree
        name = posixpath.normpath(source.lstrip("/") or ".")
        names: tuple[str, ...] = ("",) if name == "." else tree.glob(name)
        for found in names:
            folder = tree.is_folder(found)
            inner = many or len(names) > 1 or layers.state(into).kind == "folder"
            path = into if folder or not inner else join(into, posixpath.basename(found))
            add(path, _context(self.space, found, path, True), f"context:{found}")

    def _from_stage(
        self,
        layers: Layers,
        stage: Stage,
        origin: str,
        source: str,
        into: str,
        many: bool,
        add: Callable[[str, Callable[[str], State], str], None],
    ) -> None:
        other = self.dockerfile.stage(origin, stage.number)
        source = join(source)
        if other is None:
            path = join(into, posixpath.basename(source)) if many else into
            add(path, _fixed(path, State(True, "", 0, 0, 0o755)), "")
            return
        built = self.stage(other)
        if any(c in source for c in "*?["):
            layers.add(Operation("fill", into, max(layers.uid, 0), max(layers.gid, 0), place=None))
            return
        state = built.state(source)
        path = join(into, posixpath.basename(source)) if many and state.kind == "file" else into
        add(path, _moved(built, source, path), "")


def _fixed(into: str, state: State) -> Callable[[str], State]:
    return lambda path: state if path == into else State(None, "", 0, 0)


def _moved(layers: Layers, source: str, into: str) -> Callable[[str], State]:
    return lambda path: layers.state(join(source, path[len(into) :].lstrip("/")))
