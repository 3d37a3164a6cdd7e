"""The numbers that recognition works with, as plain data; a policy file may change each."""

from __future__ import annotations

from unstick.contract.timeouts import STARTUP_SECONDS
from unstick.record import NamedTuple

MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0


class Settings(NamedTuple):
    """All in seconds, unless a name says otherwise.

    `building` is how long a build may take (no limit of the platform is known; rebuilds of 1 to 15 min are
    usual, large CUDA images take more), `silent_build` how long it may write nothing (15 min is odd),
    `starting` the start-up timeout of Spaces that declare none. `own_history` is by which factor a start may
    outlast the longest of the latest ones, once there are `enough_starts`, but never less than
    `own_least`; 0 switches that off. `announced` is how long the app may answer while the stage still says
    that it starts.
    """

    building: float = 45 * MINUTE
    silent_build: float = 15 * MINUTE
    starting: float = float(STARTUP_SECONDS)
    deleting: float = HOUR
    own_history: float = 3.0
    own_least: float = 5 * MINUTE
    enough_starts: int = 5
    announced: float = 5 * MINUTE
    bad_probes: int = 2
    bad_for: float = 0.0
    settle: float = 2 * MINUTE
    flapping_falls: int = 3
    flapping_within: float = HOUR
    slow_factor: float = 2.0
    slow_least: float = MINUTE
    many_at_least: int = 5
    many_at_most: int = 20
    many_share: float = 0.02
    many_within: float = 5 * MINUTE
