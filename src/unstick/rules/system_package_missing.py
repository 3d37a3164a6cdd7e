"""A program or library of the operating system that the image lacks.

What it finds: Python distributions whose library or program is not in the image (pytesseract without
tesseract-ocr,
pdf2image without poppler-utils, psycopg2 without libpq-dev ...), requirements from git on an image
without git, and
programs that RUN lines and start scripts call although the image has none of them.

Why it matters: the build ends, the import fails, or the feature fails at its first use.

Example:

    FROM python:3.11-slim
    RUN pip install git+https://github.com/owner/project

Instead:

    FROM python:3.11-slim
    RUN apt-get update && apt-get install -y git && pip install git+https://github.com/owner/project

Repair safety: safe in packages.txt of a gradio or streamlit Space (a line is added); in a Dockerfile left
to a person.

Source: contract/system_packages.py.
"""

from __future__ import annotations

from unstick.contract.system_packages import COMMANDS, INSTALL_SCRIPTS, NEEDS, SystemNeed
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules import _system
from unstick.rules.base import Rule
from unstick.space.commands import Command, split
from unstick.space.installed import installed
from unstick.space.modules import Reached, modules
from unstick.space.start import start
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.requirements import Requirement

RULE = Rule(
    code="B145",
    title="Program or library of the system that the image lacks",
    severity="warning",
    confidence=0.85,
    needs=("complete",),
    causes=(("system-package", 5.0),),
)
FIXABLE = True

_CONDITION = lazy(r"(?:^|[\s;])(?:el)?if\s+$")
"""A program that `if` asks and that is not there answers no, and the script goes on (`until` would not end)."""


def check(space: Space) -> Iterator[Finding]:
    """One finding for each missing thing."""
    have = _system.packages(space)
    if have is _system.CANNOT_TELL:
        return
    asked = {r.name: r for r in installed(space).applying() if r.name}
    reached: dict[str, Reached] = {}
    for row in modules(space).outside:
        if row.found.guard in ("", "condition"):
            reached.setdefault(row.found.module.partition(".")[0], row)
    said: set[str] = set()
    for need in NEEDS:
        if need.what in said or any(package in have for package in need.packages):
            continue
        found = _applies(space, need, asked, reached)
        if found is not None:
            said.add(need.what)
            yield _finding(space, need, found)
    if space.dockerfile is not None and space.sdk not in ("gradio", "streamlit"):
        yield from _git(space, have)
        yield from _commands(space, have)


def _applies(
    space: Space, need: SystemNeed, asked: dict[str, Requirement], reached: dict[str, Reached]
) -> Place | None:
    requirement = asked.get(need.distribution)
    if not need.module:
        return requirement.place if requirement else None
    row = reached.get(need.module)
    if row is None or (need.lacking == "slim" and space.sdk in ("gradio", "streamlit")):
        return None
    if need.call and not any(need.call in (space.text(path) or "") for path in modules(space).files):
        return None
    source = space.python(row.path)
    return source.place(row.found.node) if source else Place(row.path, 1)


def _finding(space: Space, need: SystemNeed, place: Place) -> Finding:
    edits: tuple[Edit, ...] = ()
    where = "with apt-get in the Dockerfile"
    if space.sdk in ("gradio", "streamlit"):
        text = space.text("packages.txt") or ""
        lead = "" if not text or text.endswith("\n") else "\n"
        edits = (
            Edit(
                "packages.txt",
                len(text),
                len(text),
                f"{lead}{need.packages[0]}\n",
                True,
                f"add {need.packages[0]}",
            ),
        )
        where = "through packages.txt"
    return RULE.finding(
        place,
        f"{need.distribution} needs {need.what}, which is not in the image",
        f"Install {need.packages[0]} {where}.",
        severity=need.severity,
        edits=edits,
    )


def _git(space: Space, have: frozenset[str]) -> Iterator[Finding]:
    if "git" in have:
        return
    for requirement in installed(space).requirements():
        if requirement.url.startswith("git+"):
            yield RULE.finding(
                requirement.place,
                "pip fetches this requirement with git, which the image does not have",
                "Install git with apt-get before the pip line.",
                severity="error",
            )
            return


def _commands(space: Space, have: frozenset[str]) -> Iterator[Finding]:
    """Programs called by RUN lines (the build ends) and by start scripts (a warning)."""
    said: set[str] = set()
    dockerfile = space.dockerfile
    final = dockerfile.final if dockerfile else None
    for stage in dockerfile.chain(final) if dockerfile and final else ():
        for step in stage.instructions:
            if step.keyword == "RUN" and step.form == "shell":
                yield from _scripts(step.text, step.place, have)
                yield from _text(step.text, step.place, have, said, "error")
    for path in start(space).scripts:
        text = space.text(path)
        if text is not None:
            yield from _text(text, Place(path, 0), have, said, "warning")


def _scripts(text: str, place: Place, have: frozenset[str]) -> Iterator[Finding]:
    """Install scripts from the web that need a program which the image lacks."""
    for address, program, what in INSTALL_SCRIPTS:
        at = text.find(address)
        if at < 0 or program in have:
            continue
        commands = split(text)
        number = next((n for n, c in enumerate(commands) if c.start <= at < c.end), 0)
        if not _caught(commands, number):
            yield RULE.finding(
                place,
                f"the install script of {what} stops without {program}, which the image does not have",
                f"Install {program} with apt-get first.",
                severity="error",
            )


def _caught(commands: list[Command], at: int) -> bool:
    """Whether a `||` answers for the command, also at the end of its chain of `&&` and pipes."""
    for later in commands[at + 1 :]:
        if later.follows not in ("&&", "|"):
            return later.follows == "||"
    return False


def _text(text: str, place: Place, have: frozenset[str], said: set[str], severity: str) -> Iterator[Finding]:
    commands = split(text)
    tested = {
        word for c in commands if c.words[0] in {"command", "which", "type", "hash"} for word in c.words
    }
    written = any(c.words[0] in {"echo", "printf", "cat"} and ">" in c.words for c in commands)
    for at, command in enumerate(commands):
        name = command.words[0]
        packages = COMMANDS.get(name)
        if packages is None or name in said or name in tested or any(package in have for package in packages):
            continue
        if (
            command.follows == "||"
            or _caught(commands, at)
            or (written and severity == "error")
            or (f"{name} " in text[: command.start] and "install" in text[: command.start])
        ):
            continue
        said.add(name)
        asked = _CONDITION.search(text[max(command.start - 20, 0) : command.start]) is not None
        line = place if place.line else Place(place.path, text.count("\n", 0, command.start) + 1)
        yield RULE.finding(
            line,
            f"{name} is called here, and the image does not have it",
            f"Install {packages[0]} with apt-get first.",
            severity="advice" if asked else severity,
            confidence=0.8,
        )
