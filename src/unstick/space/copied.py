"""Which file of the repository a path inside the image is, as the COPY and ADD lines of a stage put it
there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Instruction, Stage
    from unstick.space.files import Tree


class Copies:
    """The copies of one stage up to some instruction; `workdir` is where the next command runs."""

    def __init__(
        self, tree: Tree, dockerfile: Dockerfile, stage: Stage, until: Instruction | None = None
    ) -> None:
        from unstick.space.docker_variables import expand, trim_quotes

        self.tree = tree
        self.workdir = "/"
        self.rows: list[tuple[str, str, bool]] = []
        known = dockerfile.environment(stage, until).build
        for part in dockerfile.chain(stage):
            for step in part.instructions:
                if step is until:
                    return
                if step.keyword == "WORKDIR":
                    self.workdir = posixpath.normpath(
                        posixpath.join(self.workdir, expand(trim_quotes(step.text), known))
                    )
                elif step.keyword in ("COPY", "ADD") and len(step.words) > 1:
                    words = [
                        expand(trim_quotes(w.text) if step.form == "shell" else w.text, known)
                        for w in step.words
                    ]
                    self._add(words, step.flag("from"), dockerfile, part)

    def _add(self, words: list[str], origin: str | None, dockerfile: Dockerfile, stage: Stage) -> None:
        *sources, target = words
        into = posixpath.normpath(posixpath.join(self.workdir, target))
        folder = target.endswith(("/", ".")) or len(sources) > 1
        if origin:
            other = dockerfile.stage(origin, stage.number)
            if other is not None:
                inner = Copies(self.tree, dockerfile, other)
                for source in sources:
                    self._through(inner, posixpath.normpath(posixpath.join("/", source)), into)
            return
        for source in sources:
            for name in self.tree.glob(source.lstrip("/")) if source.strip("/.") else ("",):
                if self.tree.is_folder(name):
                    self.rows.append((into, name, True))
                else:
                    self.rows.append(
                        (posixpath.join(into, posixpath.basename(name)) if folder else into, name, False)
                    )

    def _through(self, inner: Copies, source: str, into: str) -> None:
        for at, name, is_folder in inner.rows:
            if at == source or at.startswith(source.rstrip("/") + "/"):
                self.rows.append((posixpath.normpath(into + at[len(source) :]), name, is_folder))
            elif is_folder and source.startswith(at.rstrip("/") + "/"):
                below = posixpath.join(name, source[len(at.rstrip("/")) + 1 :])
                self.rows.append((into, below, self.tree.is_folder(below)))

    def find(self, path: str) -> str | None:
        """The repository's path of an image path (relative ones from the working folder), or None."""
        wanted = posixpath.normpath(posixpath.join(self.workdir, path))
        for into, name, is_folder in reversed(self.rows):
            if not is_folder:
                if into == wanted:
                    return name
                continue
            if wanted == into or wanted.startswith(into.rstrip("/") + "/"):
                found = posixpath.normpath(posixpath.join(name, posixpath.relpath(wanted, into))).lstrip("/")
                found = "" if found == "." else found
                if self.tree.exists(found):
                    return found
        return None

    def folders(self, path: str) -> Iterable[str]:
        """Repository folders whose contents stand at or below the image folder `path`."""
        wanted = posixpath.normpath(posixpath.join(self.workdir, path))
        for into, name, is_folder in self.rows:
            if is_folder and (into == wanted or into.startswith(wanted.rstrip("/") + "/")):
                yield name
