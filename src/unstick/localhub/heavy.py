"""Threads for work that takes long: they are few, and not those of the other calls."""

from __future__ import annotations

import functools

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Result = TypeVar("Result")

THREADS = 8


@functools.cache
def _limiter() -> Any:
    from anyio import CapacityLimiter

    return CapacityLimiter(THREADS)


async def run(function: Callable[..., Result], *arguments: object) -> Result:
    """What a function gives, run in a thread: commits, pushes and the joining of parts, which wait for git, for
    the disk and for each other, must not keep a call for the stage of a Space waiting."""
    from anyio import to_thread

    return await to_thread.run_sync(functools.partial(function, *arguments), limiter=_limiter())
