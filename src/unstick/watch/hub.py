"""The Hub as the watcher asks it: lists of Spaces with their runtime, single Spaces, the newest log line."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import msgspec

from unstick.observe.live.addresses import same_origin
from unstick.observe.live.options import Options
from unstick.observe.live.wire import Answer, Refused, Wire, unpacked
from unstick.record import NamedTuple
from unstick.watch.budget import Budget
from unstick.watch.reading import seen_of
from unstick.watch.types import GONE, Seen

EXPANDED = ("runtime", "sha", "sdk", "subdomain", "cardData", "private", "disabled")
MOST_PAGES = 400
MOST_BODY = 16 * 1024 * 1024
MOST_LOG = 256 * 1024
LOG_SECONDS = 3.0
RENEWED_AFTER = 600.0
"""Connections and resolved names are kept that long: names move."""

_NEXT = re.compile(r'<([^<>]{1,2000})>\s*;[^,]*?rel="?next"?', re.IGNORECASE)
_STAMP = re.compile(rb'"timestamp"\s*:\s*"([^"]{10,40})"')


class HubTrouble(Exception):
    """The Hub did not give what was asked for: a clause that says why, and whether it may pass by itself."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.status = status


class _Page(NamedTuple):
    """A page of a list as it was last sent, for the next conditional request."""

    etag: str
    seen: tuple[Seen, ...]
    following: str


