"""Shell text as simple commands: words with variables filled in, what joins them, what they write to.

This is no shell: it reads what start scripts and RUN lines are made of in one pass, and says where it does
not know. `UNKNOWN` stands for every part of a word that only a running shell could tell (`$(…)`, a variable
nobody set).
"""

from __future__ import annotations

from collections.abc import Mapping

from unstick.record import NamedTuple

UNKNOWN = "\x00"
LIMIT = 200_000
"""Characters read of one text; no real script comes near it."""
NESTED = 16
"""Defaults inside defaults (`${A:-${B:-c}}`) that are followed; what is deeper is not known."""

_LEADS = frozenset(("if", "then", "elif", "else", "while", "until", "do", "!", "{", "time"))
_OPENERS = frozenset(("if", "while", "until", "for", "case"))
_CLOSERS = frozenset(("fi", "done", "esac"))
_ENDS = frozenset(("fi", "done", "esac", "}", "in", ";;"))


class ShellCommand(NamedTuple):
    """One simple command.

    `words` are without quotes and with variables filled in; `assigned` what stands before the first word
    (`A=1 cmd`). `joined` is what stands before it (';', '&&', '||', '|', '&'), `follows` what stands after
    it. `redirects` are (operator, target) pairs, `depth` counts the conditions and loops around it, `start`
    is its offset in the text.
    """

    words: tuple[str, ...]
    assigned: tuple[tuple[str, str], ...]
    joined: str
    follows: str
    redirects: tuple[tuple[str, str], ...]
    depth: int
    start: int

    @property
    def certain(self) -> bool:
        """Whether it runs whenever what stands before it succeeds: under no condition, in no loop."""
        return self.depth == 0 and self.joined != "||"


def shell_commands(text: str, variables: Mapping[str, str] | None = None) -> tuple[ShellCommand, ...]:
    """The simple commands of a shell text, in its order. Assignments and `export` in it count."""
    return tuple(_Reader(text[:LIMIT], dict(variables or {})).read())


