"""A path of the author's own machine.

What it finds: `C:\\Users\\…`, `D:/…`, `/Users/name/…`, `/home/name/…` in the code that the start command
reaches, where the program opens, loads or assigns it. Not: the home folder of a user whom the image has.

Why it matters: it is nowhere else. The load fails, or on Linux a folder with that odd name is made.

Example:

    model = CTransformers(model="C:\\\\Users\\\\me\\\\Desktop\\\\model.bin")

Instead: a path relative to the file (`Path(__file__).parent / "model.bin"`), or a model of the Hub.

Repair safety: none is offered: what stands there has to come into the Space first.

Source: Python's pathlib; Hub docs spaces-overview.
"""

from __future__ import annotations

import ast
import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.image import Image
    from unstick.space.python_source import PythonSource

RULE = Rule(
    code="A134",
    title="Path of the author's own machine",
    severity="error",
    confidence=0.8,
    needs=("python",),
    causes=(("app-crash", 3.0), ("app-file", 1.0)),
)

_PATH = lazy(
    r"(?<![\w\\/])([rRbBfFuU]{0,2})([\"'])"
    r"((?:[A-Za-z]:(?:\\{1,2}|/)(?!/)[^\"'\n]{2,200})|(?:/Users/[\w.-]+/[^\"'\n]{1,200})"
    r"|(?:/home/(?!user/|appuser/|app/|node/|jovyan/|vscode/|pwuser/|runner/|[^/\"'\n]*\{)"
    r"[\w.-]+/[^\"'\n]{1,200}))\2"
)
_OWN = lazy(r"[A-Za-z]:[\\/](?!/)|/Users/[\w.-]+/|/home/(?P<user>[\w.-]+)/")
_HINT = lazy(r"[\"'][A-Za-z]:[\\/](?!/)|[\"']/Users/|[\"']/home/")
_OTHER_SYSTEM = lazy(r"win32|windows|os\.name|sys\.platform|platform\.system|\bnt\b|darwin", re.IGNORECASE)
_ASKED = lazy(r"exists\(|is_file\(|isfile\(|which\(")
_DEFAULT = lazy(r"getenv|environ|config\(|Field\(|add_argument")
_EXAMPLE = lazy(
    r"help=|placeholder|print\(|example|e\.g\.|logger\.|st\.(?:write|info|markdown|caption|text_input)|raise "
    r"|description",
    re.IGNORECASE,
)


def check(space: Space) -> Iterator[Finding]:
    """One finding a file, at its first such path; the default of a variable is an advice."""
    from unstick.space.image import image_of
    from unstick.space.modules import modules

    image = image_of(space)
    for path, when in modules(space).files.items():
        source = space.python(path)
        if source is not None and (":" in source.text or "/Users/" in source.text or "/home/" in source.text):
            yield from _first(source, when, image)


def of_another_machine(path: str, image: Image) -> bool:
    """Whether a path can only be of a machine that is not the image: a drive, or the home folder of somebody
    whom the image does not know."""
    found = _OWN.match(path)
    return found is not None and (found["user"] is None or image.exists(f"/home/{found['user']}") is not True)


def _first(source: PythonSource, when: str, image: Image | None) -> Iterator[Finding]:
    text = source.text[:400_000]
    if _HINT.search(text) is None:
        return
    for match in _PATH.finditer(text):
        line, _ = source.lines.position(match.start())
        row = source.lines.line_text(line)
        around = "\n".join(source.lines.line_text(n) for n in range(max(line - 4, 1), line + 4))
        if (
            row.lstrip().startswith("#")
            or "#" in row[: row.find(match.group(3))]
            or _OTHER_SYSTEM.search(around)
            or _EXAMPLE.search(row)
        ):
            continue
        if image is not None and not of_another_machine(match.group(3), image):
            continue
        if _in_text(source, match.start()) or re.search(r"[<>*?|{}]", match.group(3)[3:]):
            continue
        asked = _ASKED.search(around) is not None
        default = _DEFAULT.search(row) is not None
        if asked and not default:
            continue
        place = source.lines.place(match.start(3), match.end(3))
        loaded = when == "start" and not _in_function(source, line)
        yield RULE.finding(
            place,
            f"'{match.group(3)[:80].replace(chr(92) * 2, chr(92))}' is a path of the author's own"
            " machine; in a Space nothing stands there.",
            "Put the file into the Space and build its path from `__file__`, or load it from the Hub.",
            severity="advice" if default else "error" if loaded else "warning",
            confidence=0.6 if default else 0.8,
            data=(("path", match.group(3)[:200]),),
        )
        return


def _in_function(source: PythonSource, line: int) -> bool:
    """Whether a line lies in a function: the app starts, and the path breaks what is done with it."""
    return source.tree is not None and any(
        node.lineno <= line <= (node.end_lineno or node.lineno)
        for node in ast.walk(source.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    )


def _in_text(source: PythonSource, offset: int) -> bool:
    """Whether an offset lies inside a triple-quoted text (counted from the file's beginning)."""
    before = source.text[:offset]
    return before.count('"""') % 2 == 1 or before.count("'''") % 2 == 1
