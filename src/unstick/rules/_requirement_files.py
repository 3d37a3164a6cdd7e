"""Requirement files that `pip install -r` of a build step needs, and whether an earlier COPY brought them."""

from __future__ import annotations

import posixpath

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.space.docker_variables import expand
from unstick.space.launch.image import Image
from unstick.space.shell import Simple, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Space
    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Instruction, Stage

_NESTED = lazy(r"(?m)^[ \t]*(?:-r|--requirement|-c|--constraint)[ =]\s*([^\s#]+)")
_PIP = lazy(r"pip[0-9.]*\Z")


def unread_requirements(
    space: Space, file: Dockerfile, stage: Stage, step: Instruction
) -> Iterator[tuple[str, str]]:
    """Files that the step's pip reads and that are not in the image by then, each with the file that refers
    to it
    ('' for one that the command names). Nothing where files may have come from elsewhere."""
    known = file.environment(stage, step).build if "$" in step.text else {}
    image: Image | None = None
    folder = ""
    for item in parse(step.text[:20_000]):
        if not isinstance(item.node, Simple) or item.operator == "||":
            return
        words = [expand(w.text, known) for w in item.node.words]
        if words[:1] == ["cd"] and len(words) == 2:
            folder = posixpath.join(folder, words[1])
        elif item.node.outputs or (
            words and words[0] in ("mv", "cp", "wget", "curl", "git", "tar", "unzip", "cat", "echo")
        ):
            return
        for name in _named(words):
            if "$" in name or "://" in name or name.startswith("/"):
                continue
            image = image or Image(space, file, stage, step)
            if image.foreign:
                return
            yield from _unread(
                space, image, posixpath.normpath(posixpath.join(image.workdir, folder, name)), name
            )


def _named(words: list[str]) -> list[str]:
    if "install" not in words or not any(
        _PIP.match(posixpath.basename(w)) for w in words[: words.index("install")]
    ):
        return []
    out = [words[i + 1] for i, w in enumerate(words[:-1]) if w in ("-r", "--requirement")]
    return out + [w.partition("=")[2] for w in words if w.startswith("--requirement=")]


def _unread(space: Space, image: Image, path: str, name: str) -> Iterator[tuple[str, str]]:
    source = image.find(path)
    if source is None:
        if not _built_elsewhere(image, path):
            yield name, ""
        return
    text = source.text if source.text is not None else space.tree.read_text(source.path)
    for match in _NESTED.finditer((text or "")[:200_000]):
        inner = match.group(1)
        if "://" in inner or "$" in inner:
            continue
        if image.find(posixpath.normpath(posixpath.join(posixpath.dirname(path), inner))) is None:
            yield inner, name


def _built_elsewhere(image: Image, path: str) -> bool:
    """Whether the file may come from another stage or be written by an earlier step."""
    file = image.dockerfile
    if file is None:
        return True
    base = posixpath.basename(path)
    for step in file.instructions:
        if step is image.until:
            break
        if step.keyword == "RUN" and base in step.text:
            return True
        if step.keyword in ("COPY", "ADD") and (step.flag("from") is not None or step.heredocs):
            return True
    return False
