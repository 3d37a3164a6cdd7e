"""The rest of a private key whose beginning was cut off with the log that it stood in."""

from __future__ import annotations

from unstick.patterns import lazy

_END = lazy(r"^[ \t]*-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----", 8)  # re.MULTILINE
_BODY = lazy(r"[ \t]*[A-Za-z0-9+/=]{16,200}[ \t\r]*")
_LAST = lazy(r"[ \t]*[A-Za-z0-9+/=]{1,200}[ \t\r]*")


def without_rests(text: str, mark: str) -> str:
    """The text with the lines of base64 right before a key's end replaced by one `mark`."""
    parts, done = [], 0
    for end in _END.finditer(text):
        begin = end.start()
        while begin > done:
            before = text.rfind("\n", done, begin - 1) + 1 or done
            line = _LAST if begin == end.start() else _BODY
            if not line.fullmatch(text, before, begin - 1):
                break
            begin = before
        if begin < end.start():
            parts += [text[done:begin], mark, "\n"]
            done = end.start()
    return "".join([*parts, text[done:]])