class Hub:
    """One Hub, one token, one budget. `requests` counts what was sent, by kind and status."""

    def __init__(self, options: Options, per_page: int = 100, clock: Callable[[], float] = time.time) -> None:
        self.options = options
        self.budget = Budget()
        self.requests: dict[tuple[str, int], int] = {}
        self._per_page = per_page
        self._clock = clock
        self._pages: dict[str, _Page] = {}
        self._wire = Wire()
        self._wire_since = time.monotonic()

    async def close(self) -> None:
        """Give the connections back."""
        await self._wire.__aexit__(None, None, None)

    async def renew(self) -> None:
        """Resolve names anew now and then. Call it while nothing is under way."""
        if time.monotonic() - self._wire_since > RENEWED_AFTER:
            await self.close()
            self._wire, self._wire_since = Wire(), time.monotonic()

    def pages_of(self, owner: str) -> int:
        """How many requests the list of this owner took last time; 0 before the first."""
        return sum(1 for url in self._pages if f"author={owner}&" in url)

    async def owner(self, owner: str) -> list[Seen]:
        """Every Space of an owner that the token may see. Raises HubTrouble."""
        query = "&".join(f"expand={name}" for name in EXPANDED)
        url = f"{self.options.endpoint}/api/spaces?author={owner}&limit={self._per_page}&{query}"
        found: list[Seen] = []
        visited: list[str] = []
        while url and len(visited) < MOST_PAGES:
            visited.append(url)
            asked_at = self._clock()
            page = await self._page(url)
            heard = self._clock()
            found += [seen._replace(at=asked_at, heard=heard) for seen in page.seen]
            url = page.following if page.following not in visited else ""
        stale = [key for key in self._pages if f"author={owner}&" in key and key not in visited]
        for key in stale:
            del self._pages[key]
        return found

    async def one(self, space: str) -> Seen:
        """One Space. Raises HubTrouble; a Space that the Hub does not know, or hides, is in stage GONE."""
        query = "&".join(f"expand={name}" for name in EXPANDED)
        asked_at = self._clock()
        answer = await self._get("space", f"{self.options.endpoint}/api/spaces/{space}?{query}")
        if answer.status in (404, 410) or (answer.status == 401 and not self.options.token):
            return Seen(space, asked_at, GONE, heard=self._clock())
        _accept(answer)
        seen = seen_of(_decoded(answer), asked_at, self.options.endpoint)
        if seen is None:
            raise HubTrouble("the Hub's answer has another form than expected")
        return seen._replace(space=space, heard=self._clock())

    async def restart(self, space: str, *, factory: bool = False) -> None:
        """Restart a Space. Raises HubTrouble."""
        path = f"/api/spaces/{space}/restart{'?factory=true' if factory else ''}"
        _accept(await self._get("restart", self.options.endpoint + path, method="POST"))

    async def newest_line(self, space: str, kind: str) -> str | None:
        """The time stamp of the newest line of a log, '' for an empty log, None when it cannot be told."""
        url = f"{self.options.endpoint}/api/spaces/{space}/logs/{kind}?tail=1"
        headers = {**self._headers, "Accept": "text/event-stream", "Accept-Encoding": "identity"}
        self.budget.sent()
        held = b""
        status = 0
        try:
            async with asyncio.timeout(LOG_SECONDS):
                async with self._wire.opened(url, headers=headers, anywhere=True, seconds=LOG_SECONDS) as (
                    response,
                    _,
                ):
                    status = response.status_code
                    self.budget.heard(status, dict(response.headers), self._clock())
                    if status == 200:
                        async for piece in unpacked(response, MOST_LOG):
                            held += piece
                            if len(held) > MOST_LOG:
                                return None
        except TimeoutError:
            pass  # a log that is still written to never ends
        except Refused:
            return None
        except Exception:  # whatever a hostile server provokes in the library
            if not held:
                return None
        finally:
            self._count("log", status)
        stamps = _STAMP.findall(held)
        return (stamps[-1].decode("ascii", "replace") if stamps else "") if status == 200 else None

    async def _page(self, url: str) -> _Page:
        known = self._pages.get(url)
        answer = await self._get("list", url, etag=known.etag if known else "")
        if answer.status == 304 and known:
            return known
        _accept(answer)
        data = _decoded(answer)
        if not isinstance(data, list):
            raise HubTrouble("the Hub's list has another form than expected")
        now = self._clock()
        seen = [seen_of(item, now, self.options.endpoint) for item in data]
        page = _Page(answer.headers.get("etag", ""), tuple(one for one in seen if one), self._next(answer))
        self._pages[url] = page
        return page

    def _next(self, answer: Answer) -> str:
        """The next page, where it is one of this Hub."""
        match = _NEXT.search(answer.headers.get("link", "")[:8000])
        if match is None:
            return ""
        url = urljoin(answer.url, match.group(1))
        return url if same_origin(self.options.endpoint, url) else ""

    @property
    def _headers(self) -> dict[str, str]:
        token = self.options.token
        return {"Authorization": f"Bearer {token}"} if token else {}

    async def _get(self, kind: str, url: str, *, method: str = "GET", etag: str = "") -> Answer:
        headers = {**self._headers, "Accept": "application/json", "Accept-Encoding": "gzip"}
        if etag:
            headers["If-None-Match"] = etag
        wait = self.budget.wait(self._clock())
        if wait:
            raise HubTrouble(f"the rate limit is reached, for {wait:.0f} s more", 429)
        self.budget.sent()
        answer = await self._wire.ask(
            url, method=method, headers=headers, seconds=self.options.patience, most=MOST_BODY, anywhere=True
        )
        if answer.status:
            self.budget.heard(answer.status, answer.headers, self._clock())
        self._count(kind, answer.status)
        return answer

    def _count(self, kind: str, status: int) -> None:
        self.requests[kind, status] = self.requests.get((kind, status), 0) + 1


def _accept(answer: Answer) -> None:
    if answer.status == 0:
        raise HubTrouble(f"the Hub does not answer: {answer.error[:200]}")
    if answer.status == 401:
        raise HubTrouble("the Hub does not accept the token", 401)
    if answer.status == 429:
        raise HubTrouble("the rate limit is reached", 429)
    if not 200 <= answer.status < 300:
        raise HubTrouble(f"the Hub answers {answer.status}", answer.status)
    if answer.cut:
        raise HubTrouble("the Hub's answer is larger than any real one")


def _decoded(answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError):
        raise HubTrouble("the Hub's answer is no JSON") from None
