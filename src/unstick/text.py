"""Text that may be shown: nothing in it can drive a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with everything escaped that is not plainly visible: control characters, escape sequences,
    line ends, marks that change the writing direction, lone surrogates."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\u200d\ufe0f" else _escaped(c) for c in text)


def _escaped(char: str) -> str:
    number = ord(char)
    if 0xDC80 <= number <= 0xDCFF:  # a byte that was no UTF-8, kept by surrogateescape
        return f"\\x{number - 0xDC00:02x}"
    names = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return names.get(char) or (f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}")
