"""Shell text and scripts, command by command."""

from __future__ import annotations

import posixpath

from unstick.patterns import lazy
from unstick.space import shell
from unstick.space.launch.commands import run
from unstick.space.launch.types import UNKNOWN, Value
from unstick.space.launch.walk import MAX_DEPTH, MAX_STEPS, Argument, Arguments, Context, Walk, find_source
from unstick.space.lines import Lines
from unstick.space.types import Place

_ECHO = lazy(r"\$\(\s*(?:nproc|hostname)\b.*\)\Z")


def run_script(walk: Walk, context: Context, path: Argument, rest: Arguments) -> None:
    """Follow a shell script of the image, with its arguments."""
    source = find_source(walk, context, path.text)
    if source is None:
        if path.value.text is None or not walk.image.foreign:
            walk.cannot_tell(f"the script {path.text or '(unknown)'} is not at hand")
        else:
            walk.cannot_tell(f"the script {path.text} comes from outside the repository")
        return
    key = (source.path if source.text is None else path.text, " ".join(a.text for a in rest))
    if key in walk.seen:
        return
    walk.seen.add(key)
    inner = context.deeper(source.path)
    variables = inner.variables.copy()
    for number, argument in enumerate(rest, 1):
        variables.set(str(number), argument.value)
    inner = inner._replace(variables=variables)
    text = source.text if source.text is not None else walk.space.tree.read_text(source.path)
    if text is None:
        walk.cannot_tell(f"the script {source.path} cannot be read")
        return
    _Runner(walk, text, source.path, source.place, rest).run_all(inner, shell.parse(text))


def run_text(walk: Walk, context: Context, text: str, place: Place, offsets: object = None) -> None:
    """Follow shell text given on a command line; all its commands have the place `place`, unless `offsets`
    tells more.
    """
    _Runner(walk, text, "", place, (), offsets).run_all(context, shell.parse(text))


