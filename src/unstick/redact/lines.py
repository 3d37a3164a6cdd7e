"""Secrets out of a text that comes line by line: a private key goes over many lines."""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.redact import MARK, redact

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 400
"""Lines that a key may have; after so many without an end it was none."""

_BEGIN = lazy(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY")
_END = "-----END "
# What the lines of a key are made of, with the prefix that BuildKit gives to a line of a build log.
_BODY = lazy(
    r"(?:#\d{1,4} \d{1,6}\.\d{1,4} )?[\s\"',>|]*(?:[A-Za-z0-9+/=]*|[A-Za-z-]{3,20}: [^\r\n]{0,120})[\s\"',\\]*"
)


class ByLine:
    """Redacts the lines of one text in their order. `clean` is what is done to a line outside of a key."""

    def __init__(self, clean: Callable[[str], str] = redact) -> None:
        self._clean = clean
        self._left = 0

    def __call__(self, line: str) -> str:
        """The line without secrets."""
        if self._left:
            self._left -= 1
            if _END in line:
                self._left = 0
                return MARK
            if _BODY.fullmatch(line):
                return MARK if line.strip() else line
            self._left = 0
        begin = _BEGIN.search(line)
        if begin is not None and _END not in line[begin.end() :]:
            self._left = MOST
        return self._clean(line)
