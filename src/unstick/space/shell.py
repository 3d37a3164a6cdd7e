"""Shell scripts and commands as a small tree: what is run, in which order, under which conditions.

A reader of our own instead of tree-sitter's grammar: it is 15 ms cheaper to load, never gives up on an error,
and keeps only what following a start command needs.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

from unstick.patterns import lazy
from unstick.record import NamedTuple
from unstick.space.shell_words import Token, tokens

MAX_DEPTH = 40
MAX_TOKENS = 60_000
_ASSIGNMENT = lazy(r"([A-Za-z_][A-Za-z0-9_]*)\+?=")
_ENDS = frozenset(("then", "elif", "else", "fi", "do", "done", "esac", "}"))


class Word(NamedTuple):
    """One word: text with quotes gone (`\\$` is a `$` that stays), offsets in the shell text."""

    text: str
    start: int
    end: int
    quoted: bool = False


class Simple(NamedTuple):
    """A command: variables set for it alone, its words, and the files its output goes to."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    outputs: tuple[str, ...]
    start: int
    end: int


class If(NamedTuple):
    """`if`: pairs of condition and body; `otherwise` is the else part."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence


class Loop(NamedTuple):
    """`while`, `until` or `for`: the condition (empty for `for`) and the body."""

    condition: Sequence
    body: Sequence


class Choice(NamedTuple):
    """`case`: the word and its branches, each with patterns."""

    word: Word
    branches: tuple[tuple[tuple[str, ...], Sequence], ...]


class Function(NamedTuple):
    """A function's definition."""

    name: str
    body: Sequence


class Group(NamedTuple):
    """`{ …; }` or `( … )`."""

    body: Sequence


Node: TypeAlias = "Simple | If | Loop | Choice | Function | Group"


class Item(NamedTuple):
    """One command of a sequence: the operator before it (`;`, `&&`, `||` or `|`) and whether `&` follows."""

    node: Node
    operator: str
    background: bool


Sequence: TypeAlias = "tuple[Item, ...]"


