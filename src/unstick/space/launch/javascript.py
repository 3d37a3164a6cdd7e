"""Where JavaScript and TypeScript sources listen, read with patterns that run in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from unstick.patterns import lazy
from unstick.space.launch.types import UNKNOWN, Value
from unstick.space.launch.variables import Variables
from unstick.space.lines import Lines
from unstick.space.space import Space
from unstick.space.types import Place

_LISTEN = lazy(r"\.listen\s*\(")
_OBJECT = lazy(r"\b(?:Bun\.serve|Deno\.serve|serve|export\s+default)\s*\(?\s*\{")
_ENVIRONMENT = lazy(
    r"(?:process\.env|Bun\.env|import\.meta\.env|env)(?:\.([A-Za-z_]\w*)|\[\s*['\"](\w+)['\"]\s*\])|Deno\.env\.get\(\s*['\"](\w+)['\"]\s*\)"
)
_NUMBER = lazy(r"['\"`]?(\d{2,5})['\"`]?\Z")
_TEXT = lazy(r"['\"`]([^'\"`$\n]*)['\"`]\Z")
_WRAPPED = lazy(r"(?:Number|parseInt|parseFloat|String|\+)\s*\(?")
_LIMIT = 600_000


def listens(space: Space, path: str, text: str, variables: Variables) -> Iterator[tuple[Value, Value, Place]]:
    """Port, host and place of each `listen` call or served object of a source."""
    text = _without_comments(text[:_LIMIT])
    lines = Lines(text, path)
    reader = _Reader(text, lines, variables, space, path)
    fastify = "fastify" in text.lower()
    for match in list(_LISTEN.finditer(text))[:20]:
        arguments = _arguments(text, match.end())
        if not arguments:
            continue
        place = lines.place(match.start() + 1, match.end())
        first, at = arguments[0]
        if first.startswith("{"):
            port = reader.field(first, at, "port")
            host = reader.field(first, at, "host")
            if port is None:
                continue
            yield port, host or Value("localhost" if fastify else "", "default", place), place
            continue
        port = reader.value(first, at)
        if port.text is not None and not port.text.isdigit():
            continue
        host = Value("", "default", place)
        if len(arguments) > 1:
            second, where = arguments[1]
            if not second.startswith(("(", "function", "async")) and "=>" not in second:
                given = reader.value(second, where)
                host = given if given.text is None or not given.text.isdigit() else host
                if given.text is None and re.fullmatch(r"\w+", second) and given.known == "unknown":
                    host = Value("", "default", place)
        yield port, host, place
    named = re.search(r"\bexport\s+default\s+([A-Za-z_$][\w$]*)", text)
    objects = list(_OBJECT.finditer(text))[:10]
    if named is not None:
        objects += list(
            re.finditer(
                rf"\bconst\s+{re.escape(named.group(1))}\b[^={{}}]{{0,80}}(?:\{{[^{{}}]{{0,80}}\}})?\s*=\s*\{{",
                text,
            )
        )[:1]
    for match in objects:
        start = match.end() - 1
        body = text[start : _close(text, start)]
        if "fetch" not in body and "Bun.serve" not in match.group():
            continue
        place = lines.place(match.start(), match.end())
        port = reader.field(body, start, "port") or Value("3000", "default", place)
        host = reader.field(body, start, "hostname") or Value("", "default", place)
        yield port, host, place


class _Reader:
    def __init__(self, text: str, lines: Lines, variables: Variables, space: Space, path: str) -> None:
        self.text = text
        self.lines = lines
        self.variables = variables
        self.depth = 0

    def field(self, body: str, at: int, name: str) -> Value | None:
        """A property of an object literal, or None when it has none."""
        match = re.search(rf"[{{,\s]{name}\s*:\s*", body)
        if match is None:
            if re.search(rf"[{{,]\s*{name}\s*[,}}]", body):
                return self.value(name, at)
            return None
        arguments = _arguments(body, match.end())
        return self.value(arguments[0][0], at + arguments[0][1]) if arguments else None

    def value(self, expression: str, at: int) -> Value:
        """An expression: a number or text, a variable of the environment with a default, or a constant."""
        self.depth += 1
        try:
            return (
                UNKNOWN
                if self.depth > 12
                else self._value(expression.strip(), at + len(expression) - len(expression.lstrip()))
            )
        finally:
            self.depth -= 1

    def _value(self, expression: str, at: int) -> Value:
        place = self.lines.place(min(at, len(self.text)), min(at + len(expression), len(self.text)))
        number = _NUMBER.match(expression)
        if number:
            quoted = number.start(1)
            exact = place._replace(
                start=place.start + quoted, end=place.start + quoted + len(number.group(1))
            )
            return Value(number.group(1), "literal", exact, True)
        text = _TEXT.match(expression)
        if text:
            return Value(
                text.group(1), "literal", place._replace(start=place.start + 1, end=place.end - 1), True
            )
        for sign in ("||", "??"):
            at_sign = _top_level(expression, sign)
            if at_sign >= 0:
                return self._either(expression, at, at_sign)
        wrapped = _WRAPPED.match(expression)
        if wrapped and wrapped.end():
            inner = expression[wrapped.end() :]
            parts = _arguments(inner, 0)
            return self.value(parts[0][0], at + wrapped.end() + parts[0][1]) if parts else UNKNOWN
        if expression.startswith("(") and _close(expression, 0) == len(expression):
            return self.value(expression[1:-1], at + 1)
        found = _ENVIRONMENT.match(expression)
        if found:
            name = found.group(1) or found.group(2) or found.group(3)
            if found.end() == len(expression) or re.match(r"!?\s*(?:as\s+\w+)?\Z", expression[found.end() :]):
                given = self.variables.get(name)
                return (
                    given._replace(variable=name)
                    if given is not None
                    else Value(None, "unknown", place, variable=name)
                )
            return UNKNOWN
        if re.fullmatch(r"[A-Za-z_$][\w$]*", expression):
            return self._constant(expression)
        return UNKNOWN

    def _either(self, expression: str, at: int, sign: int) -> Value:
        first = self.value(expression[:sign], at)
        if first.text:
            return first
        if first.variable and first.variable not in self.variables.values:
            second = self.value(expression[sign + 2 :], at + sign + 2)
            if second.text is None:
                return second
            return second._replace(known="env-default", variable=first.variable)
        return UNKNOWN

    def _constant(self, name: str) -> Value:
        pattern = re.compile(rf"\b(?:const|let|var)\s+{re.escape(name)}\s*(?::\s*[\w<>|\s]{{1,60}})?=\s*")
        match = pattern.search(self.text)
        if match is None:
            return self._taken_apart(name)
        end = match.end()
        stop = _end_of_expression(self.text, end)
        return self.value(self.text[end:stop], end)

    def _taken_apart(self, name: str) -> Value:
        """`const { PORT = 3000 } = process.env`."""
        default = rf"\{{[^{{}}]{{0,500}}\b{re.escape(name)}\s*=\s*([^,{{}}]{{1,100}})[^{{}}]{{0,500}}\}}"
        found = re.search(rf"{default}\s*=\s*process\.env\b", self.text)
        if found is None:
            return UNKNOWN
        given = self.variables.get(name)
        if given is not None:
            return given._replace(variable=name)
        value = self.value(found.group(1).rstrip(), found.start(1))
        return value._replace(known="env-default" if value.text is not None else "unknown", variable=name)


def _end_of_expression(text: str, start: int) -> int:
    depth = 0
    for i in range(start, min(len(text), start + 400)):
        char = text[i]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth < 0:
                return i
        elif depth == 0 and (
            char == ";" or (char == "\n" and not re.match(r"\s*(?:\|\||\?\?)", text[i : i + 80]))
        ):
            if char == "\n" and text[start:i].rstrip().endswith(("||", "??", "=")):
                continue
            return i
        elif depth == 0 and char == ",":
            return i
    return min(len(text), start + 400)


def _top_level(expression: str, sign: str) -> int:
    depth = 0
    for i, char in enumerate(expression[:1000]):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif depth == 0 and expression.startswith(sign, i):
            return i
    return -1


def _arguments(text: str, start: int) -> list[tuple[str, int]]:
    """The comma-separated pieces up to the closing bracket, each with its offset."""
    out: list[tuple[str, int]] = []
    depth, begin, quote = 0, start, ""
    for i in range(start, min(len(text), start + 4000)):
        char = text[i]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            if depth == 0:
                break
            depth -= 1
        elif char == "," and depth == 0:
            out.append(_trimmed(text, begin, i))
            begin = i + 1
    else:
        i = min(len(text), start + 4000)
    piece = _trimmed(text, begin, i)
    return [*out, piece] if piece[0] else out


def _trimmed(text: str, begin: int, end: int) -> tuple[str, int]:
    piece = text[begin:end]
    return piece.strip(), begin + len(piece) - len(piece.lstrip())


def _close(text: str, start: int) -> int:
    depth = 0
    for i in range(start, min(len(text), start + 20_000)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
            if not depth:
                return i + 1
    return min(len(text), start + 20_000)


_LINE_COMMENT = lazy(r"(?m)^[ \t]*//[^\n]*")


def _without_comments(text: str) -> str:
    """The text with comments turned into blanks, so that offsets stay."""
    out: list[str] = []
    at = 0
    while (start := text.find("/*", at)) >= 0 and (end := text.find("*/", start + 2)) >= 0:
        out += (text[at:start], _blank(text[start : end + 2]))
        at = end + 2
    out.append(text[at:])
    return _LINE_COMMENT.sub(lambda m: " " * len(m.group()), "".join(out))


def _blank(text: str) -> str:
    return "\n".join(" " * len(row) for row in text.split("\n"))
