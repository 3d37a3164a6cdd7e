"""For commands that run for days, where `unstick.__main__` sets the collector for a run of a moment."""

from __future__ import annotations

import gc

USUAL = (700, 10, 10)
"""Python's own thresholds; with those of a short run rubbish in cycles would never be looked for."""


def stay() -> None:
    """Let the collector look for cycles as often as Python does; what is loaded by now is left out of it."""
    gc.set_threshold(*USUAL)
    gc.collect()
    gc.freeze()
