"""Empties the outbox: one alert after another, in order, each marked before it is sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from unstick.watch import outbox
from unstick.watch.notify import Notifier
from unstick.watch.types import Open
from unstick.watch.wording import title

IDLE = 30.0
"""Seconds after which the outbox is looked at even if nobody said that there is something in it."""

AFTER_TROUBLE = 5.0


class Sender:
    """Sends what is in the outbox. `sent` counts alerts by what came of them."""

    def __init__(
        self, engine: Engine, notifier: Notifier, tell: Callable[[str, dict[str, Any]], None],
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.sent: dict[str, int] = {}
        self._engine = engine
        self._notifier = notifier
        self._tell = tell
        self._clock = clock
        self._something = asyncio.Event()
        self._unsaved: list[tuple[outbox.Alert, bool]] = []

    def wake(self) -> None:
        """There may be something to send."""
        self._something.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until it is stopped."""
        while not stop.is_set():
            self._something.clear()
            wait = await self.drain()
            try:
                async with asyncio.timeout(wait):
                    await self._something.wait()
            except TimeoutError:
                continue

    async def drain(self) -> float:
        """Send everything that is due; the seconds until something more is."""
        try:
            await asyncio.to_thread(self._save)
            while (alert := await asyncio.to_thread(self._take)) is not None:
                # Once begun it is ended: a cancelled sending would be one of which nobody knows.
                await asyncio.shield(asyncio.to_thread(self._send, alert))
            return await asyncio.to_thread(self._wait)
        except SQLAlchemyError as error:
            self._tell("database", {"why": type(error).__name__})
            return AFTER_TROUBLE

    async def tell_interrupted(self, alerts: Sequence[outbox.Alert], opens: Sequence[Open]) -> None:
        """Say which troubles are still open of those that were being told when a watcher was killed. The
        alerts themselves are not repeated."""
        numbers = {alert.trouble for alert in alerts if alert.event == "opened"}
        still = [title(one) for one in opens if one.id in numbers]
        if still:
            body = f"It was stopped while it told of this, which may not have arrived: {'; '.join(still)}."
            await asyncio.to_thread(self._notifier.send, "notice", "unstick watch was started again", body)

    def _take(self) -> outbox.Alert | None:
        with self._engine.begin() as connection:
            return outbox.take(connection, self._clock())

    def _send(self, alert: outbox.Alert) -> None:
        self._unsaved.append((alert, self._notifier.send(alert.event, alert.title, alert.body)))
        self._save()

    def _save(self) -> None:
        """Write what came of sending; what a failing database does not take is kept for the next time."""
        while self._unsaved:
            alert, sent = self._unsaved[0]
            with self._engine.begin() as connection:
                state = outbox.done(connection, alert, sent, self._clock())
            del self._unsaved[0]
            self.sent[state] = self.sent.get(state, 0) + 1
            self._tell("alerted", {"alert": alert, "state": state})

    def _wait(self) -> float:
        with self._engine.connect() as connection:
            due = outbox.next_at(connection)
        return IDLE if due is None else min(IDLE, max(0.5, due - self._clock()))
