"""Shell text to tokens: words with quotes gone, operators, line ends."""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import NamedTuple

_OPERATOR = lazy(r"&&|\|\||;;&?|;&|&>>?|\|&|<<<|[0-9]*(?:<<-?|>>|>&|<&|<>|>\||<|>)|[|;&()]")
_PLAIN = lazy(r"[^\s'\"\\$`|&;()<>]+")
_VARIABLE = lazy(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!$-])")


class Token(NamedTuple):
    """One token. `kind` is word, op or newline.

    A word's `text` has its quotes removed; a `$` that the shell would not expand is written `\\$`. `quoted`
    says whether any part of it was in quotes. `start` and `end` are offsets in the shell text.
    """

    kind: str
    text: str
    start: int
    end: int
    quoted: bool = False


def tokens(text: str) -> list[Token]:
    """The tokens of a piece of shell; bodies of here-documents are left out. Never fails."""
    return _Lexer(text).run()


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.out: list[Token] = []
        self.waiting: list[tuple[str, bool]] = []

    def run(self) -> list[Token]:
        text, size = self.text, len(self.text)
        while self.at < size:
            char = text[self.at]
            if char == "\n":
                self.out.append(Token("newline", "\n", self.at, self.at + 1))
                self.at += 1
                self._skip_heredocs()
            elif char in " \t\r":
                self.at += 1
            elif (char == "\\" and text[self.at + 1 : self.at + 3] in ("\n", "\r\n")) or text.startswith(
                "\\\n", self.at
            ):
                self.at = text.index("\n", self.at) + 1
            elif char == "#":
                end = text.find("\n", self.at)
                self.at = size if end < 0 else end
            elif match := _OPERATOR.match(text, self.at):
                self._operator(match)
            else:
                self._word()
        return self.out

    def _operator(self, match: re.Match[str]) -> None:
        self.out.append(Token("op", match.group(), self.at, match.end()))
        self.at = match.end()
        sign = match.group().lstrip("0123456789")
        if sign in ("<<", "<<-"):
            while self.at < len(self.text) and self.text[self.at] in " \t":
                self.at += 1
            if self.at < len(self.text) and self.text[self.at] not in "\n|&;()<>":
                self._word()
                self.waiting.append((self.out[-1].text.replace("\\$", "$"), sign == "<<-"))

    def _skip_heredocs(self) -> None:
        for name, strip in self.waiting:
            while self.at < len(self.text):
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line = self.text[self.at : end].rstrip("\r")
                self.at = min(end + 1, len(self.text))
                if (line.lstrip("\t") if strip else line) == name:
                    break
        self.waiting = []

    def _word(self) -> None:
        text, size, start = self.text, len(self.text), self.at
        parts: list[str] = []
        quoted = False
        while self.at < size:
            char = text[self.at]
            if match := _PLAIN.match(text, self.at):
                parts.append(match.group())
                self.at = match.end()
            elif char == "'":
                end = text.find("'", self.at + 1)
                end = size if end < 0 else end
                parts.append(text[self.at + 1 : end].replace("$", "\\$"))
                self.at, quoted = end + 1, True
            elif char == '"':
                self.at, quoted = self.at + 1, True
                self._double(parts)
            elif char == "\\":
                following = text[self.at + 1 : self.at + 2]
                parts.append("\\$" if following == "$" else following if following != "\n" else "")
                self.at += 2
            elif char in "$`":
                self._dollar(parts)
            else:
                break
        self.at = min(self.at, size)
        self.out.append(Token("word", "".join(parts), start, self.at, quoted))

    def _double(self, parts: list[str]) -> None:
        text, size = self.text, len(self.text)
        while self.at < size and text[self.at] != '"':
            char = text[self.at]
            if char == "\\" and self.at + 1 < size:
                following = text[self.at + 1]
                if following == "$":
                    parts.append("\\$")
                elif following in '"\\`':
                    parts.append(following)
                elif following != "\n":
                    parts.append(char + following)
                self.at += 2
            elif char in "$`":
                self._dollar(parts)
            else:
                parts.append(char)
                self.at += 1
        self.at += 1

    def _dollar(self, parts: list[str]) -> None:
        """A variable, or a substitution kept whole with its brackets."""
        text, begin = self.text, self.at
        if text[begin] == "`":
            end = text.find("`", begin + 1)
            self.at = len(text) if end < 0 else end + 1
            parts.append("$(" + text[begin + 1 : self.at - 1] + ")")
            return
        opening = text[begin + 1 : begin + 2]
        if opening in ("(", "{"):
            self.at = _closing(text, begin + 1, opening, ")" if opening == "(" else "}")
            parts.append(text[begin : self.at])
        elif match := _VARIABLE.match(text, begin):
            parts.append(match.group())
            self.at = match.end()
        else:
            parts.append("$" if opening not in "'\"" or not opening else "")
            self.at += 1


def _closing(text: str, at: int, opening: str, closing: str) -> int:
    """The offset behind the bracket that closes the one at `at`; quotes inside are respected."""
    depth = 0
    quote = ""
    for i in range(at, min(len(text), at + 20_000)):
        char = text[i]
        if quote:
            if char == quote and text[i - 1] != "\\":
                quote = ""
        elif char in "'\"" and opening == "(":
            quote = char
        elif char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
            if not depth:
                return i + 1
    return len(text)
