"""Regular expressions compiled at their first use: compiling all of them costs more than most checks."""

from __future__ import annotations

import re

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class _Lazy:
    """Stands for a compiled pattern and becomes one at the first look at any of its methods."""

    __slots__ = ("_flags", "_made", "_source")

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags
        self._made: re.Pattern[str] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            self._made = re.compile(self._source, self._flags)
        return getattr(self._made, name)


def lazy(source: str, flags: int = 0) -> re.Pattern[str]:
    """Like `re.compile`, but the work is done at the first use."""
    made: Any = _Lazy(source, flags)
    return made  # type: ignore[no-any-return]
