"""A Dockerfile made ready for this engine: what it lacks left out or written otherwise, what a step needs lent.

The Space's own file is never changed; what is different is said.
"""

from __future__ import annotations

import json

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse.backend import CannotRehearse
from unstick.space.dockerfile import Dockerfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unstick.rehearse.docker.machine import Lent
    from unstick.space.dockerfile_types import Instruction

DROPPED = {
    "link": "COPY --link is done without --link",
    "network": "RUN --network is left out",
    "security": "RUN --security is left out",
    "checksum": "ADD --checksum is not checked",
    "keep-git-dir": "ADD --keep-git-dir is left out",
    "parents": "",
    "exclude": "",
}
"""Flags that BuildKit of Docker 20.10 does not know, and what leaving them out means; '' where the result
would be another one (Dockerfile reference, release notes of the dockerfile frontend)."""


class Rewritten(NamedTuple):
    """The text to build, files to add to the context (name, content), and what is different."""

    text: str
    files: tuple[tuple[str, str], ...] = ()
    passed_over: tuple[str, ...] = ()


def rewrite(text: str, *, modern: bool, lent: Sequence[Lent] = (), variables: Sequence[str] = ()) -> Rewritten:
    """The Dockerfile for this engine. `modern` engines know here-documents and --link; `variables` are the
    Space's public variables that become build arguments.

    Raises CannotRehearse for what neither can be left out nor written otherwise.
    """
    dockerfile = Dockerfile(text)
    edits: list[tuple[int, int, str]] = []
    files: list[tuple[str, str]] = []
    notes: list[str] = []
    if _syntax_line(text):
        at, end, _ = _syntax_line(text)
        edits.append((at, end, "# the syntax line is left out"))
        notes.append("the line `# syntax=` is left out: its image would have to be pulled")
    for stage in dockerfile.stages:
        edits += _after_from(stage.origin, lent)
        for step in stage.instructions:
            if not modern:
                edits += _lowered(step, files, notes)
            if step.keyword == "RUN" and lent:
                edits += _mounted(step, text, lent)
    return Rewritten(_applied(text, edits), tuple(files), tuple(dict.fromkeys(notes)))


def _syntax_line(text: str) -> tuple[int, int, str] | None:
    at = 0
    for line in text.splitlines(keepends=True):
        word = line.strip().lstrip("\ufeff")
        if not word.startswith("#"):
            return None
        name, equals, value = word[1:].partition("=")
        if equals and name.strip().lower() == "syntax":
            return at, at + len(line.rstrip("\r\n")), value
        at += len(line)
    return None


def _after_from(origin: Instruction, lent: Sequence[Lent]) -> Iterator[tuple[int, int, str]]:
    """Build arguments that point programs to what is lent: seen by RUN, not part of the image."""
    if lent:
        pairs = [f"{name}={item.target}" for item in lent for name in item.variables]
        yield origin.place.end, origin.place.end, "\n" + "\n".join(f"ARG {pair}" for pair in pairs)


def _mounted(step: Instruction, text: str, lent: Sequence[Lent]) -> Iterator[tuple[int, int, str]]:
    mounts = " ".join(f"--mount=type=secret,id={item.id},target={item.target},mode=0444" for item in lent)
    after = step.place.start + len("RUN")
    yield after, after, f" {mounts}"


def _lowered(
    step: Instruction, files: list[tuple[str, str]], notes: list[str]
) -> Iterator[tuple[int, int, str]]:
    for flag in step.flags:
        if flag.name not in DROPPED:
            continue
        if not DROPPED[flag.name]:
            raise CannotRehearse(
                f"this engine's BuildKit does not know --{flag.name}", where=str(flag.place),
                todo="A newer Docker Engine does.",
            )  # fmt: skip
        if flag.name == "link" and flag.value == "false":
            notes.append("COPY --link=false is done without it")
        else:
            notes.append(DROPPED[flag.name])
        yield flag.place.start, flag.place.end, ""
    if step.heredocs:
        yield _without_heredoc(step, files, notes)


def _without_heredoc(
    step: Instruction, files: list[tuple[str, str]], notes: list[str]
) -> tuple[int, int, str]:
    """The same instruction without its here-document, which Docker before 23 does not know."""
    document = step.heredocs[0]
    flags = "".join(f"--{flag.name}={flag.value} " for flag in step.flags if flag.name not in DROPPED)
    words = [word for word in step.word_texts() if "<<" not in word]
    notes.append("a here-document is written in the older form")
    if step.keyword == "RUN" and len(step.heredocs) == 1 and not words:
        first = document.body.partition("\n")[0]
        shell = first[2:].strip().split() if first.startswith("#!") else ["/bin/sh", "-e"]
        return step.place.start, step.place.end, f"RUN {flags}{json.dumps([*shell, '-c', document.body])}"
    if step.keyword in ("COPY", "ADD") and len(step.heredocs) == 1 and len(words) == 1 and not document.expand:
        name = f".unstick-heredoc-{len(files)}"
        target = words[0] + document.name if words[0].endswith("/") else words[0]
        files.append((name, document.body))
        return step.place.start, step.place.end, f"{step.keyword} {flags}{name} {target}"
    if step.keyword in ("COPY", "ADD") and len(step.heredocs) == 1 and len(words) == 1 and "$" not in document.body:
        name = f".unstick-heredoc-{len(files)}"
        files.append((name, document.body))
        target = words[0] + document.name if words[0].endswith("/") else words[0]
        return step.place.start, step.place.end, f"{step.keyword} {flags}{name} {target}"
    raise CannotRehearse(
        "this engine's BuildKit does not know here-documents", where=str(step.place),
        todo="Docker Engine 23 and later do.",
    )  # fmt: skip


def _applied(text: str, edits: list[tuple[int, int, str]]) -> str:
    out, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: (edit[0], edit[1])):
        if start < at:
            continue  # inside an instruction that was written anew as a whole
        out += [text[at:start], new]
        at = end
    return "".join([*out, text[at:]])
