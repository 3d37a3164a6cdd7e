"""Which Python versions exist."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

NEWEST_MINOR: Final = 15
"""3.15 came out in October 2026 (PEP 790)."""

LAST_PATCH: Final = {0: 1, 1: 5, 2: 6, 3: 7, 4: 10, 5: 10, 6: 15, 7: 17, 8: 20, 9: 25}
"""The last release of each line that is closed (python.org's list of releases)."""

OPEN_LINES_LIMIT: Final = 40
"""No line has ever had more releases; a line that is still maintained may have any number below it."""


def last_patch(minor: int) -> int:
    """The highest third number that a version 3.minor.x can have."""
    return LAST_PATCH.get(minor, OPEN_LINES_LIMIT)
