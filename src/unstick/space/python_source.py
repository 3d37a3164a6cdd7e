"""A Python file of the Space, parsed at most once."""

from __future__ import annotations

import ast
import warnings

from unstick.record import NamedTuple
from unstick.space.lines import Lines
from unstick.space.types import Place


class PythonSource(NamedTuple):
    """The text, the tree (None when it does not parse), and then why and where it broke."""

    path: str
    text: str
    tree: ast.Module | None
    lines: Lines
    error: str = ""
    error_place: Place | None = None

    def place(self, node: ast.AST) -> Place:
        """The place of a node with its span in characters."""
        line = getattr(node, "lineno", 1)
        start = self.lines.byte_offset(line, getattr(node, "col_offset", 0))
        last = getattr(node, "end_lineno", None) or line
        end = self.lines.byte_offset(last, getattr(node, "end_col_offset", 0) or 0)
        return self.lines.place(start, end)


def parse_python(path: str, text: str, data: bytes) -> PythonSource:
    """Parse the bytes as Python itself would (its coding line included)."""
    lines = Lines(text, path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
    except SyntaxError as problem:
        line = problem.lineno or 1
        at = lines.offset(line, max(problem.offset or 1, 1))
        return PythonSource(
            path, text, None, lines, problem.msg or "invalid syntax", lines.place(at)._replace(line=line)
        )
    except (ValueError, RecursionError, MemoryError, LookupError) as problem:
        reason = str(problem).split("\n", 1)[0] or type(problem).__name__
        return PythonSource(path, text, None, lines, reason, Place(path, 1, 1, 0, 0))
    return PythonSource(path, text, tree, lines)
