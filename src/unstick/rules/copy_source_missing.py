"""COPY or ADD names a file that is not in the repository, or that .dockerignore keeps out.

What it finds: sources of COPY and ADD (variables filled in, stages that the image needs) without a file or
folder of that name; `pip install -r` of a file, or of one that the file refers to, which no earlier COPY
brought; files outside its folder that an npm script of the build calls.

Why it matters: the build stops: "failed to compute cache key: … not found".

Example:

    COPY data/ data/            (data is not in the repository)

Instead:

    RUN mkdir -p data

Repair safety: none is proposed, except for a file of the same name elsewhere (unsafe).

Source: the Dockerfile reference (COPY, .dockerignore).
"""

from __future__ import annotations

import posixpath
import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules._requirement_files import unread_requirements
from unstick.rules._stages import needed
from unstick.rules.base import Rule
from unstick.space.docker_variables import expand, trim_quotes
from unstick.space.globs import has_wildcard
from unstick.space.launch.follow import image_name
from unstick.space.launch.images import IDLE_IMAGES
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Instruction, Stage, Word

RULE = Rule(
    code="B102",
    title="COPY of something that is not there",
    confidence=0.95,
    needs=("complete", "dockerfile"),
    causes=(("dockerfile-error", 5.0),),
)
FIXABLE = True
_REMOTE = lazy(r"(?:https?|git|ftp|ssh)://|git@|.*\.git(?:#.*)?$")


def check(space: Space) -> Iterator[Finding]:
    """One finding for each source."""
    file = space.dockerfile
    if file is None or space.sdk not in ("docker", ""):
        return
    for stage in needed(file):
        for step in stage.instructions:
            if step.keyword in ("COPY", "ADD") and step.flag("from") is None and not step.heredocs:
                yield from (finding for _, finding in _copy(space, file, stage, step))
            elif step.keyword == "RUN" and "-r" in step.text:
                yield from _pip(space, file, stage, step)
            if step.keyword == "RUN" and ("npm" in step.text or "yarn" in step.text or "bun" in step.text):
                yield from _npm(space, file, stage, step)


def lacking(space: Space) -> frozenset[str]:
    """The repository's paths that a COPY or ADD of the build names in vain: the build ends there."""
    file = space.dockerfile
    if file is None:
        return frozenset()
    return frozenset(
        path
        for stage in needed(file)
        for step in stage.instructions
        if step.keyword in ("COPY", "ADD") and step.flag("from") is None and not step.heredocs
        for path, _ in _copy(space, file, stage, step)
    )


def _copy(space: Space, file: Dockerfile, stage: Stage, step: Instruction) -> Iterator[tuple[str, Finding]]:
    """The sources that are not there, each with what is said of it."""
    known = file.environment(stage, step).build if "$" in step.text else {}
    remark = any(w.text == "#" for w in step.words)
    for word in step.words[:-1]:
        written = word.text if step.form == "exec" else trim_quotes(word.text)
        if _unknown_variable(written, known) or (step.keyword == "ADD" and _REMOTE.match(written)):
            continue
        source = expand(written, known)
        if has_wildcard(source) or not source:
            continue
        path = posixpath.normpath("/" + source).lstrip("/")
        if not path:
            continue
        finding = _judge(space, word, path, source)
        if finding is not None:
            if remark:
                finding = finding._replace(
                    message=finding.message + " (a # behind COPY's words begins no comment)", edits=()
                )
            yield path, finding
            if remark:
                return


def _pip(space: Space, file: Dockerfile, stage: Stage, step: Instruction) -> Iterator[Finding]:
    """Requirement files that a build step reads before they are in the image."""
    if step.flag("mount") is not None or image_name(file.base_image(stage)) not in IDLE_IMAGES:
        return
    for name, reader in unread_requirements(space, file, stage, step):
        word = next((w for w in step.words if w.text in (name, reader)), None)
        yield RULE.finding(
            word.place if word is not None else step.place,
            f"pip reads {name[:120]}"
            + (f" (named in {reader[:120]})" if reader else "")
            + ", which is not in the image yet",
            "Copy it before this step.",
        )


def _npm(space: Space, file: Dockerfile, stage: Stage, step: Instruction) -> Iterator[Finding]:
    """Files outside the package's folder that its build script calls and no COPY brings."""
    from unstick.rules._npm_scripts import missing_scripts

    for called, caller, place in missing_scripts(space, file, stage, step):
        yield RULE.finding(
            place,
            f"the build ({step.place}) runs the script {caller[:60]!r}, which calls {called[:120]}; no COPY"
            " brings that into the image",
            "Copy it to where the script looks, or let the script go on without it.",
            confidence=0.85,
            related=(step.place,),
        )


def _unknown_variable(text: str, known: dict[str, str]) -> bool:
    names = re.findall(r"\$\{?([A-Za-z_]\w*)(:?-)?", text)
    return any(name not in known and not default for name, default in names)


def _judge(space: Space, word: Word, path: str, source: str) -> Finding | None:
    tree = space.tree
    shown = source[:120]
    if tree.absent(path):
        if _is_submodule(space, path):
            return None
        return RULE.finding(
            word.place,
            f"{shown} is not in the repository",
            _remedy(space, path),
            edits=_edits(space, word, path, source),
        )
    if space.git_ignore.ignores(path, tree.is_folder(path)) and tree.tracked(path) is False:
        return RULE.finding(
            word.place,
            f"{shown} is here, but .gitignore keeps it out of what is pushed",
            "Take it out of .gitignore and commit it, or make it in the build.",
            severity="warning",
        )
    ignored = space.docker_ignore.deciding(path, tree.is_folder(path))
    if ignored is not None and not (tree.is_folder(path) and space.docker_ignore.may_bring_back(path)):
        return RULE.finding(
            word.place,
            f".dockerignore line {ignored.line} keeps {shown} out of the build",
            "Take it out of .dockerignore, or bring it back there with a line that begins with `!`.",
            related=(Place(".dockerignore", ignored.line),),
        )
    return None


def _is_submodule(space: Space, path: str) -> bool:
    modules = space.text(".gitmodules") or ""
    folders = re.findall(r"(?m)^\s*path\s*=\s*(\S+)", modules)
    return any(path == f or path.startswith(f + "/") for f in folders)


def _same_name(space: Space, path: str) -> list[str]:
    name = posixpath.basename(path)
    return [n for n in space.tree.names() if posixpath.basename(n) == name][:4]


def _remedy(space: Space, path: str) -> str:
    other = space.tree.other_case(path)
    if other:
        return f"The file is written {other}."
    same = _same_name(space, path)
    if len(same) == 1:
        return f"There is {same[0]}."
    if space.git_ignore.ignores(path):
        return ".gitignore keeps it out of the repository; commit it, or make it in the build."
    return "Add it to the repository, or take it out of the line."


def _edits(space: Space, word: Word, path: str, source: str) -> tuple[Edit, ...]:
    other = space.tree.other_case(path)
    same = _same_name(space, path)
    new = other or (same[0] if len(same) == 1 else "")
    text = space.text("Dockerfile") or ""
    if not new or text[word.place.start : word.place.end] != source or " " in new:
        return ()
    return (Edit("Dockerfile", word.place.start, word.place.end, new, False, f"copy {new}"),)