def parse(text: str) -> Sequence:
    """The commands of a piece of shell. Never fails: what cannot be understood is skipped."""
    parser = _Parser(tokens(text)[:MAX_TOKENS])
    out: list[Item] = []
    while not parser.done:
        before = parser.at
        out.extend(parser.sequence(frozenset(), 0))
        if parser.at == before:
            parser.at += 1
    return tuple(out)


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.at = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else Token("newline", "", -1, -1)

    def word_is(self, *texts: str) -> bool:
        token = self.peek()
        return token.kind == "word" and not token.quoted and token.text in texts

    def op_is(self, *texts: str) -> bool:
        token = self.peek()
        return token.kind == "op" and token.text in texts

    def sequence(self, ends: frozenset[str], depth: int) -> Sequence:
        """Commands up to one of the words or operators in `ends` (not eaten)."""
        out: list[Item] = []
        operator = ";"
        while not self.done:
            token = self.peek()
            if token.kind == "newline" or self.op_is(";"):
                self.at += 1
                operator = operator if operator in ("&&", "||", "|") and token.kind == "newline" else ";"
                continue
            if (token.kind == "word" and not token.quoted and token.text in (ends | _ENDS)) or (
                token.kind == "op" and token.text in (")", ";;", ";&", ";;&")
            ):
                break
            if self.op_is("&&", "||", "|", "|&", "&"):
                self.at += 1
                operator = {"|&": "|", "&": ";"}.get(token.text, token.text)
                if token.text == "&" and out:
                    out[-1] = out[-1]._replace(background=True)
                continue
            node = self.command(depth)
            if node is not None:
                out.append(Item(node, operator, False))
                operator = ";"
        return tuple(out)

    def command(self, depth: int) -> Node | None:
        if depth > MAX_DEPTH:
            self.at = len(self.tokens)
            return None
        if self.word_is("!", "time"):
            self.at += 1
            return None
        if self.word_is("if"):
            return self._if(depth)
        if self.word_is("while", "until", "for", "select"):
            return self._loop(depth)
        if self.word_is("case"):
            return self._case(depth)
        if self.word_is("{") or self.op_is("("):
            return self._group(depth)
        if self.word_is("function"):
            self.at += 1
            return self._function(depth)
        following = self.tokens[self.at + 1 : self.at + 3]
        if self.peek().kind == "word" and [t.text for t in following] == ["(", ")"]:
            return self._function(depth)
        return self._simple()

    def _expect(self, *texts: str) -> None:
        while (self.peek().kind == "newline" and not self.done) or self.op_is(";"):
            self.at += 1
        if self.word_is(*texts) or self.op_is(*texts):
            self.at += 1

    def _if(self, depth: int) -> If:
        branches: list[tuple[Sequence, Sequence]] = []
        otherwise: Sequence = ()
        while self.word_is("if", "elif"):
            self.at += 1
            condition = self.sequence(frozenset(("then",)), depth + 1)
            self._expect("then")
            branches.append((condition, self.sequence(frozenset(("elif", "else", "fi")), depth + 1)))
        if self.word_is("else"):
            self.at += 1
            otherwise = self.sequence(frozenset(("fi",)), depth + 1)
        self._expect("fi")
        self._redirections()
        return If(tuple(branches), otherwise)

    def _loop(self, depth: int) -> Loop:
        each = self.word_is("for", "select")
        self.at += 1
        condition: Sequence = ()
        if each:
            while not self.done and not self.word_is("do"):
                self.at += 1
        else:
            condition = self.sequence(frozenset(("do",)), depth + 1)
        self._expect("do")
        body = self.sequence(frozenset(("done",)), depth + 1)
        self._expect("done")
        self._redirections()
        return Loop(condition, body)

    def _case(self, depth: int) -> Choice:
        self.at += 1
        token = self.peek()
        self.at += 1
        self._expect("in")
        branches: list[tuple[tuple[str, ...], Sequence]] = []
        while not self.done:
            self._expect("(")
            while self.peek().kind == "newline" and not self.done:
                self.at += 1
            if self.word_is("esac") or self.done:
                break
            patterns = []
            while not self.done and not self.op_is(")"):
                if self.peek().kind == "word":
                    patterns.append(self.peek().text)
                self.at += 1
            self.at += 1
            branches.append((tuple(patterns), self.sequence(frozenset(("esac",)), depth + 1)))
            if self.op_is(";;", ";&", ";;&"):
                self.at += 1
            elif not self.word_is("esac"):
                break
        self._expect("esac")
        return Choice(Word(token.text, token.start, token.end, token.quoted), tuple(branches))

    def _group(self, depth: int) -> Group:
        closing = "}" if self.word_is("{") else ")"
        self.at += 1
        body = self.sequence(frozenset((closing,)), depth + 1)
        self._expect(closing)
        self._redirections()
        return Group(body)

    def _function(self, depth: int) -> Function:
        name = self.peek().text
        self.at += 1
        while self.op_is("(", ")") or (self.peek().kind == "newline" and not self.done):
            self.at += 1
        body = self.command(depth + 1)
        inner = body.body if isinstance(body, Group) else (Item(body, ";", False),) if body else ()
        return Function(name, inner)

    def _redirections(self) -> list[str]:
        """Eat redirections; gives the files that output goes to."""
        out: list[str] = []
        while (
            self.peek().kind == "op" and self.peek().text.lstrip("0123456789")[:1] in ("<", ">")
        ) or self.op_is("&>", "&>>"):
            sign = self.peek().text
            self.at += 1
            if self.peek().kind == "word":
                if ">" in sign and "&" not in sign[-1:]:
                    out.append(self.peek().text)
                self.at += 1
        return out

    def _simple(self) -> Simple | None:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        outputs: list[str] = []
        first = self.peek()
        last = first
        while not self.done:
            outputs += self._redirections()
            token = self.peek()
            if token.kind != "word":
                break
            last = token
            self.at += 1
            match = None if words else _ASSIGNMENT.match(token.text)
            if match:
                skip = match.end()
                value = Word(token.text[skip:], min(token.start + skip, token.end), token.end, token.quoted)
                assignments.append((match.group(1), value))
            else:
                words.append(Word(token.text, token.start, token.end, token.quoted))
        if not words and not assignments:
            if self.peek() is first:
                self.at += 1
            return None
        return Simple(tuple(assignments), tuple(words), tuple(outputs), first.start, last.end)
