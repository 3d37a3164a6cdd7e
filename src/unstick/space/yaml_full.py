"""Any YAML block by PyYAML's event stream: nothing is constructed, sizes and depth are capped."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.types import Place
from unstick.space.yaml_scalars import Field, plain_tag

if TYPE_CHECKING:
    from typing import Any


MAX_EVENTS = 20_000
MAX_DEPTH = 60
_STYLES = {None: "plain", "": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}
_TAGS = {f"tag:yaml.org,2002:{t}": t for t in ("str", "int", "float", "bool", "null", "timestamp")}


class YamlError(NamedTuple):
    """Why a block cannot be read: a short reason, and where."""

    reason: str
    place: Place


class Block(NamedTuple):
    """The fields of a block, those that came twice (the later ones), and the first error."""

    fields: tuple[Field, ...] = ()
    duplicates: tuple[Field, ...] = ()
    error: YamlError | None = None


class _Open:
    """A list or map that is not closed yet."""

    __slots__ = ("items", "key", "kind", "mark")

    def __init__(self, kind: str, mark: Any) -> None:
        self.kind = kind
        self.mark = mark
        self.items: list[Field] = []
        self.key: Field | None = None

    def add(self, value: Field) -> None:
        if self.kind == "list":
            self.items.append(value)
        elif self.key is None:
            self.key = value
        else:
            self.items.append(value._replace(name=self.key.text, key=self.key.value))
            self.key = None


def read_full(text: str, start: int, first_line: int, path: str) -> Block:
    """The block's fields; with an error those of the lines before it."""
    import yaml

    clean = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    if "\ufeff" in clean:
        clean = clean.replace("\ufeff", "\ufffd")
    parser = (yaml.CLoader if yaml.__with_libyaml__ else yaml.Loader)(clean)
    reader = _Reader(start, first_line, path)
    try:
        error = reader.run(parser)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        reason = problem.problem or problem.context or "cannot be read as YAML"
        error = YamlError(reason, reader.point(mark) if mark else Place(path, first_line, 1, start, start))
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        error = YamlError(_first_line(problem), _odd_place(clean, start, first_line, path))
    fields, twice = _split(reader.top)
    if error is None and reader.kind != "map" and reader.kind != "":
        error = YamlError(
            "is not a list of `key: value` lines", Place(path, first_line, 1, start, start + len(text))
        )
    return Block(fields, twice, error)


class _Reader:
    def __init__(self, start: int, first_line: int, path: str) -> None:
        self.start = start
        self.first_line = first_line
        self.path = path
        self.top: list[Field] = []
        self.kind = ""
        self.stack: list[_Open] = []

    def point(self, mark: Any) -> Place:
        at = self.start + mark.index
        return Place(self.path, self.first_line + mark.line, mark.column + 1, at, at)

    def span(self, event: Any) -> Place:
        return self.point(event.start_mark)._replace(end=self.start + event.end_mark.index)

    def run(self, parser: Any) -> YamlError | None:
        documents = 0
        for _ in range(MAX_EVENTS):
            if not parser.check_event():
                return None
            event = parser.get_event()
            name = type(event).__name__
            if name == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    return YamlError("holds more than one document", self.point(event.start_mark))
            elif not self._take(name, event):
                return YamlError("is nested too deeply", self.point(event.start_mark))
        return YamlError(
            "holds too many values", Place(self.path, self.first_line, 1, self.start, self.start)
        )

    def _take(self, name: str, event: Any) -> bool:
        if name == "ScalarEvent":
            self._add(self._scalar(event))
        elif name == "AliasEvent":
            place = self.span(event)
            self._add(Field("", place, place, f"*{event.anchor}", "alias", "other"))
        elif name in ("SequenceStartEvent", "MappingStartEvent"):
            self.stack.append(_Open("list" if name[0] == "S" else "map", event.start_mark))
            if len(self.stack) == 1:
                self.kind = self.stack[0].kind
                if self.kind == "map":
                    self.top = self.stack[0].items
            return len(self.stack) <= MAX_DEPTH
        elif name in ("SequenceEndEvent", "MappingEndEvent"):
            done = self.stack.pop()
            if self.stack:
                last = done.items[-1].value.end if done.items else -1
                place = self.point(done.mark)
                end = self.start + event.end_mark.index
                # The parser ends a block list where the next token begins; the last item is its real end.
                if event.start_mark.index == event.end_mark.index:
                    end = max(last, place.start)
                self._add(
                    Field("", place, place._replace(end=end), "", done.kind, done.kind, tuple(done.items))
                )
        return True

    def _add(self, field: Field) -> None:
        if self.stack:
            self.stack[-1].add(field)
        else:
            self.kind = self.kind or ("" if field.tag == "null" else "scalar")

    def _scalar(self, event: Any) -> Field:
        style = _STYLES.get(event.style, "plain")
        place = self.span(event)
        if event.tag and event.tag != "!":
            tag = _TAGS.get(event.tag, "other")
        else:
            tag = plain_tag(event.value) if style == "plain" else "str"
        return Field("", place, place, event.value, style, tag)


def _split(items: list[Field]) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    first: dict[str, Field] = {}
    twice = []
    for field in items:
        if field.name in first:
            twice.append(field)
        else:
            first[field.name] = field
    return tuple(first.values()), tuple(twice)


def _first_line(problem: Exception) -> str:
    text = str(getattr(problem, "reason", "") or problem)
    return text.split("\n", 1)[0][:200] or "cannot be read as YAML"


def _odd_place(text: str, start: int, first_line: int, path: str) -> Place:
    """Where the first character stands that YAML refuses."""
    for i, char in enumerate(text):
        if (
            (char < " " and char not in "\t\n\r")
            or ("\x7f" <= char <= "\x9f" and char != "\x85")
            or char in "\ufffe\uffff"
        ):
            row = text.count("\n", 0, i)
            return Place(path, first_line + row, i - text.rfind("\n", 0, i), start + i, start + i + 1)
    return Place(path, first_line, 1, start, start)
