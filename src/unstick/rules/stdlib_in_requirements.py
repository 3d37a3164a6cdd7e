"""A module of Python itself among the requirements.

What it finds: names of the standard library (os, json, pathlib, asyncio, sqlite3 ...) in a requirements file.

Why it matters: where the index has no such package the installation ends; where it has an old one
(pathlib, typing,
dataclasses, asyncio, argparse) that may be installed over Python's own module and break it.

Example:

    pathlib
    json

Instead:

    (nothing: both are part of Python)

Repair safety: safe, the line is removed; the module stays importable.

Source: sys.stdlib_module_names; the package index.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.installed import installed
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="B143",
    title="Standard-library module in the requirements",
    severity="error",
    confidence=0.9,
    causes=(("dependency-conflict", 3.0),),
)
FIXABLE = True

INSTALLS = {
    "argparse": "1.4.0", "pathlib": "1.0.1", "typing": "3.10.0.0", "dataclasses": "0.8", "enum34": "1.1.10",
    "asyncio": "4.0.0",
    "wave": "0.0.2", "uuid": "1.30", "zoneinfo": "", "contextvars": "2.4", "secrets": "1.0.2",
    "statistics": "1.0.3.5",
    "functools": "", "configparser": "7.2.0", "futures": "3.4.0", "html": "1.16", "logging": "0.4.9.6",
    "selectors": "0.0.14",
    "sqlite3": "", "subprocess": "", "unittest": "0.0", "glob": "", "operator": "", "timeit": "",
    "concurrent": "",
    "ipaddress": "1.0.23", "trace": "", "token": "", "code": "0.3", "copy": "", "struct": "", "test": "",
    "types": "0.1.0",
}  # fmt: skip
"""Standard names under which the index holds something, by its newest release; empty where it cannot be
installed."""
BACKPORTS = {"tomli", "importlib-metadata", "importlib-resources", "typing-extensions"}
HARMFUL = {"typing", "asyncio", "logging", "dataclasses", "uuid", "enum34", "statistics", "secrets"}
"""Old packages that get in the way of Python's own module, or whose code is for Python 2."""
NOT_ON_INDEX = {
    "os", "sys", "json", "re", "io", "time", "math", "random", "shutil", "sqlite3", "tempfile", "threading",
    "datetime",
    "collections", "itertools", "functools", "csv", "base64", "hashlib", "subprocess", "smtplib",
    "traceback", "warnings",
    "string", "urllib", "pickle", "gc", "tkinter", "socket", "ssl", "email", "zipfile", "abc", "ast",
    "inspect", "glob",
    "platform", "multiprocessing", "contextlib", "copy", "struct", "unicodedata", "difflib", "getpass",
    "textwrap", "imaplib",
}  # fmt: skip


def check(space: Space) -> Iterator[Finding]:
    """One finding a line."""
    import sys

    for requirement in installed(space).requirements():
        name = requirement.name.replace("-", "_")
        if requirement.url or requirement.name in BACKPORTS or name not in sys.stdlib_module_names:
            continue
        line = requirement.place
        edits: tuple[Edit, ...] = ()
        if line.path.endswith(".txt") and line.start >= 0:
            edits = (Edit(line.path, line.start, line.end, "", True, "remove the line"),)
        severity = "error" if name in NOT_ON_INDEX or INSTALLS.get(name) == "" else "advice"
        if name in HARMFUL:
            severity = "warning"
        yield RULE.finding(
            line,
            f"{requirement.name} is part of Python; "
            + (
                "the index has no package of that name to install"
                if severity == "error"
                else "the old package of that name is not needed"
            ),
            "Remove the line.",
            severity=severity,
            edits=edits,
        )
