"""`NamedTuple` as in `typing`, only cheaper to define.

`typing.NamedTuple` compiles code for each class and each annotation: 0.15 ms a class, which for the
ninety classes of a check is more than bare Python takes to start. Here a class is built from closures.
Instances behave the same (fields, defaults, `_replace`, `_asdict`, `_make`, pattern matching, pickling).
Annotations have to be strings (`from __future__ import annotations`).
"""

from __future__ import annotations

TYPE_CHECKING = False
"""That of `typing`, which takes 3 ms to import: type checkers know it by its name."""

if TYPE_CHECKING:
    from typing import Any
    from typing import NamedTuple as NamedTuple
else:
    try:
        from _collections import _tuplegetter as _getter
    except ImportError:  # not CPython
        from operator import itemgetter

        def _getter(index: int, doc: str) -> property:
            return property(itemgetter(index), doc=doc)

    class _Builder(type):
        """Turns the body of a class into a subclass of `tuple`."""

        def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return type.__new__(mcs, name, bases, body)
            if len(bases) > 1 or "__annotations__" not in body:
                raise TypeError(f"{name}: a record has no other base, and needs postponed annotations")
            fields = tuple(body["__annotations__"])
            defaults = {field: body.pop(field) for field in fields if field in body}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                raise TypeError(f"{name}: a field without a default follows one with a default")
            members = {field: _getter(index, "") for index, field in enumerate(fields)}
            return type(
                name, (tuple,), {**_methods(name, fields, defaults), **body, **members, "__slots__": ()}
            )

    class NamedTuple(metaclass=_Builder):
        """The base of a record: its annotated names are the fields, in order."""


def _methods(name: str, fields: tuple[str, ...], defaults: dict[str, Any]) -> dict[str, Any]:
    """What every class of records has, closed over its fields."""
    count, needed, values = len(fields), len(fields) - len(defaults), tuple(defaults.values())
    new = tuple.__new__

    def __new__(cls: Any, /, *args: Any, **named: Any) -> Any:
        given = len(args)
        if named:
            args += tuple(_named(name, fields[given:], named, defaults))
        elif needed <= given < count:
            args += values[given - needed :]
        if len(args) != count or named:
            raise TypeError(f"{name} takes {needed} to {count} values, {given} given, unknown: {list(named)}")
        return new(cls, args)

    def _make(cls: Any, values: Any) -> Any:
        made = new(cls, values)
        if len(made) != count:
            raise TypeError(f"{name} has {count} fields, got {len(made)} values")
        return made

    def _replace(self: Any, /, **named: Any) -> Any:
        made = new(type(self), [named.pop(field, value) for field, value in zip(fields, self, strict=True)])
        if named:
            raise ValueError(f"{name} has no field {list(named)}")
        return made

    def __repr__(self: Any) -> str:
        pairs = ", ".join(f"{field}={value!r}" for field, value in zip(fields, self, strict=True))
        return f"{type(self).__name__}({pairs})"

    def _asdict(self: Any) -> dict[str, Any]:
        return dict(zip(fields, self, strict=True))

    return {
        "_fields": fields,
        "_field_defaults": defaults,
        "__match_args__": fields,
        "__new__": __new__,
        "_make": classmethod(_make),
        "_replace": _replace,
        "__replace__": _replace,
        "__repr__": __repr__,
        "_asdict": _asdict,
        "__getnewargs__": lambda self: tuple(self),
    }


def _named(name: str, fields: tuple[str, ...], named: dict[str, Any], defaults: dict[str, Any]) -> list[Any]:
    """The values of the fields that were not given by position; takes what it uses out of `named`."""
    values = []
    for field in fields:
        if field in named:
            values.append(named.pop(field))
        elif field in defaults:
            values.append(defaults[field])
        else:
            raise TypeError(f"{name} needs a value for {field!r}")
    return values