class _Reader:
    def __init__(self, text: str, variables: dict[str, str], nested: int = 0) -> None:
        self.text = text
        self.nested = nested
        self.at = 0
        self.variables = variables
        self.out: list[ShellCommand] = []
        self.depth = 0

    def read(self) -> list[ShellCommand]:
        joined = ";"
        while self.at < len(self.text):
            joined = self._command(joined)
        return self.out

    def word(self) -> tuple[str, bool]:
        """The word at the cursor and whether it had no quotes."""
        text, size, plain = self.text, len(self.text), True
        out: list[str] = []
        while self.at < size:
            char = text[self.at]
            if char in " \t\r\n;|&()<>":
                break
            if char == "'":
                end = text.find("'", self.at + 1)
                end = size if end < 0 else end
                out.append(text[self.at + 1 : end])
                self.at, plain = end + 1, False
            elif char == '"':
                plain = False
                self.at += 1
                out.append(self._double())
            elif char == "\\":
                if self.at + 1 < size and text[self.at + 1] != "\n":
                    out.append(text[self.at + 1])
                self.at += 2
            elif char in "$`":
                out.append(self._expansion())
            else:
                out.append(char)
                self.at += 1
        word = "".join(out)
        if plain and word[:1] == "~" and word[1:2] in ("", "/"):
            word = self.variables.get("HOME", UNKNOWN) + word[1:]
        return word, plain

    def _command(self, joined: str) -> str:
        """Read up to the next operator; give that operator."""
        words: list[str] = []
        assigned: list[tuple[str, str]] = []
        redirects: list[tuple[str, str]] = []
        start, operator = -1, ";"
        while self.at < len(self.text):
            self._blanks()
            if self.at >= len(self.text):
                break
            here = self.at
            operator = self._operator()
            if operator:
                break
            redirect = self._redirect()
            if redirect:
                redirects.append(redirect)
                continue
            here = self.at
            word, plain = self.word()
            if self.at == here:
                self.at += 1
                continue
            if not words and plain and (word in _LEADS or word in _ENDS or word in _OPENERS):
                self._structure(word)
                continue
            start = here if start < 0 else start
            self._put(word, words, assigned)
        if not (words or assigned or redirects):
            return joined if joined in ("&&", "||", "|") else operator or ";"
        self.out.append(
            ShellCommand(
                tuple(words),
                tuple(assigned),
                joined,
                operator or ";",
                tuple(redirects),
                self.depth,
                max(start, 0),
            )
        )
        return operator or ";"

    def _put(self, word: str, words: list[str], assigned: list[tuple[str, str]]) -> None:
        name, equals, value = word.partition("=")
        if equals and name.isidentifier() and (not words or words[0] in ("export", "declare", "local")):
            self.variables[name] = value
            if not words:
                assigned.append((name, value))
                return
        words.append(word)

    def _structure(self, word: str) -> None:
        if word in _OPENERS:
            self.depth += 1
        elif word in _CLOSERS:
            self.depth = max(self.depth - 1, 0)
        if word in ("for", "case"):
            self._skip_head(word)

    def _skip_head(self, word: str) -> None:
        """`for NAME in …;` and `case WORD in` hold no command. The loop's variable becomes unknown."""
        self._blanks()
        name, _ = self.word()
        if word == "for" and name.isidentifier():
            self.variables[name] = UNKNOWN
        if word == "case":
            self._blanks()
            self.word()
            return
        while self.at < len(self.text) and self.text[self.at] not in ";\n":
            self.at += 1

    def _blanks(self) -> None:
        text, size = self.text, len(self.text)
        while self.at < size:
            char = text[self.at]
            if char in " \t\r":
                self.at += 1
            elif text.startswith(("\\\n", "\\\r\n"), self.at):
                self.at += 2
            elif char == "#" and (self.at == 0 or text[self.at - 1] in " \t\r\n;&|("):
                end = text.find("\n", self.at)
                self.at = size if end < 0 else end
            else:
                return

    def _operator(self) -> str:
        for sign in ("&&", "||", ";;", ";", "\n", "|", "&"):
            if self.text.startswith(sign, self.at):
                if sign == "&" and self.text.startswith("&>", self.at):
                    return ""
                self.at += len(sign)
                return ";" if sign in ("\n", ";;") else sign
        if self.text[self.at] in "()":
            self.at += 1
            return ";"
        return ""

    def _redirect(self) -> tuple[str, str] | None:
        at = self.at
        while at < len(self.text) and self.text[at].isdigit():
            at += 1
        if at < len(self.text) and self.text[at] == "&":
            at += 1
        if at >= len(self.text) or self.text[at] not in "<>":
            return None
        sign = self.text[at]
        at += 1
        while at < len(self.text) and self.text[at] in "<>&|-":
            sign += self.text[at]
            at += 1
        self.at = at
        self._blanks()
        target, _ = self.word()
        return sign, target

    def _double(self) -> str:
        text, size = self.text, len(self.text)
        out: list[str] = []
        while self.at < size:
            char = text[self.at]
            if char == '"':
                self.at += 1
                break
            if char == "\\" and self.at + 1 < size and text[self.at + 1] in '"\\$`\n':
                out.append(text[self.at + 1] if text[self.at + 1] != "\n" else "")
                self.at += 2
            elif char in "$`":
                out.append(self._expansion())
            else:
                out.append(char)
                self.at += 1
        return "".join(out)

    def _expansion(self) -> str:
        text, at = self.text, self.at
        if text[at] == "`":
            end = text.find("`", at + 1)
            self.at = len(text) if end < 0 else end + 1
            return UNKNOWN
        if text.startswith("$(", at):
            self.at = _closing(text, at + 1, "(", ")")
            return UNKNOWN
        if text.startswith("${", at):
            self.at = _closing(text, at + 1, "{", "}")
            return self._braced(text[at + 2 : self.at - 1])
        end = at + 1
        while end < len(text) and (text[end].isalnum() or text[end] == "_"):
            end += 1
        self.at = end
        if end > at + 1:
            return self.variables.get(text[at + 1 : end], UNKNOWN)
        if text[end : end + 1] in ("@", "*", "#", "?", "$", "!"):
            self.at = end + 1
            return UNKNOWN
        return "$"

    def _braced(self, body: str) -> str:
        end = 0
        while end < len(body) and (body[end].isalnum() or body[end] == "_"):
            end += 1
        value, rest = self.variables.get(body[:end]), body[end:]
        if rest[:2] in (":-", ":=") or rest[:1] in ("-", "="):
            default = rest.lstrip(":")[1:].strip("\"'")
            if value or not default:
                return value or ""
            if self.nested >= NESTED:
                return UNKNOWN
            return _Reader(default, self.variables, self.nested + 1).word()[0]
        if rest[:1] in ("", "?") or rest[:2] == ":?":
            return UNKNOWN if value is None else value
        return UNKNOWN


def _closing(text: str, at: int, opening: str, closing: str) -> int:
    """The offset behind the bracket that closes the one at `at`."""
    depth = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return len(text)
