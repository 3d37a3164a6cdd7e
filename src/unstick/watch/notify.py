"""Sends alerts through apprise."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from unstick.errors import UsageError
from unstick.redact import redact
from unstick.text import printable

KINDS = {"opened": "failure", "cleared": "success"}


class Notifier:
    """All the addresses that are told. Raises UsageError for one that apprise does not know."""

    def __init__(self, urls: Iterable[str]) -> None:
        self.urls = tuple(urls)
        self._apprise: Any = None
        if self.urls:
            self._apprise = _apprise(self.urls)

    def __bool__(self) -> bool:
        return bool(self.urls)

    def send(self, event: str, title: str, body: str) -> bool:
        """Tell everybody; whether all took it. Blocks for as long as the slowest takes."""
        if self._apprise is None:
            return True
        return bool(
            self._apprise.notify(
                title=printable(redact(title)),
                body=printable(redact(body), lines=True),
                notify_type=KINDS.get(event, "info"),
                body_format="text",
            )
        )


def _apprise(urls: tuple[str, ...]) -> Any:
    import apprise

    # Its log would show addresses, and with them tokens.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    made = apprise.Apprise()
    for number, url in enumerate(urls, 1):
        if not made.add(url):
            raise UsageError(
                f"address {number} ({url.split(':', 1)[0]}:…) is none that apprise knows",
                where="alerts", reference="policy", todo="See its list of services.",
            )  # fmt: skip
    return made