class _Runner:
    """Runs one piece of shell text on paper."""

    def __init__(
        self,
        walk: Walk,
        text: str,
        path: str,
        place: Place | None,
        arguments: Arguments,
        offsets: object = None,
    ) -> None:
        self.walk = walk
        self.text = text
        self.place = place
        self.offsets = offsets
        self.lines = Lines(text, path)
        self.arguments = arguments
        self.functions: dict[str, shell.Sequence] = {}
        self.ended = False

    def where(self, start: int, end: int) -> tuple[Place, bool]:
        """The place of a span of the text, and whether the span is exact."""
        if self.place is None:
            return self.lines.place(start, end), True
        if self.offsets is not None:
            place: Place = self.offsets(start, end)  # type: ignore[operator]
            return place, True
        if self.place.line and "\n" in self.text:
            line = self.place.line + self.text.count("\n", 0, start)
            return self.place._replace(line=line, column=1, start=-1, end=-1), False
        return self.place, False

    def run_all(self, context: Context, items: shell.Sequence) -> Context:
        """Follow a sequence; gives the context after it (folder and variables may have changed)."""
        for item in items:
            if self.walk.steps > MAX_STEPS or self.ended:
                break
            inner = context._replace(background=context.background or item.background)
            after = self.node(inner, item.node)
            if not item.background and item.operator != "|":
                context = after._replace(background=context.background, certain=context.certain)
        return context

    def node(self, context: Context, node: shell.Node) -> Context:
        if isinstance(node, shell.Simple):
            return self.simple(context, node)
        if isinstance(node, shell.Function):
            self.functions[node.name] = node.body
            return context
        if isinstance(node, shell.Group):
            return self.run_all(context, node.body)
        if isinstance(node, shell.Loop):
            self.run_all(context, node.condition)
            return self.run_all(context, node.body)
        if isinstance(node, shell.Choice):
            return self.choice(context, node)
        return self.branch(context, node)

    def branch(self, context: Context, node: shell.If) -> Context:
        doubtful = context
        for condition, body in node.branches:
            answer = self.test(context, condition)
            if answer is False:
                continue
            if answer is True:
                return self.run_all(doubtful, body)
            self.run_all(context._replace(variables=context.variables.copy()), condition)
            doubtful = doubtful._replace(certain=False)
            doubtful = self.maybe(doubtful, body)
        return (
            self.maybe(doubtful, node.otherwise)
            if node.otherwise
            else doubtful._replace(certain=context.certain)
        )

    def maybe(self, context: Context, body: shell.Sequence) -> Context:
        """Follow a body that may not be run: an `exit` in it does not end the script."""
        before = self.ended
        after = self.run_all(context, body)
        self.ended = before
        return after

    def choice(self, context: Context, node: shell.Choice) -> Context:
        value = context.variables.expand(node.word.text)
        from unstick.space.globs import match_segment

        for patterns, body in node.branches:
            if value.text is None:
                self.maybe(context._replace(certain=False), body)
            elif any(match_segment(p, value.text) for p in patterns):
                return self.run_all(context, body)
        return context

    def test(self, context: Context, condition: shell.Sequence) -> bool | None:
        """The answer of a simple `[ … ]` test of variables, or None."""
        if len(condition) != 1 or not isinstance(condition[0].node, shell.Simple):
            return None
        words = list(condition[0].node.words)
        if not words or words[0].text not in ("[", "[[", "test"):
            return None
        values = [context.variables.expand(w.text) for w in words[1:] if w.text not in ("]", "]]")]
        texts = [
            "" if v.text is None and v.variable and v.variable not in context.variables.values else v.text
            for v in values
        ]
        if any(t is None for t in texts):
            return None
        negated = texts[:1] == ["!"]
        answer = _compare([str(t) for t in texts[negated:]])
        return answer if answer is None else answer != negated

    def simple(self, context: Context, node: shell.Simple) -> Context:
        values = []
        for name, word in node.assignments:
            place, exact = self.where(word.start, word.end)
            values.append((name, context.variables.expand(word.text, place, exact and not word.quoted)))
        if not node.words:
            for name, value in values:
                context.variables.set(name, _settled(value))
            return context
        first = node.words[0].text
        if first in ("export", "declare", "local", "readonly", "typeset"):
            self.export(context, node)
            return context
        if first in ("cd", "pushd") and len(node.words) > 1:
            target = context.variables.expand(node.words[1].text)
            return context.at(target.text) if target.text else context
        if first in ("exit", "return"):
            self.ended = self.ended or (first == "exit" and not context.background)
            return context
        inner = context
        if values:
            inner = context._replace(variables=context.variables.copy())
            for name, value in values:
                inner.variables.set(name, _settled(value))
        self.start(inner, node)
        return context

    def export(self, context: Context, node: shell.Simple) -> None:
        for word in node.words[1:]:
            name, equals, _ = word.text.partition("=")
            if equals:
                skip = len(name) + 1
                place, exact = self.where(min(word.start + skip, word.end), word.end)
                value = context.variables.expand(word.text[skip:], place, exact and not word.quoted)
                context.variables.set(name, _settled(value))

    def start(self, context: Context, node: shell.Simple) -> None:
        arguments: list[Argument] = []
        for word in node.words:
            if word.text in ("$@", "$*", "${@}"):
                arguments += self.arguments
                continue
            place, exact = self.where(word.start, word.end)
            value = context.variables.expand(word.text, place, exact and not word.quoted)
            if value.text is None and _ECHO.match(word.text):
                value = UNKNOWN
            arguments.append(Argument(value, place))
            if not word.quoted and "$" in word.text and value.text and " " in value.text:
                arguments[-1:] = [
                    Argument(value._replace(text=t, exact=False), place) for t in value.text.split()
                ]
        if not arguments:
            return
        name = arguments[0].text
        if name in self.functions and context.depth <= MAX_DEPTH:
            key = (f"function {name}", " ".join(a.text for a in arguments))
            if key not in self.walk.seen:
                self.walk.seen.add(key)
                outer, self.arguments = self.arguments, tuple(arguments[1:])
                self.run_all(context.deeper(), self.functions[name])
                self.arguments = outer
                self.walk.seen.discard(key)
            return
        if name in (".", "source") and len(arguments) > 1:
            self.source(context, arguments[1])
            return
        place, _ = self.where(node.start, node.end)
        run(self.walk, context._replace(place=place), tuple(arguments))
        if name == "exec" and len(arguments) > 1 and not context.background and context.certain:
            self.ended = True

    def source(self, context: Context, path: Argument) -> None:
        found = find_source(self.walk, context, path.text)
        if found is None or posixpath.basename(path.text) == "activate":
            return
        text = found.text if found.text is not None else self.walk.space.tree.read_text(found.path)
        key = (found.path, "source")
        if text is None or key in self.walk.seen:
            return
        self.walk.seen.add(key)
        inner = _Runner(self.walk, text, found.path, found.place, ())
        inner.run_all(context.deeper(found.path), shell.parse(text))
        self.functions.update(inner.functions)


def _settled(value: Value) -> Value:
    """A variable set from an unset one is empty, as the shell has it."""
    return value._replace(exact=value.exact)


def _compare(texts: list[str]) -> bool | None:
    if len(texts) == 2 and texts[0] in ("-z", "-n"):
        return (texts[1] == "") == (texts[0] == "-z")
    if len(texts) == 3 and texts[1] in ("=", "==", "!=", "-eq", "-ne"):
        if "*" in texts[2]:
            return None
        return (texts[0] == texts[2]) == (texts[1] in ("=", "==", "-eq"))
    if len(texts) == 1:
        return texts[0] != ""
    return None
