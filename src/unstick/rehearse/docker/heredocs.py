"""Here-documents written in the form that engines before Docker 23 know."""

from __future__ import annotations

import json

from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import CannotRehearse

if TYPE_CHECKING:
    from unstick.space.dockerfile_types import Instruction

SHELL = ("/bin/sh", "-c")
"""What runs a RUN in shell form where no SHELL says otherwise (Dockerfile reference)."""

RUNS_TEXT = {
    "python": "-c", "sh": "-c", "bash": "-c", "zsh": "-c", "dash": "-c", "perl": "-e", "node": "-e",
    "ruby": "-e",
}  # fmt: skip
"""The option with which an interpreter of a `#!` line takes its program as text."""

NAME = ".unstick-heredoc-"
"""How files begin that take the place of a here-document in the build context."""


def without(
    step: Instruction, text: str, flags: str, shell: tuple[str, ...], files: list[tuple[str, str]]
) -> str:
    """The instruction without here-documents, with `flags` (ending in a blank, or ''). Files that it then
    copies from the context are appended to `files`. Raises CannotRehearse where there is no such form."""
    if step.keyword == "RUN":
        return f"RUN {flags}{json.dumps([*_command(step, text, shell)])}"
    sources = [word for word in step.word_texts() if not word.startswith("<<")]
    if step.keyword not in ("COPY", "ADD") or len(sources) < 1:
        raise _unknown(step)
    target, names = sources[-1], sources[:-1]
    if (len(step.heredocs) > 1 or names) and not target.endswith("/"):
        raise _unknown(step)
    lines = [f"{step.keyword} {flags}{' '.join(names)} {target}"] if names else []
    for document in step.heredocs:
        if document.expand and "$" in document.body:
            raise _unknown(step)
        files.append((f"{NAME}{len(files)}", document.body))
        path = target + document.name if target.endswith("/") else target
        lines.append(f"{step.keyword} {flags}{files[-1][0]} {path}")
    return "\n".join(lines)


def _command(step: Instruction, text: str, shell: tuple[str, ...]) -> tuple[str, ...]:
    """The program and its arguments that a RUN with here-documents stands for.

    With a command before the marker, the shell reads the here-document itself; alone, its body is the script,
    run by its `#!` line where it has one (the frontend's documentation of here-documents).
    """
    words = [word for word in step.word_texts() if not word.startswith("<<")]
    if words or len(step.heredocs) != 1:
        after = max((flag.place.end for flag in step.flags), default=step.place.start + len("RUN"))
        return (*shell, text[after : step.place.end].strip(" \t") + "\n")
    body = step.heredocs[0].body
    if not body.startswith("#!"):
        return (*shell, body)
    line = body[2:].partition("\n")[0].split()
    option = RUNS_TEXT.get(line[-1].rpartition("/")[2].rstrip("0123456789.")) if line else None
    if option is None:
        raise _unknown(step)
    return (*line, option, body)


def _unknown(step: Instruction) -> CannotRehearse:
    return CannotRehearse(
        "this engine's BuildKit does not know here-documents", where=f"Dockerfile:{step.place.line}",
        todo="Docker Engine 23 and later do.",
    )  # fmt: skip
