"""A requirement line that pip cannot read, or that cannot be meant as it stands.

What it finds: damaged lines in the requirement files that the build installs (one equals sign, bounds
without a comma, a
command, a list mark, a lone conflict mark, UTF-16 appended to plain text), the project itself or another file
of the repository
where the platform has none yet, a distribution that has no file for Linux, a release that does not exist
(with --resolve),
and as advice options behind a package name, which pip drops.

Why it matters: one unreadable line ends the whole installation.

Example:

    requests=2.31.0

Instead:

    requests==2.31.0

Repair safety: safe for one equals sign, a missing ==, a mistyped comparison, quotes and NUL bytes; unsafe
where words are
removed.

Source: pip's reader of requirement files; the platform's build logs (requirements.txt is mounted before
the repository is copied).
"""

from __future__ import annotations

import sys

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.rules.merge_conflict import whole
from unstick.space.installed import Installed, installed
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from unstick.space import Finding, Space
    from unstick.space.requirements import Damaged, Requirement, RequirementsFile

RULE = Rule(
    code="B141",
    title="Requirement line that pip cannot use",
    confidence=0.93,
    network=True,
    causes=(("dependency-conflict", 4.0),),
)
FIXABLE = True

SAFE = {"single-equals", "bare-version", "bad-operator", "quoted", "nul-bytes", "conda-line"}
NO_LINUX_FILE = {
    "python-magic-bin": ("0.4.14", "python-magic, with libmagic1 among the Debian packages"),
    "pywin32": ("", "a marker: ; sys_platform == 'win32'"),
    "pypiwin32": ("", "a marker: ; sys_platform == 'win32'"),
    "pywinpty": ("", "a marker: ; sys_platform == 'win32'"),
    "pyobjc": ("", "a marker: ; sys_platform == 'darwin'"),
    "pyobjc-core": ("", "a marker: ; sys_platform == 'darwin'"),
    "tensorflow-macos": ("", "tensorflow"),
    "tensorflow-metal": ("", "nothing: it is for macOS"),
    "tensorflow-intel": ("", "tensorflow: this part of it is for Windows"),
    "win32-setctime": ("", ""),
    "comtypes": ("", ""),
    "appnope": ("", ""),
}
"""Distributions without a file for Linux by the first release of which that is true, and what to write
instead."""
WRONG_NAMES = {
    "sklearn": "scikit-learn", "cv2": "opencv-python-headless", "pil": "pillow",
    "opencv": "opencv-python-headless",
    "tensorflow-gpu": "tensorflow", "pycrypto": "pycryptodome", "dotenv": "python-dotenv",
    "skimage": "scikit-image",
    "python-opencv": "opencv-python-headless", "mysql-python": "mysqlclient", "faiss": "faiss-cpu",
    "beautifulsoup": "beautifulsoup4", "torch-gpu": "torch",
}  # fmt: skip
"""Names that pip cannot install (nothing there, a refusal, or Python 2 only) and what is meant."""
HARMLESS = {"win32-setctime", "comtypes", "appnope"}


def check(space: Space, resolve: Any = None) -> Iterator[Finding]:
    """One finding a line; lines that are only dropped options are advice."""
    build = installed(space)
    for line in build.damaged:
        if line.kind != "merge-conflict" or not whole(space.text(line.place.path) or ""):
            yield _damaged(line)  # else merge-conflict speaks
    if space.sdk in ("gradio", "streamlit"):
        yield from _local(build)
    for requirement in build.requirements():
        yield from _not_for_linux(requirement)
        if requirement.name in WRONG_NAMES and not requirement.url:
            yield _wrong_name(requirement)
        if requirement.ignored and not requirement.hashed:
            yield _ignored(requirement)
    for file in build.files:
        yield from _two_indexes(file)
    if resolve is not None:
        own = {r.place for r in build.requirements() if r.name.replace("-", "_") in sys.stdlib_module_names}
        for place, message, remedy in resolve.unknown_releases(space):
            if place in own:
                continue  # stdlib-in-requirements speaks
            yield RULE.finding(place, message, remedy, confidence=0.97)


def _damaged(line: Damaged) -> Finding:
    edits: tuple[Edit, ...] = ()
    if line.repaired and line.place.start >= 0:
        safe = line.kind in SAFE
        edits = (
            Edit(
                line.place.path,
                line.place.start,
                line.place.end,
                line.repaired,
                safe,
                "write it as pip reads it",
            ),
        )
    elif line.kind in ("command", "lone-dash", "code-fence") and line.place.start >= 0:
        edits = (Edit(line.place.path, line.place.start, line.place.end, "", False, "remove the line"),)
    shown = line.raw.replace("\x00", "\\0")[:60]
    meant = line.repaired.replace("\n", ", ")[:60]
    remedy = f"Write `{meant}`." if meant else "Remove the line, or write one requirement on it."
    return RULE.finding(line.place, f"pip cannot read {shown!r}: {line.reason}", remedy, edits=edits)


def _local(build: Installed) -> Iterator[Finding]:
    """Paths into the repository: the platform installs before it copies the repository."""
    for requirement in build.requirements():
        url = requirement.url
        if url and "://" not in url and not url.startswith(("git@", "git+")):
            yield RULE.finding(
                requirement.place,
                f"{requirement.raw[:60]!r} points into the repository, which is copied only after the "
                "installation",
                "List the dependencies themselves and put the folder on sys.path in the entry file.",
            )
    for file in build.files:
        for option in file.options:
            if option.name == "--requirement":
                yield RULE.finding(
                    option.place,
                    f"-r {option.value} points into the repository, which is copied only after the "
                    "installation",
                    "Write its lines into requirements.txt.",
                    confidence=0.85,
                )


def _not_for_linux(requirement: Requirement) -> Iterator[Finding]:
    row = NO_LINUX_FILE.get(requirement.name)
    if row is None or requirement.name in HARMLESS or not requirement.applies("3.12"):
        return
    since, instead = row
    if since and not any(
        op in (">=", "==", ">", "~=") and _reaches(version, since) for op, version in requirement.specifiers
    ):
        return
    yield RULE.finding(
        requirement.place,
        f"{requirement.name} has no file for Linux, pip finds nothing to install",
        f"Write {instead}." if instead else "",
    )


def _wrong_name(requirement: Requirement) -> Finding:
    place, meant = requirement.place, WRONG_NAMES[requirement.name]
    end = place.start + len(requirement.name)
    edits = (
        (Edit(place.path, place.start, end, meant, False, f"write {meant}"),)
        if place.path.endswith(".txt")
        else ()
    )
    return RULE.finding(
        place,
        f"pip cannot install a distribution called {requirement.name}; {meant} is meant",
        f"Write {meant}.",
        edits=edits,
    )


def _reaches(version: str, since: str) -> bool:
    from unstick.contract.versions import allows

    return allows(((">=", since),), version) is True


def _ignored(requirement: Requirement) -> Finding:
    option = requirement.ignored[0]
    place = requirement.place
    return RULE.finding(
        place,
        f"{option} behind the package {requirement.name} is dropped by pip without a word",
        f"Put {option} on a line of its own (--extra-index-url keeps PyPI beside it).",
        severity="advice",
    )


def _two_indexes(file: RequirementsFile) -> Iterator[Finding]:
    rows = [option for option in file.options if option.name == "--index-url"]
    if len(rows) > 1 and rows[0].value != rows[-1].value:
        yield RULE.finding(
            rows[0].place,
            "--index-url is given twice; the last one counts for the whole file, so this one is never used",
            "Use --extra-index-url for the second index.",
            severity="advice",
        )
