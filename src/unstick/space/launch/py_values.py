"""Values of Python code that is read, not run."""

from __future__ import annotations

import ast

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.launch.types import NOWHERE, Value
from unstick.space.python_source import PythonSource
from unstick.space.types import Place

if TYPE_CHECKING:
    from typing import Any


class Unseen:
    """The one object that stands for a value that cannot be told."""

    def __repr__(self) -> str:
        return "?"


UNSEEN = Unseen()


class Py(NamedTuple):
    """A value: `obj` is a plain Python value, one of the classes below, or UNSEEN. The rest is as in
    `Value`.
    """

    obj: Any
    known: str = "literal"
    place: Place = NOWHERE
    exact: bool = False
    variable: str = ""

    @property
    def seen(self) -> bool:
        """Whether the value is known."""
        return self.obj is not UNSEEN

    def value(self) -> Value:
        """As a text; numbers are written out."""
        if isinstance(self.obj, (str, int)) and not isinstance(self.obj, bool):
            return Value(str(self.obj), self.known, self.place, self.exact, self.variable)
        return Value(None, "unknown", self.place, False, self.variable)


UNKNOWN_PY = Py(UNSEEN, "unknown")


class Extern(NamedTuple):
    """Something of a library or of Python itself, by its dotted name."""

    name: str


class Module:
    """A Python file of the Space and the names it has defined so far."""

    __slots__ = ("file", "folder", "is_main", "names", "source")

    def __init__(self, file: str, source: PythonSource, is_main: bool) -> None:
        self.file = file
        self.source = source
        self.is_main = is_main
        self.folder = file.rpartition("/")[0]
        self.names: dict[str, Py] = {"__name__": Py("__main__" if is_main else file[:-3].replace("/", "."))}
        self.names["__file__"] = Py(file)


class Function(NamedTuple):
    """A function of the Space, bound to an object when it is a method."""

    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    owner: Any
    closure: dict[str, Py]


class Class(NamedTuple):
    """A class of the Space."""

    module: Module
    node: ast.ClassDef


class Instance:
    """An object: of a library class (`kind` is its dotted name) or of a class of the Space."""

    __slots__ = ("attributes", "cls", "commands", "keywords", "kind", "positional")

    def __init__(self, kind: str, cls: Class | None = None) -> None:
        self.kind = kind
        self.cls = cls
        self.attributes: dict[str, Py] = {}
        self.positional: list[Py] = []
        self.keywords: dict[str, Py] = {}
        self.commands: list[Py] = []


class BoundMethod:
    """A method of a library object, a text or a dictionary."""

    __slots__ = ("name", "owner")

    def __init__(self, owner: Py, name: str) -> None:
        self.owner = owner
        self.name = name


class Frame:
    """The names of one function call (or of a module's top level), and how certain it is to be run."""

    __slots__ = ("background", "certain", "closure", "ended", "module", "names", "result")

    def __init__(self, module: Module, names: dict[str, Py], closure: dict[str, Py] | None = None) -> None:
        self.module = module
        self.names = names
        self.closure = closure or {}
        self.certain = True
        self.background = False
        self.ended = False
        self.result: Py | None = None

    def find(self, name: str) -> Py | None:
        """A name's value here, in the function around, or in the module."""
        return self.names.get(name) or self.closure.get(name) or self.module.names.get(name)
