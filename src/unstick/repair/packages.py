"""Packages that a log asks for: Python distributions, Debian packages, and pins that cannot hold."""

from __future__ import annotations

import re

from unstick.contract import imports
from unstick.contract import package_errors as table
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.repair.candidates import Candidate
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Space

FALLBACKS = {"pyaudioop": "audioop"}
"""Modules that a package tries when another one is missing, by that other one."""

NO_MODULE = lazy(r"No module named '?([A-Za-z_][\w.]*)")
LIBRARY = lazy(r"\b(lib[\w+.-]+?\.so(?:\.\d+)?)[\w.]*: cannot open shared object")
PROGRAM = lazy(
    r"(?:No such file or directory: '|^.*sh: .*?|exec: \"|spawn )([\w+-]+)"
    r"(?:'|: (?:command )?not found|\": executable| ENOENT)",
    re.MULTILINE,
)
PINNED = lazy(
    r"(?i)(?:the user requested|you require|depends on|no version of|requirement|distribution found for|and)"
    r"\s+([a-z][a-z0-9._-]*)(?:\[[^\]]*\])?\s*={2,3}\s*[\w.]+"
)


def suggested(space: Space, text: str) -> Iterator[Candidate]:
    """What the logs ask for, as candidates."""
    for module in dict.fromkeys(NO_MODULE.findall(text)):
        yield from _module(space, module)
    for row in table.PINS:
        if re.search(row.says, text):
            yield from _requirement(space, row.requirement, row.cause, 0.9)
    for library in dict.fromkeys(LIBRARY.findall(text)):
        if library in table.LIBRARIES:
            yield from _debian(space, table.LIBRARIES[library])
    for says, package in table.PROGRAM_WORDS:
        if re.search(says, text):
            yield from _debian(space, package)
    yield from _programs(space, text)
    yield from _loosened(space, text)


def _module(space: Space, module: str) -> Iterator[Candidate]:
    top = FALLBACKS.get(module, module).partition(".")[0]
    names = space.tree.names()
    if any(
        n in (f"{top}.py", f"{top}/__init__.py") or n.endswith((f"/{top}.py", f"/{top}/__init__.py"))
        for n in names
    ):
        return
    known = imports.distributions(top if module in FALLBACKS else module)
    name = imports.REPLACEMENTS.get(top) or (known[0] if known else top.replace("_", "-").lower())
    yield from _requirement(space, name, "missing-dependency", 1.0)


def _requirement(space: Space, line: str, cause: str, worth: float) -> Iterator[Candidate]:
    """`line` at the end of the requirements file that is installed, else as a RUN line of its own."""
    from unstick.space.installed import installed

    files = installed(space).files
    title = f"require {line}"
    if files or space.sdk in ("gradio", "streamlit"):
        path = files[0].path if files else "requirements.txt"
        text = space.text(path)
        if text is not None and any(part.strip() == line for part in text.splitlines()):
            return
        yield Candidate(cause, "rehearsal", title, (_appended(path, text or "", line, title),), worth)
        return
    dockerfile = space.dockerfile
    stage = dockerfile.final if dockerfile is not None else None
    runs = (
        [s for s in stage.instructions if s.keyword == "RUN" and "pip" in s.text] if stage is not None else []
    )
    if runs and dockerfile is not None:
        at = runs[-1].place.end
        tool = "uv pip install --system" if "uv pip" in runs[-1].text else "pip install --no-cache-dir"
        edit = Edit("Dockerfile", at, at, f'\nRUN {tool} "{line}"', False, title)
        yield Candidate(cause, "rehearsal", title, (edit,), worth)


def _appended(path: str, text: str, line: str, title: str) -> Edit:
    newline = "\r\n" if "\r\n" in text else "\n"
    lead = "" if not text or text.endswith("\n") else newline
    return Edit(path, len(text), len(text), f"{lead}{line}{newline}", False, title)


def _programs(space: Space, text: str) -> Iterator[Candidate]:
    from unstick.contract.system_packages import COMMANDS

    for name in dict.fromkeys(PROGRAM.findall(text)):
        if name in COMMANDS:
            yield from _debian(space, COMMANDS[name][0])


def _debian(space: Space, package: str) -> Iterator[Candidate]:
    """A Debian package: in packages.txt, or by apt-get where the final stage begins."""
    title = f"install {package}"
    if space.sdk in ("gradio", "streamlit"):
        text = space.text("packages.txt") or ""
        if package not in text.split():
            yield Candidate(
                "system-package", "rehearsal", title, (_appended("packages.txt", text, package, title),)
            )
        return
    dockerfile = space.dockerfile
    stage = dockerfile.final if dockerfile is not None else None
    if dockerfile is None or stage is None or "alpine" in dockerfile.base_image(stage):
        return
    at = stage.origin.place.end
    line = (
        f"\nRUN apt-get update && apt-get install -y --no-install-recommends {package}"
        " && rm -rf /var/lib/apt/lists/*"
    )
    yield Candidate("system-package", "rehearsal", title, (Edit("Dockerfile", at, at, line, False, title),))


def _loosened(space: Space, text: str) -> Iterator[Candidate]:
    """A pin that the resolver names in its refusal, without its version; the one named last first."""
    from unstick.space.installed import installed

    if not any(re.search(says, text) for says in table.REFUSALS):
        return
    asked = {re.sub(r"[-_.]+", "-", name).lower() for name in PINNED.findall(text)}
    worth = 0.7
    for requirement in installed(space).requirements():
        place = requirement.place
        source = space.text(place.path)
        if requirement.name not in asked or not requirement.pin or source is None or place.start < 0:
            continue
        end = source.find("\n", place.start)
        found = re.compile(r"\s*={2,3}\s*[\w.!+*-]+").search(
            source, place.start, end if end >= 0 else len(source)
        )
        if found is not None:
            title = f"let the resolver choose the version of {requirement.name}"
            edit = Edit(place.path, found.start(), found.end(), "", False, title)
            yield Candidate("dependency-conflict", "rehearsal", title, (edit,), worth)
            worth *= 0.95
