"""The import statements of one Python file, each with when it runs and what guards it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from unstick.record import NamedTuple


class Import(NamedTuple):
    """One import. `module` is dotted (relative ones keep their `level`), `names` what `from` takes from it.

    `later` says that it stands in a function and runs only when that is called; `guard` is 'import'
    inside a try that
    catches ImportError, 'broad' when only a broader class is caught, else empty. `script` marks what
    stands under
    `if __name__ == "__main__"`.
    """

    module: str
    names: tuple[str, ...]
    level: int
    node: ast.AST
    later: bool = False
    guard: str = ""
    script: bool = False


class _Context(NamedTuple):
    later: bool = False
    guard: str = ""
    script: bool = False


_IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError"}
_BROAD = {"Exception", "BaseException", "OSError", "RuntimeError", "AttributeError"}
_NOT_HERE = ("win32", "darwin", "Windows", "Darwin", "nt", "cygwin")


def imports(tree: ast.Module) -> Iterator[Import]:
    """All imports of a module in the order of the text; those under TYPE_CHECKING and for other systems
    are left out."""
    yield from _block(tree.body, _Context())


def plain_imports(text: str) -> Iterator[Import]:
    """The imports at the beginning of lines of a file that does not compile, each read by itself."""
    for number, line in enumerate(text.splitlines()[:2000], 1):
        if line.startswith(("import ", "from ")):
            try:
                tree = ast.parse(line)
            except (SyntaxError, ValueError):
                continue
            for found in imports(tree):
                ast.increment_lineno(found.node, number - 1)
                yield found


def _block(body: list[ast.stmt], context: _Context) -> Iterator[Import]:
    for statement in body:
        yield from _statement(statement, context)


def _statement(node: ast.stmt, context: _Context) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, (), 0, node, *context)
    elif isinstance(node, ast.ImportFrom):
        yield Import(node.module or "", tuple(a.name for a in node.names), node.level, node, *context)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield from _block(
            node.body, context._replace(later=True, guard="" if not context.later else context.guard)
        )
    elif isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
        yield from _try(node, context)  # type: ignore[arg-type]
    elif isinstance(node, ast.If):
        yield from _if(node, context)
    else:
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, None)
            if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
                yield from _block(inner, context)
        for case in getattr(node, "cases", ()):
            yield from _block(case.body, context)


def _try(node: ast.Try, context: _Context) -> Iterator[Import]:
    guard = context.guard
    for handler in node.handlers:
        names = _caught(handler.type)
        if names & _IMPORT_ERRORS:
            guard = "import"
        elif (not names or names & _BROAD) and guard != "import":
            guard = "broad"
    yield from _block(node.body, context._replace(guard=guard))
    inside = context._replace(guard="import") if guard == "import" else context
    for handler in node.handlers:
        yield from _block(handler.body, inside)
    yield from _block(node.orelse, inside)
    yield from _block(node.finalbody, context)


def _caught(kind: ast.expr | None) -> set[str]:
    if kind is None:
        return set()
    parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return {
        p.id if isinstance(p, ast.Name) else p.attr if isinstance(p, ast.Attribute) else "?" for p in parts
    }


def _if(node: ast.If, context: _Context) -> Iterator[Import]:
    names = {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}
    names |= {n.attr for n in ast.walk(node.test) if isinstance(n, ast.Attribute)}
    texts = {n.value for n in ast.walk(node.test) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    if "TYPE_CHECKING" in names:
        yield from _block(node.orelse, context)
        return
    if names & {"platform", "name", "system"} and texts & set(_NOT_HERE):
        yield from _block(node.orelse, context)
        return
    main = "__name__" in names and "__main__" in texts
    # A condition may be false: what stands under it is not certain to run at the start.
    inner = context._replace(script=True) if main else context._replace(guard=context.guard or "condition")
    yield from _block(node.body, inner)
    yield from _block(node.orelse, context if main else inner)
