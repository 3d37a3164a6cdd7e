"""The Python modules of a Space that its start command reaches, by following imports through the
repository."""

from __future__ import annotations

import ast
import posixpath

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.python_imports import Import, imports, plain_imports
from unstick.space.start import start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Space
    from unstick.space.python_source import PythonSource

MAX_FILES = 400


class Reached(NamedTuple):
    """One import that leaves the repository (or finds nothing in it), in the file `path`.

    `when` is 'start' (the server does not come up without it), 'page' (a further page of the app),
    'later' (in a
    function) or 'optional' (guarded, conditional).
    """

    path: str
    found: Import
    when: str


class Modules(NamedTuple):
    """`files` are the reached files with when they are loaded ('start', 'page', 'later', 'optional'),
    `outside` the imports
    that no file of the repository answers, `roots` the folders that were searched."""

    files: dict[str, str]
    outside: tuple[Reached, ...]
    roots: tuple[str, ...]
    entries: tuple[str, ...]


_ORDER = ("start", "page", "later", "optional")


def modules(space: Space) -> Modules:
    """The modules that the start command reaches, worked out once a Space."""
    known = space.__dict__.get("_modules")
    if known is None:
        known = space.__dict__["_modules"] = _Walk(space).run()
    return known


class _Walk:
    def __init__(self, space: Space) -> None:
        self.space = space
        self.files: dict[str, str] = {}
        self.outside: list[Reached] = []
        self.roots: list[str] = []
        self.tops: dict[str, list[str]] = {}
        for name in space.tree.names():
            if name.endswith(".py"):
                base = posixpath.basename(name)
                top = posixpath.dirname(name) if base == "__init__.py" else name
                self.tops.setdefault(posixpath.basename(top).removesuffix(".py"), []).append(top)
                folder = posixpath.dirname(name)
                while folder:
                    self.tops.setdefault(posixpath.basename(folder), []).append(folder)
                    folder = posixpath.dirname(folder)

    def run(self) -> Modules:
        begin = start(self.space)
        self.roots = list(dict.fromkeys([*(e.root for e in begin.entries), *begin.paths]))
        for entry in begin.entries:
            self._visit(entry.path, "start", script=entry.script)
        for entry in begin.entries:
            if entry.by == "streamlit":
                folder = posixpath.join(posixpath.dirname(entry.path), "pages")
                for name in self.space.tree.below(folder):
                    if name.endswith(".py") and posixpath.dirname(name) == folder:
                        self._visit(name, "page", script=True)
        return Modules(
            self.files, tuple(self.outside), tuple(self.roots), tuple(e.path for e in begin.entries)
        )

    def _visit(self, path: str, when: str, *, script: bool = False) -> None:
        before = self.files.get(path)
        if before is not None and _ORDER.index(before) <= _ORDER.index(when):
            return
        if len(self.files) >= MAX_FILES:
            return
        self.files[path] = when
        self.outside = [row for row in self.outside if row.path != path]
        source = self.space.python(path)
        if source is None:
            return
        self._extend_roots(source)
        # A file that does not compile is mended one day: what it imports at its top is followed all the same.
        for found in imports(source.tree) if source.tree else plain_imports(source.text):
            if found.script and not script:
                continue
            self._follow(path, found, _later(when, found))
        for module, guarded in _named_modules(source, script):
            target = self._find(module)
            if target is not None:
                self._load(target, module, (), guarded if when in ("start", "page") and guarded else when)

    def _follow(self, path: str, found: Import, when: str) -> None:
        if found.level:
            folder = posixpath.dirname(path)
            for _ in range(found.level - 1):
                folder = posixpath.dirname(folder)
            base = posixpath.join(folder, found.module.replace(".", "/")) if found.module else folder
            self._load_relative(base, found, when)
            return
        target = self._find(found.module)
        if target is None:
            self.outside.append(Reached(path, found, when))
        else:
            self._load(target, found.module, found.names, when)

    def _find(self, module: str) -> str | None:
        """The repository folder in which the first part of `module` stands, or None."""
        top = module.partition(".")[0]
        for root in self.roots:
            prefix = f"{root}/" if root else ""
            if self.space.tree.is_file(f"{prefix}{top}.py") or self._is_package(prefix + top):
                return root
        # sys.path may be changed in ways that are not followed: a module of that name anywhere counts.
        places = self.tops.get(top, [])
        return posixpath.dirname(min(places, key=len)) if places else None

    def _is_package(self, folder: str) -> bool:
        return self.space.tree.is_folder(folder) and any(
            name.endswith((".py", ".so", ".pyd")) for name in self.space.tree.below(folder)
        )

    def _load(self, root: str, module: str, names: tuple[str, ...], when: str) -> None:
        at = root
        for part in module.split("."):
            at = posixpath.join(at, part)
            if self.space.tree.is_file(at + "/__init__.py"):
                self._visit(at + "/__init__.py", when)
            elif self.space.tree.is_file(at + ".py"):
                self._visit(at + ".py", when)
        for name in names:
            self._submodule(posixpath.join(at, name), when)

    def _load_relative(self, base: str, found: Import, when: str) -> None:
        if self.space.tree.is_file(base + ".py"):
            self._visit(base + ".py", when)
        elif self.space.tree.is_file(base + "/__init__.py"):
            self._visit(base + "/__init__.py", when)
        for name in found.names:
            self._submodule(posixpath.join(base, name), when)

    def _submodule(self, base: str, when: str) -> None:
        if self.space.tree.is_file(base + ".py"):
            self._visit(base + ".py", when)
        elif self.space.tree.is_file(base + "/__init__.py"):
            self._visit(base + "/__init__.py", when)

    def _extend_roots(self, source: PythonSource) -> None:
        """Folders that the file itself puts on sys.path: any folder whose name it writes near `sys.path`."""
        if "sys.path" not in source.text or source.tree is None:
            return
        folder = posixpath.dirname(source.path)
        self.roots += [f for f in (folder, posixpath.dirname(folder)) if f not in self.roots]
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 80:
                for base in ("", folder, posixpath.dirname(folder)):
                    at = posixpath.normpath(posixpath.join(base, node.value)).lstrip("./")
                    if at and at not in self.roots and self.space.tree.is_folder(at):
                        self.roots.append(at)


