"""Which file of the repository stands at a path of the image, as COPY, ADD and written scripts put it
there.
"""

from __future__ import annotations

import posixpath

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.docker_variables import expand, trim_quotes
from unstick.space.globs import has_wildcard
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Instruction, Stage
    from unstick.space.shell import Sequence, Simple
    from unstick.space.space import Space

_FETCHES = ("git clone", "wget ", "curl ", "huggingface-cli download", "hf download")


class Source(NamedTuple):
    """Where a file of the image comes from: a path of the repository, or a text written by the Dockerfile."""

    path: str
    text: str | None = None
    place: Place | None = None


class Image:
    """The image's files as far as they come from the repository.

    Only what stands before the instruction `until` counts, when one is given. Without a Dockerfile the
    repository itself stands at /app, as in Gradio and Streamlit Spaces.
    """

    def __init__(
        self,
        space: Space,
        dockerfile: Dockerfile | None,
        stage: Stage | None = None,
        until: Instruction | None = None,
    ) -> None:
        self.space = space
        self.dockerfile = dockerfile
        self.until = until
        self.workdir = "/" if dockerfile else "/app"
        self.copies: list[tuple[str, str, bool]] = []
        self.written: dict[str, Source] = {}
        self.foreign = False
        """Whether code arrives from elsewhere (git clone, another image), so that an unknown path proves
        nothing.
        """
        self._other: dict[str, Image] = {}
        stage = stage or (dockerfile.final if dockerfile else None)
        if dockerfile and stage:
            for part in dockerfile.chain(stage):
                self._read(dockerfile, part)

    def find(self, path: str, cwd: str = "") -> Source | None:
        """The source of a path of the image (relative ones from `cwd` or the work folder), or None."""
        full = posixpath.normpath(posixpath.join(cwd or self.workdir, path))
        full = "/" + full.lstrip("/")
        if full in self.written:
            return self.written[full]
        if self.dockerfile is None:
            inside = full.removeprefix("/app/").removeprefix("/home/user/app/").lstrip("/")
            return Source(inside) if self.space.tree.is_file(inside) else None
        for origin, target, folder in reversed(self.copies):
            if full == target and not folder:
                return Source(origin)
            prefix = target.rstrip("/") + "/"
            if folder and full.startswith(prefix):
                candidate = posixpath.join(origin, full[len(prefix) :]) if origin else full[len(prefix) :]
                if self.space.tree.is_file(candidate):
                    return Source(candidate)
        return None

    def folder_at(self, path: str, cwd: str = "") -> str | None:
        """The folder of the repository that stands at a path of the image ('' is the root), or None."""
        full = posixpath.normpath(posixpath.join(cwd or self.workdir, path))
        if self.dockerfile is None:
            return full.removeprefix("/app").removeprefix("/home/user/app").lstrip("/")
        for origin, target, folder in reversed(self.copies):
            if folder and (full == target or full.startswith(target.rstrip("/") + "/")):
                candidate = posixpath.join(origin, full[len(target) :].lstrip("/")).rstrip("/")
                if self.space.tree.is_folder(candidate):
                    return candidate
        return None

    def _read(self, dockerfile: Dockerfile, stage: Stage) -> None:
        for step in stage.instructions:
            if step is self.until:
                break
            if step.keyword == "WORKDIR" and step.text:
                known = dockerfile.environment(stage, step).build if "$" in step.text else {}
                self.workdir = posixpath.normpath(
                    posixpath.join(self.workdir, trim_quotes(expand(step.text, known)))
                )
            elif step.keyword in ("COPY", "ADD"):
                self._copy(dockerfile, stage, step)
            elif step.keyword == "RUN":
                self._run(step)

    def _copy(self, dockerfile: Dockerfile, stage: Stage, step: Instruction) -> None:
        known = dockerfile.environment(stage, step).build if "$" in step.text else {}
        words = [expand(w.text if step.form == "exec" else trim_quotes(w.text), known) for w in step.words]
        if len(words) < 2:
            return
        *origins, target = words
        full = posixpath.normpath(posixpath.join(self.workdir, target))
        into = target.endswith("/") or target in (".", "..") or len(origins) > 1 or full == self.workdir
        if step.heredocs:
            for doc in step.heredocs:
                name = posixpath.join(full, doc.name) if into else full
                self.written[name] = Source(step.place.path, doc.body, doc.place)
            return
        other = step.flag("from")
        if other is not None:
            self._copy_from(dockerfile, stage, other, origins, full, into)
            return
        for origin in origins:
            self._take(origin, full, into)

    def _take(self, origin: str, full: str, into: bool) -> None:
        tree = self.space.tree
        origin = posixpath.normpath(origin).lstrip("/")
        found = tree.glob(origin) if has_wildcard(origin) else (("" if origin in (".", "") else origin),)
        for path in found:
            if path == "" or tree.is_folder(path):
                self.copies.append((path, full, True))
            else:
                self.copies.append(
                    (
                        path,
                        posixpath.join(full, posixpath.basename(path)) if into or len(found) > 1 else full,
                        False,
                    )
                )

    def _copy_from(
        self, dockerfile: Dockerfile, stage: Stage, name: str, origins: list[str], full: str, into: bool
    ) -> None:
        source = dockerfile.stage(name, stage.number)
        if source is None:
            return
        if source.name not in self._other:
            self._other[source.name] = Image(self.space, dockerfile, source)
        image = self._other[source.name]
        self.foreign = self.foreign or image.foreign
        for origin in origins:
            path = posixpath.normpath(posixpath.join("/", origin))
            if has_wildcard(path):
                self._copy_matching(image, path, full)
                continue
            folder = image.folder_at(path, "/")
            below = [c for c in image.copies if c[1] == path or c[1].startswith(path.rstrip("/") + "/")]
            if folder is not None:
                self.copies.append((folder, full, True))
            for from_path, at, is_folder in below:
                rest = at[len(path) :].lstrip("/")
                self.copies.append((from_path, posixpath.join(full, rest).rstrip("/") or "/", is_folder))
            single = image.find(path, "/")
            if single is not None and single.text is None and folder is None:
                target = posixpath.join(full, posixpath.basename(path)) if into else full
                self.copies.append((single.path, target, False))

    def _copy_matching(self, image: Image, path: str, full: str) -> None:
        folder = image.folder_at(posixpath.dirname(path), "/")
        if folder is not None:
            for found in self.space.tree.glob(posixpath.join(folder, posixpath.basename(path))):
                target = posixpath.join(full, posixpath.basename(found))
                self.copies.append((found, target, self.space.tree.is_folder(found)))

    def _run(self, step: Instruction) -> None:
        """Files that a build step writes or moves itself."""
        text = step.text
        self.foreign = self.foreign or any(word in text for word in _FETCHES)
        if not (step.heredocs or ">" in text or "cp " in text or "mv " in text):
            return
        from unstick.space.shell import parse

        bodies = list(step.heredocs)
        for command in _commands(parse(text[:50_000]), 0):
            words = [w.text for w in command.words]
            if command.outputs and words[:1] in (["echo"], ["printf"], ["cat"]):
                name = self._full(command.outputs[-1].replace("\\$", "$"))
                if words[0] == "cat" and bodies:
                    doc = bodies.pop(0)
                    self.written[name] = Source(step.place.path, doc.body, doc.place)
                elif words[0] != "cat":
                    body = " ".join(w for w in words[1:] if w not in ("-e", "-n", "-en", "-ne"))
                    body = body.replace("\\n", "\n").replace("\\$", "$")
                    before = self.written.get(name)
                    start = before.text or "" if before is not None and ">>" in text else ""
                    self.written[name] = Source(step.place.path, f"{start}{body}\n", step.place)
            elif words[:1] in (["cp"], ["mv"]) and len([w for w in words[1:] if not w.startswith("-")]) == 2:
                origin, target = (w for w in words[1:] if not w.startswith("-"))
                source = self.find(origin)
                if source is not None and source.text is None:
                    into = target.endswith("/") or self.folder_at(target) is not None
                    full = self._full(target)
                    full = posixpath.join(full, posixpath.basename(origin)) if into else full
                    self.copies.append((source.path, full, False))

    def _full(self, name: str) -> str:
        return posixpath.normpath(posixpath.join(self.workdir, name))


def _commands(items: Sequence, depth: int) -> Iterator[Simple]:
    """All simple commands of a script, in order, whatever their conditions."""
    from unstick.space.shell import Group, If, Loop, Simple

    for item in items:
        node = item.node
        if isinstance(node, Simple):
            yield node
        elif depth > 8:
            continue
        elif isinstance(node, If):
            for condition, body in node.branches:
                yield from _commands((*condition, *body), depth + 1)
            yield from _commands(node.otherwise, depth + 1)
        elif isinstance(node, (Group, Loop)):
            yield from _commands(node.body, depth + 1)
