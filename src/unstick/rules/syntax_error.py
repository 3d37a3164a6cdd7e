"""A Python file that the start command loads does not compile.

What it finds: syntax errors in the entry file and in every module that is imported from it, for the
Python that the
Space runs on (match statements before 3.10, backslashes and equal quotes inside f-strings before 3.12).

Why it matters: the app ends before it begins. Under Streamlit the server stays up and every visitor gets
the error.

Example:

    model = load(
    st.title("Demo")

Instead:

    model = load(path)
    st.title("Demo")

Repair safety: no edit.

Source: Python's own compiler; PEP 701 for f-strings.
"""

from __future__ import annotations

import sys

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.installed import installed
from unstick.space.modules import modules
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A150",
    title="Python file that does not compile",
    confidence=0.97,
    needs=("python",),
    causes=(("app-crash", 6.0),),
)

_LIMIT = 200


def check(space: Space) -> Iterator[Finding]:
    """One finding a file; a warning where the file is loaded later or only perhaps."""
    reached = modules(space)
    pythons = installed(space).pythons or ("3.12",)
    for path, when in list(reached.files.items())[:_LIMIT]:
        source = space.python(path)
        if source is None:
            continue
        problem = (source.error, source.error_place or Place(path, 1)) if source.tree is None else None
        if problem is not None and _newer_than_here(problem[0], pythons):
            continue
        if problem is None:
            problem = _older(path, source.text, pythons)
        if problem is None:
            continue
        message, place = problem
        severity = {"start": "error", "page": "warning", "later": "warning", "optional": "advice"}[when]
        yield RULE.finding(
            place._replace(path=path),
            f"Python cannot compile {path}: {message}",
            "Mend the line; the start command loads this file.",
            severity=severity,
        )


def _newer_than_here(message: str, pythons: tuple[str, ...]) -> bool:
    """Whether the error may come from this interpreter being older than the Space's: new syntax since
    3.12."""
    own = sys.version_info[1]
    newest = max((int(p.split(".")[1]) for p in pythons if p.count(".")), default=12)
    return own < 12 <= newest and (
        "f-string" in message or ("invalid syntax" in message and newest > own + 1)
    )


def _older(path: str, text: str, pythons: tuple[str, ...]) -> tuple[str, Place] | None:
    """What every Python of the Space is too old for, though this interpreter reads it."""
    newest = max((int(p.split(".")[1]) for p in pythons if p.count(".")), default=12)
    if newest >= 12 or newest >= sys.version_info[1]:
        return None
    import ast

    try:
        ast.parse(text, feature_version=(3, newest))
    except SyntaxError as error:
        # For a match statement the compiler names the end of its block.
        found = next((n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Match)), None)
        line = found.lineno if found is not None and "attern" in error.msg else error.lineno or 1
        return f"{error.msg} (the Space runs on Python 3.{newest})", Place(path, line)
    except ValueError:
        return None
    if sys.version_info >= (3, 12):
        from unstick.space.fstrings import too_new

        line, why = too_new(text)
        if line:
            return f"{why}, which Python 3.{newest} refuses", Place(path, line)
    return None
