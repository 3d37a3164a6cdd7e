"""The Hub's API as one who only reads it: bounded answers, and a reason for each that fails."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urljoin, urlsplit

from unstick.observe.live.addresses import same_origin
from unstick.observe.live.wire import Answer, Wire
from unstick.observe.quotes import in_a_line
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.text import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from unstick.observe.live.options import Options

REDIRECTS = 4
PAUSES = (0.2, 0.4, 0.8, 1.5)
"""Seconds before a call that the Hub failed is made again."""

MOST_JSON = 8 * 1024 * 1024
SAID = 200
"""Characters kept of what the Hub says."""


class Got(NamedTuple):
    """A decoded answer. `data` is None when there is none, and `reason` says why; `status` 0 means that the
    Hub did not answer. `code` is X-Error-Code, `said` the Hub's own words, `moved` the path that a redirect
    led to, `date` the answer's Date header, `request` its X-Request-Id."""

    data: Any = None
    reason: str = ""
    status: int = 0
    code: str = ""
    said: str = ""
    moved: str = ""
    date: str = ""
    request: str = ""
    failure: str = ""

    @property
    def mapping(self) -> dict[str, Any]:
        """The data where it is an object, else {}."""
        return self.data if isinstance(self.data, dict) else {}


class Hub:
    """One Hub, one caller. All addresses are below the endpoint: a redirect that leaves it is an answer, not
    a way to go."""

    def __init__(self, wire: Wire, options: Options) -> None:
        self.wire = wire
        self.options = options
        self.endpoint = options.endpoint
        self.troubles: list[str] = []
        self.times: list[float] = []

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every call."""
        headers = {"Accept-Encoding": "gzip", "Accept": "application/json"}
        if self.options.token:
            headers["Authorization"] = f"Bearer {self.options.token}"
        return headers

    async def get(self, path: str, *, seconds: float = 0.0, most: int = MOST_JSON) -> Answer:
        """An answer of the Hub; redirects within the endpoint are followed, failures of the Hub tried again.
        The answer's `url` tells where it came from; `troubles` and `times` keep what went badly and how
        long each took."""
        until = time.monotonic() + (seconds or self.options.patience)
        for pause in (*PAUSES, None):
            answer = await self._followed(self.endpoint + path, until, most)
            self.times.append(answer.seconds)
            if answer.status < 500 and answer.failure not in ("protocol", "refused", "timeout"):
                break
            self.troubles.append(f"{path}: {answer.status or answer.error}")
            if pause is None or time.monotonic() + pause >= until:
                break
            await asyncio.sleep(pause)
        return answer

    async def _followed(self, url: str, until: float, most: int) -> Answer:
        answer = Answer(url)
        for _ in range(REDIRECTS):
            left = max(0.1, until - time.monotonic())
            answer = await self.wire.ask(url, headers=self.headers, seconds=left, most=most, anywhere=True)
            to = urljoin(url, answer.headers.get("location", "")) if 300 <= answer.status < 400 else ""
            if not to or not same_origin(self.endpoint, to):
                return answer
            url = to
        return answer

    async def json(self, path: str, *, seconds: float = 0.0) -> Got:
        """An answer decoded, or the reason why there is none."""
        return decoded(await self.get(path, seconds=seconds), self.endpoint + path, bool(self.options.token))


def decoded(answer: Answer, asked: str, with_token: bool) -> Got:
    """What an answer of the API says."""
    import msgspec

    headers = answer.headers
    common = Got(
        status=answer.status,
        code=headers.get("x-error-code", "")[:80],
        moved=urlsplit(answer.url).path if answer.url != asked else "",
        date=headers.get("date", ""),
        request=one_line(headers.get("x-request-id", ""))[:120],
        failure=answer.failure,
    )
    if not answer.status:
        return common._replace(reason=f"the Hub does not answer: {shorten(answer.error, SAID)}")
    if answer.cut:
        return common._replace(reason="the Hub's answer is larger than any real one")
    try:
        data = msgspec.json.decode(answer.body) if answer.body else None
    except (msgspec.DecodeError, RecursionError):
        data = None
    said = in_a_line(headers.get("x-error-message", "") or error_of(data), SAID)
    if answer.status >= 300:
        return common._replace(said=said, reason=reason_of(answer.status, said, headers, with_token))
    if data is None:
        return common._replace(reason="the Hub's answer is no JSON")
    return common._replace(data=data)


def error_of(data: Any) -> str:
    """The words of an error body: `error`, or the messages of `errors`."""
    if not isinstance(data, dict):
        return ""
    if isinstance(data.get("error"), str):
        return str(data["error"])
    rows = data.get("errors")
    if isinstance(rows, list):
        words = [row.get("message") for row in rows[:5] if isinstance(row, dict)]
        return "; ".join(word for word in words if isinstance(word, str))
    return ""


def reason_of(status: int, said: str, headers: Mapping[str, str], with_token: bool) -> str:
    """Why an answer of this status tells nothing, in one clause."""
    if status == 401:
        return "the Hub does not accept the token" if with_token else "only with a token"
    if status == 403:
        return "the token has no right to see it" if with_token else "only for those with a right to it"
    if status == 404:
        return "the Hub knows nothing of it"
    if status == 429:
        return f"the rate limit is reached{_reset(headers)}"
    if 300 <= status < 400:
        return "the Hub sends elsewhere"
    words = f": {said}" if said else ""
    return f"the Hub answers {status}{words}"


def _reset(headers: Mapping[str, str]) -> str:
    """When the rate limit ends: `RateLimit: "api";r=0;t=55`."""
    for part in headers.get("ratelimit", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == "t" and value.isdigit() and len(value) < 7:
            return f", for {value} s more"
    return ""
