"""Runs asynchronous code from plain code, also where an event loop runs already."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")


def run(work: Coroutine[object, object, T]) -> T:
    """The result of a coroutine, on a loop of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
