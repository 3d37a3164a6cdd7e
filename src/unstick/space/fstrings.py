"""F-strings that only Python 3.12 and newer read (PEP 701)."""

from __future__ import annotations

import io
import tokenize


def too_new(text: str) -> tuple[int, str]:
    """Line and reason of the first f-string that an older Python refuses; (0, '') when there is none.

    Works on Python 3.12 and newer, where the tokeniser opens f-strings; before that the compiler itself
    refuses them.
    """
    begin = getattr(tokenize, "FSTRING_START", -1)
    end = getattr(tokenize, "FSTRING_END", -1)
    middle = getattr(tokenize, "FSTRING_MIDDLE", -1)
    open_quotes: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == end:
                open_quotes.pop()
            elif open_quotes and token.type != middle:
                why = _refused(token, open_quotes, begin)
                if why:
                    return token.start[0], why
            if token.type == begin:
                open_quotes.append(token.string.lstrip("fFrRbBuUtT"))
    except (tokenize.TokenError, SyntaxError, IndexError):
        return 0, ""
    return 0, ""


def _refused(token: tokenize.TokenInfo, open_quotes: list[str], begin: int) -> str:
    text = token.string
    if token.type == tokenize.COMMENT:
        return "a comment inside an f-string's expression"
    if token.type in {tokenize.STRING, begin}:
        quote = text.lstrip("fFrRbBuUtT")[:3]
        mark = quote if quote in {'"""', "'''"} else quote[:1]
        if any(mark == opened or (len(opened) == 1 and mark[:1] == opened) for opened in open_quotes):
            return "an f-string's expression uses the quotes of the f-string"
    if "\\" in text:
        return "a backslash inside an f-string's expression"
    return ""
