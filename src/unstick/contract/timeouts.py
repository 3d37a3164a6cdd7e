"""How long things may take: the start-up timeout, its grammar, and the times the platform keeps."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

STARTUP_SECONDS: Final = 30 * 60
"""How long a Space may take to become healthy without startup_duration_timeout (Hub docs:
spaces-config-reference)."""

SLEEP_SECONDS: Final = 48 * 3600
"""cpu-basic sleeps after this long without a visit, and this cannot be changed (Hub docs: spaces-gpus)."""

REQUEST_SECONDS: Final = 60
"""About how long one request may take before the edge answers 504 (reports of users; not documented)."""

UNITS: Final = (("s", 1), ("m", 60), ("h", 3600), ("d", 86400))
"""Units of a duration. The grammar is not documented; 1h and 30m are the documented examples, and the
official command line's own durations are a whole number with one of these (huggingface_hub 2.4 cli)."""


def seconds(duration: str) -> int | None:
    """The length of a duration such as '30m' or '1h' in seconds, or None when it is not of that form."""
    number, unit = duration[:-1], duration[-1:]
    if not (number.isascii() and number.isdigit()) or len(number) > 9:
        return None
    factor = dict(UNITS).get(unit, 0)
    return int(number) * factor if factor and int(number) else None
