"""Text on its way to a person: made harmless for terminals, measured, shortened, wrapped."""

from __future__ import annotations

ELLIPSIS = "…"
_ESCAPE = "\x1b"

# What a terminal obeys or hides instead of showing: C0, DEL, C1, directions of writing, zero-width and tag
# characters, line separators, halves of surrogate pairs. Tab and newline are dealt with by name; the joiners
# U+200C and U+200D stay, as scripts and emoji need them.
_HARMFUL = (
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200B),
    (0x200E, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB), (0xE0000, 0xE007F),
)  # fmt: skip
_escapes: dict[int, str] = {}


def printable(text: str, *, lines: bool = False) -> str:
    """The same text without anything that a terminal would obey.

    Colour and cursor sequences are dropped, other control characters, changes of the direction of writing
    and invisible characters shown as `\\x07` or `\\u202e`; tabs become spaces. A line end stays one when
    `lines` is true, and is shown as `\\n` otherwise. The result can be encoded as UTF-8.
    """
    if text.isprintable():
        return text
    if _ESCAPE in text or "\x9b" in text:
        text = without_sequences(text)
    if not _escapes:
        _escapes.update((code, _escaped(code)) for first, last in _HARMFUL for code in range(first, last + 1))
        _escapes[ord("\t")] = "    "
        _escapes[ord("\n")] = "\n"
    text = text.replace("\r\n", "\n").translate(_escapes)
    return text if lines else text.replace("\n", "\\n")


def json_safe(text: str) -> str:
    """JSON with everything that a terminal would obey as `\\u` escapes; its meaning stays the same."""
    if text.isascii():
        return text
    return text.translate(
        {code: _json_escape(code) for first, last in _HARMFUL if first > 0 for code in range(first, last + 1)}
    )


def _json_escape(code: int) -> str:
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def one_line(text: str) -> str:
    """`printable` text in one line, with single spaces."""
    return " ".join(printable(text, lines=True).split())


def _escaped(code: int) -> str:
    """A character as its escape, as Python would write it; a byte that was no UTF-8 as that byte."""
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def without_sequences(text: str) -> str:
    """Without ECMA-48 control sequences (colours, cursor) and operating system commands (titles, links)."""
    import re

    control = r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    command = r"\x1b\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]"
    return re.sub(f"{control}|{command}", "", text)


def width(text: str) -> int:
    """How many columns a terminal gives to one line of text; wide letters and emoji take two."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    columns = 0
    for character in text:
        if character.isascii():
            columns += 1
        elif category(character) not in ("Mn", "Me", "Cf"):
            columns += 2 if east_asian_width(character) in "WF" else 1
    return columns


def shorten(text: str, columns: int) -> str:
    """One line of at most `columns` columns; what is cut off is replaced by an ellipsis."""
    if width(text) <= columns:
        return text
    if columns <= 0:
        return ""
    return _head(text, columns - 1).rstrip() + ELLIPSIS


def _head(text: str, columns: int) -> str:
    """The longest beginning that fits into `columns`."""
    if text.isascii():
        return text[:columns]
    used = 0
    for index, character in enumerate(text):
        used += width(character)
        if used > columns:
            return text[:index]
    return text


def wrap(text: str, columns: int, *, first: str = "", rest: str = "") -> list[str]:
    """One paragraph as lines of at most `columns`, the first one led in by `first`, the others by `rest`.

    Words longer than a line are broken. There is always at least one line.
    """
    lines: list[str] = []
    line, empty = first, True
    for word in text.split():
        if not empty and width(line) + 1 + width(word) > columns:
            lines.append(line)
            line, empty = rest, True
        while width(line) + width(word) + (not empty) > columns:
            room = max(columns - width(line), 2)
            head = _head(word, room) or word[0]
            if head == word:
                break
            lines.append(line + head)
            line, word = rest, word[len(head) :]
        line += word if empty else " " + word
        empty = False
    return [*lines, line]


def pad(text: str, columns: int) -> str:
    """The text with spaces up to `columns` columns."""
    return text + " " * max(0, columns - width(text))
