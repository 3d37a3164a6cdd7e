"""Shell words with variables, as far as they can be filled in."""

from __future__ import annotations

from collections.abc import Mapping

from unstick.patterns import lazy
from unstick.space.launch.types import NOWHERE, Value
from unstick.space.types import Place

_PART = lazy(
    r"\\\$|\$\(|\$(?:([A-Za-z_][A-Za-z0-9_]*|[0-9@*#])|\{([A-Za-z_][A-Za-z0-9_]*|[0-9@*])(?:(:?[-+?=])([^{}]*))?\}|(\{))"
)


class Variables:
    """The environment of a process: values by name, each with what is known of it.

    A name that is not there is unset: the platform sets none but its own few, PORT not among them.
    """

    __slots__ = ("values",)

    def __init__(self, values: Mapping[str, Value] | None = None) -> None:
        self.values: dict[str, Value] = dict(values or {})

    def copy(self) -> Variables:
        """An environment of its own that begins with these values."""
        return Variables(self.values)

    def get(self, name: str) -> Value | None:
        """The value of a variable, or None when it is unset."""
        return self.values.get(name)

    def set(self, name: str, value: Value) -> None:
        """Set a variable."""
        self.values[name] = value

    def expand(self, text: str, place: Place = NOWHERE, exact: bool = False) -> Value:
        """A word with its variables filled in, as a shell does; unknown when a command's output is part of
        it.

        A word that is one unset variable and nothing else has the text None and names the variable.
        """
        if "$" not in text:
            return Value(text, "literal", place, exact)
        known = "literal"
        where, variable = place, ""
        out: list[str] = []
        at = 0
        for match in _PART.finditer(text):
            out.append(text[at : match.start()])
            at = match.end()
            if match.group() == "\\$":
                out.append("$")
                continue
            name = match.group(1) or match.group(2)
            if name is None:
                return Value(None, "unknown", place)
            value = self._one(name, match.group(3) or "", match.group(4) or "", place)
            if value.text is None and match.group() == text:
                return value._replace(place=where)
            if value.text is None and value.known == "unknown" and value.variable not in self.values:
                value = value._replace(text="")
            if value.text is None:
                return Value(None, "unknown", place, variable=value.variable)
            out.append(value.text)
            variable = value.variable or variable
            if value.known != "literal":
                known = value.known
            elif value.place.path:
                where = value.place
        out.append(text[at:])
        return Value("".join(out), known, where, False, variable)

    def _one(self, name: str, operator: str, word: str, place: Place) -> Value:
        value = self.values.get(name)
        if operator.endswith("+"):
            return (
                self.expand(word, place) if value is not None and value.text else Value("", "literal", place)
            )
        if operator.endswith(("-", "=")) and (value is None or (value.text == "" and operator[0] == ":")):
            default = self.expand(word, place)
            return default._replace(
                known="env-default" if default.text is not None else "unknown", variable=name
            )
        if value is None:
            return Value(None, "unknown", place, variable=name)
        return value._replace(variable=name)