def _later(when: str, found: Import) -> str:
    """When an import runs, in a file that is itself loaded at `when`."""
    if found.guard:
        return "optional"
    return "later" if found.later and when in ("start", "page") else when


def _named_modules(source: PythonSource, script: bool) -> list[tuple[str, str]]:
    """Modules that are loaded by a name in a string: uvicorn.run("app:app"), the Django settings module.

    Each with 'later' or 'optional' where `import_module` stands in a function or in a try, else ''.
    """
    out: list[tuple[str, str]] = []
    if not any(
        word in source.text for word in (".run(", "DJANGO_SETTINGS_MODULE", "import_module(", "Page(")
    ):
        return out
    for node, when in _calls(source.tree) if source.tree else ():
        if node.args and isinstance(node.args[0], ast.Constant):
            value = node.args[0].value
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if not isinstance(value, str):
                continue
            if name == "run" and ":" in value and script:
                out.append((value.partition(":")[0], ""))
            elif name == "import_module" and not value.startswith("."):
                out.append((value, when))
            elif name == "setdefault" and value == "DJANGO_SETTINGS_MODULE" and len(node.args) > 1:
                second = node.args[1]
                if isinstance(second, ast.Constant) and isinstance(second.value, str):
                    out.append((second.value, ""))
            elif name == "Page" and value.endswith(".py"):
                out.append((value.removesuffix(".py").replace("/", "."), ""))
    return [(m, when) for m, when in out if m.replace(".", "").replace("_", "").isalnum()]


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Every call with what it stands in: 'optional' (a try), 'later' (a function), '' (neither)."""
    todo: list[tuple[ast.AST, str]] = [(tree, "")]
    while todo:
        node, when = todo.pop()
        if isinstance(node, ast.Call):
            yield node, when
        if isinstance(node, ast.Try) and node.handlers:
            when = "optional"
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            when = when or "later"
        todo += [(child, when) for child in ast.iter_child_nodes(node)]
